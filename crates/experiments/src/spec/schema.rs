//! The JSON Schema of a spec. Editors use it to complete keys and to show their documentation.
//!
//! The tables of the spec are derived from [`Spec`]; the settings of environments and agents come from the
//! catalogue. The checks of a spec do not use it.

use schemars::schema_for;
use serde_json::{Map, Value, json};
use zerolab_metrics::published::PublishedTables;

use super::axis::RandomAxis;
use super::catalogue::{Catalogue, Configurable, Figure};
use super::measures::{OF_EVENTS, OLDER_NAMES, plain_names};
use super::sections::Spec;

/// The JSON Schema of a spec that uses the names in `catalogue`.
pub fn schema(catalogue: &Catalogue) -> Value {
    let mut root = schema_for!(Spec).to_value();
    let mut definitions = Definitions::of(&mut root);
    for entry in &catalogue.environments {
        definitions.add_environment(entry);
    }
    for entry in &catalogue.agents {
        definitions.add_agent(entry, catalogue);
    }
    definitions.add_sweep();
    if let Some(figures) = &catalogue.figures {
        definitions.restrict_figures(figures);
    }
    let older = OLDER_NAMES.map(str::to_owned);
    definitions.allow_measures("Hypothesis", "metric", [plain_names(), older.into()].concat());
    // The empty text is the default.
    definitions.allow_measures("Figure", "y", [plain_names(), vec![String::new()]].concat());
    definitions.add_published();

    let environments =
        catalogue.environments.iter().map(|entry| reference("environment", entry.name));
    extend(
        &mut root["properties"]["environment"],
        json!({
            "additionalProperties": true,
            "anyOf": environments.collect::<Vec<_>>(),
        }),
    );
    let kinds = catalogue.agents.iter().map(|entry| reference("agent", entry.name));
    extend(
        &mut root["properties"]["agents"],
        json!({
            "minProperties": 1,
            "properties": by_preset(catalogue),
            "additionalProperties": { "anyOf": kinds.collect::<Vec<_>>() },
        }),
    );
    extend(&mut root["properties"]["sweep"], json!({ "$ref": "#/$defs/sweep" }));
    // A spec without agents shows published results only.
    root["anyOf"] = json!([
        { "required": ["agents", "environment", "evaluation"] },
        { "required": ["published"], "not": { "required": ["agents"] } },
    ]);
    root["$defs"] = Value::Object(definitions.named);
    root
}

/// The schemas of `[agents.NAME]` where NAME is a preset.
fn by_preset(catalogue: &Catalogue) -> Map<String, Value> {
    let presets = catalogue.presets.iter().map(|preset| {
        let mut place = reference("agent", &kind_of(preset.toml));
        place["description"] = json!(format!("The preset `{}`: {}.", preset.name, preset.summary));
        (preset.name.to_owned(), place)
    });
    presets.collect()
}

/// The kind of agent in a preset.
pub(super) fn kind_of(preset: &str) -> String {
    let table: toml::Table = preset.parse().unwrap_or_default();
    table.get("agent").and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

/// The schemas in `$defs`.
struct Definitions {
    named: Map<String, Value>,
}

impl Definitions {
    /// Takes the definitions out of `root`.
    fn of(root: &mut Value) -> Self {
        let named = root.as_object_mut().and_then(|root| root.remove("$defs"));
        Self { named: named.and_then(|named| named.as_object().cloned()).unwrap_or_default() }
    }

    fn add_environment(&mut self, entry: &Configurable) {
        let name = json!({ "const": entry.name, "description": "The environment's name." });
        self.add_entry("environment", entry, "name", name);
    }

    fn add_agent(&mut self, entry: &Configurable, catalogue: &Catalogue) {
        let presets = catalogue.presets.iter().filter(|preset| kind_of(preset.toml) == entry.name);
        let presets: Vec<_> = presets.map(|preset| preset.name).collect();
        let preset = json!({
            "enum": presets,
            "description": "The preset that the settings start from. The default is the preset with the agent's name.",
        });
        self.add_entry("agent", entry, "preset", preset);
    }

    /// Adds the settings of an environment or agent, together with the key that names it in the spec.
    fn add_entry(&mut self, group: &str, entry: &Configurable, key: &str, value: Value) {
        let mut schema = (entry.schema)().to_value();
        let name = definition(group, entry.name);
        for (inner, mut part) in Self::of(&mut schema).named {
            rename_references(&mut part, &name);
            self.named.insert(format!("{name}.{inner}"), part);
        }
        rename_references(&mut schema, &name);
        let mut properties = schema.get("properties").cloned().unwrap_or_else(|| json!({}));
        properties[key] = value;
        extend(
            &mut schema,
            json!({
                "$schema": null,
                "title": entry.name,
                "description": entry.summary,
                "properties": properties,
            }),
        );
        self.named.insert(name, schema);
    }

    /// Adds `[sweep]`, its blocks and its axes.
    fn add_sweep(&mut self) {
        let mut random = schema_for!(RandomAxis).to_value();
        extend(&mut random, json!({ "$schema": null }));
        self.named.insert("random-axis".to_owned(), random);
        let axis = json!({ "$ref": "#/$defs/axis" });
        self.named.insert("axis".to_owned(), json!({
            "description": "The values of a key: a list, or values drawn at random. A table of further keys is the same as dotted keys.",
            "anyOf": [
                { "type": "array", "minItems": 1 },
                { "$ref": "#/$defs/random-axis" },
                { "type": "object", "additionalProperties": axis },
            ],
        }));
        let zip = json!({
            "description": "Tables whose axes advance together. All lists of a table have the same length.",
            "type": "array",
            "items": { "type": "object", "minProperties": 1, "additionalProperties": axis },
        });
        let exclude = json!({
            "description": "Runs to leave out: those that have all the values of a table.",
            "type": "array",
            "items": { "type": "object", "minProperties": 1 },
        });
        let block = json!({
            "description": "Several sweeps. Each is crossed with the axes outside of blocks, and the result is their union.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": { "zip": zip, "exclude": exclude },
                "additionalProperties": axis,
            },
        });
        self.named.insert(
            "sweep".to_owned(),
            json!({
                "type": "object",
                "minProperties": 1,
                "properties": { "zip": zip, "exclude": exclude, "block": block },
                "additionalProperties": axis,
            }),
        );
    }

    /// Adds the names that `[published]` may list, if the tables can be read.
    fn add_published(&mut self) {
        let Ok(published) = PublishedTables::read() else { return };
        let benchmarks = published.benchmarks();
        let mut names: Vec<String> = Vec::new();
        for name in benchmarks.iter().flat_map(|benchmark| published.names(benchmark)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let list = |values: Value| json!({ "minItems": 1, "uniqueItems": true, "items": { "enum": values } });
        if let Some(table) = self.named.get_mut("Published") {
            extend(&mut table["properties"]["benchmarks"], list(json!(benchmarks)));
            extend(&mut table["properties"]["algorithms"], list(json!(names)));
            extend(&mut table["properties"]["facts"], list(json!(published.facts())));
            table["anyOf"] =
                json!([{ "required": ["benchmarks", "algorithms"] }, { "required": ["facts"] }]);
        }
    }

    /// Restricts the figures to the kinds that exist, and x to what each kind can show.
    fn restrict_figures(&mut self, figures: &[Figure]) {
        let kinds: Vec<_> = figures.iter().map(|figure| figure.kind).collect();
        self.restrict("Figure", "kind", json!(kinds));
        let Some(table) = self.named.get_mut("Figure") else { return };
        let choices = figures.iter().map(|figure| {
            // The empty text is the default.
            let xs: Vec<_> = figure.xs.iter().chain(&[""]).collect();
            let mut choice =
                json!({ "properties": { "kind": { "const": figure.kind }, "x": { "enum": xs } } });
            if !figure.has_y {
                choice["properties"]["y"] = json!({ "enum": [""] });
            }
            choice
        });
        extend(table, json!({ "anyOf": choices.collect::<Vec<_>>() }));
    }

    /// Restricts a key of a table to the measures of events and `names`.
    fn allow_measures(&mut self, table: &str, key: &str, names: Vec<String>) {
        if let Some(table) = self.named.get_mut(table) {
            table["properties"][key]["anyOf"] =
                json!([{ "enum": names }, { "pattern": OF_EVENTS }]);
        }
    }

    /// Restricts a key of a table to `values`.
    fn restrict(&mut self, table: &str, key: &str, values: Value) {
        if let Some(table) = self.named.get_mut(table) {
            table["properties"][key]["enum"] = values;
        }
    }
}

fn definition(group: &str, name: &str) -> String {
    format!("{group}.{}", name.replace('/', "."))
}

fn reference(group: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{}", definition(group, name)) })
}

/// Renames the references inside a schema to its definitions under their new names.
fn rename_references(schema: &mut Value, owner: &str) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(path) if key == "$ref" => {
                        *path = path.replace("#/$defs/", &format!("#/$defs/{owner}."));
                    }
                    _ => rename_references(value, owner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_references(item, owner)),
        _ => {}
    }
}

/// Sets the keys of `more`; a null removes a key.
fn extend(schema: &mut Value, more: Value) {
    let (Some(schema), Value::Object(more)) = (schema.as_object_mut(), more) else { return };
    for (key, value) in more {
        if value.is_null() {
            schema.remove(&key);
        } else {
            schema.insert(key, value);
        }
    }
}

//! The JSON Schema of a spec, so that an editor completes it and shows what each key means.
//!
//! The tables of the spec itself are derived from [`Spec`]; the settings of environments and agents come
//! from the catalogue. Checking a spec does not use it.

use schemars::schema_for;
use serde_json::{Map, Value, json};
use zerolab_metrics::published::PublishedTables;

use super::axis::RandomAxis;
use super::catalogue::{Catalogue, Kind};
use super::head::{FIGURE_AXES, METRICS};
use super::sections::Spec;

/// The JSON Schema of a spec that may name what is in the catalogue.
pub fn schema(catalogue: &Catalogue) -> Value {
    let mut root = schema_for!(Spec).to_value();
    let mut definitions = Definitions::of(&mut root);
    for kind in &catalogue.environments {
        definitions.add_environment(kind);
    }
    for kind in &catalogue.agents {
        definitions.add_agent(kind, catalogue);
    }
    definitions.add_sweep();
    if let Some(kinds) = &catalogue.figure_kinds {
        definitions.restrict("Figure", "kind", json!(kinds));
    }
    definitions.restrict("Figure", "x", json!(FIGURE_AXES));
    definitions.restrict("Hypothesis", "metric", json!(METRICS));
    definitions.add_published();

    let environments =
        catalogue.environments.iter().map(|kind| reference("environment", kind.name));
    extend(
        &mut root["properties"]["environment"],
        json!({
            "additionalProperties": true,
            "anyOf": environments.collect::<Vec<_>>(),
        }),
    );
    let kinds = catalogue.agents.iter().map(|kind| reference("agent", kind.name));
    extend(
        &mut root["properties"]["agents"],
        json!({
            "minProperties": 1,
            "properties": by_preset(catalogue),
            "additionalProperties": { "anyOf": kinds.collect::<Vec<_>>() },
        }),
    );
    extend(&mut root["properties"]["sweep"], json!({ "$ref": "#/$defs/sweep" }));
    // Who runs nothing shows what others published.
    root["anyOf"] = json!([{ "required": ["agents"] }, { "required": ["published"] }]);
    root["$defs"] = Value::Object(definitions.named);
    root
}

/// `[agents.NAME]` where NAME is a preset: what the preset's kind of agent has.
fn by_preset(catalogue: &Catalogue) -> Map<String, Value> {
    let presets = catalogue.presets.iter().map(|preset| {
        let mut place = reference("agent", &kind_of(preset.toml));
        place["description"] = json!(format!("The preset `{}`: {}.", preset.name, preset.summary));
        (preset.name.to_owned(), place)
    });
    presets.collect()
}

/// The kind of agent that a preset is of.
fn kind_of(preset: &str) -> String {
    let table: toml::Table = preset.parse().unwrap_or_default();
    table.get("agent").and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

/// The schemas that are referred to by name.
struct Definitions {
    named: Map<String, Value>,
}

impl Definitions {
    /// Those of `root`, taken out of it.
    fn of(root: &mut Value) -> Self {
        let named = root.as_object_mut().and_then(|root| root.remove("$defs"));
        Self { named: named.and_then(|named| named.as_object().cloned()).unwrap_or_default() }
    }

    fn add_environment(&mut self, kind: &Kind) {
        let name = json!({ "const": kind.name, "description": "The environment's name." });
        self.add_kind("environment", kind, "name", name);
    }

    fn add_agent(&mut self, kind: &Kind, catalogue: &Catalogue) {
        let presets = catalogue.presets.iter().filter(|preset| kind_of(preset.toml) == kind.name);
        let presets: Vec<_> = presets.map(|preset| preset.name).collect();
        let preset = json!({
            "enum": presets,
            "description": "The preset that the settings start from; by default the one of the agent's name.",
        });
        self.add_kind("agent", kind, "preset", preset);
    }

    /// The settings of a kind, with the key that the spec keeps beside them.
    fn add_kind(&mut self, group: &str, kind: &Kind, key: &str, value: Value) {
        let mut schema = (kind.schema)().to_value();
        let name = definition(group, kind.name);
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
                "title": kind.name,
                "description": kind.summary,
                "properties": properties,
            }),
        );
        self.named.insert(name, schema);
    }

    /// `[sweep]`, its blocks and its axes.
    fn add_sweep(&mut self) {
        let mut random = schema_for!(RandomAxis).to_value();
        extend(&mut random, json!({ "$schema": null }));
        self.named.insert("random-axis".to_owned(), random);
        let axis = json!({ "$ref": "#/$defs/axis" });
        self.named.insert("axis".to_owned(), json!({
            "description": "The values of a key: a list, or values drawn at random. A table of further keys stands for dotted ones.",
            "anyOf": [
                { "type": "array", "minItems": 1 },
                { "$ref": "#/$defs/random-axis" },
                { "type": "object", "additionalProperties": axis },
            ],
        }));
        let zip = json!({
            "description": "Tables whose axes advance together: their lists are equally long.",
            "type": "array",
            "items": { "type": "object", "minProperties": 1, "additionalProperties": axis },
        });
        let exclude = json!({
            "description": "Runs that are not wanted: those for which every key of a table has the value given.",
            "type": "array",
            "items": { "type": "object", "minProperties": 1 },
        });
        let block = json!({
            "description": "Sweeps of their own, each crossed with the axes outside of blocks. Together they are a union.",
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

    /// The names that `[published]` may list, where the tables can be read.
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
        }
    }

    /// Lets a key of a table be one of `values` only.
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

/// Points the references inside a schema at its definitions under their new names.
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

/// Sets the keys of `more`; a null takes a key away.
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

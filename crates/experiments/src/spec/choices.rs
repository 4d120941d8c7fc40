//! Settings that are a choice between several tables, found in their JSON Schema.
//!
//! A Rust enum whose variants hold tables (`network.mlp.width`, `network.residual.channels`) must have
//! exactly one of them. If a spec sets a key of another variant than the preset's, it switches to that
//! variant. Merging therefore has to know these places. This file does not validate; the registry does.

use serde_json::Value;

/// A place in a schema. The default is no place: it has no keys and is no choice.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Choices<'a> {
    /// The whole schema, and the part of it for this place.
    at: Option<(&'a Value, &'a Value)>,
}

impl<'a> Choices<'a> {
    /// The top level of the settings that `schema` describes.
    pub fn new(schema: &'a Value) -> Self {
        Self { at: Some((schema, schema)) }
    }

    /// The place of `key` in the table at this place.
    pub fn child(self, key: &str) -> Self {
        let at = self.at.and_then(|(root, part)| Some((root, property(root, part, key)?)));
        Self { at }
    }

    /// Whether `settings` have the key `path`, or may have it. An optional key that is not set counts; a key
    /// of a variant that is not chosen does not.
    pub fn has(self, settings: Option<&toml::Table>, path: &[String]) -> bool {
        let Some((key, rest)) = path.split_first() else { return true };
        let value = settings.and_then(|table| table.get(key));
        let possible = value.is_some() || (!self.is_choice() && self.child(key).at.is_some());
        possible && self.child(key).has(value.and_then(toml::Value::as_table), rest)
    }

    /// Whether this place is a choice between several tables.
    pub fn is_choice(self) -> bool {
        self.at.is_some_and(|(root, part)| {
            let alternatives = alternatives(follow(root, part));
            let tables = |part: &&Value| follow(root, part).get("properties").is_some();
            alternatives.clone().filter(|part| part["type"] != "null").count() > 1
                && alternatives.clone().any(|part| tables(&part))
        })
    }
}

/// The dotted paths of all keys in the settings that `schema` describes.
pub(super) fn paths(schema: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    add_paths(schema, schema, "", &mut paths);
    paths.sort();
    paths.dedup();
    paths
}

/// Tables are not nested deeper than this.
const DEEPEST: usize = 8;

fn add_paths(root: &Value, part: &Value, above: &str, paths: &mut Vec<String>) {
    if above.matches('.').count() > DEEPEST {
        return;
    }
    let part = follow(root, part);
    for (key, inner) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{above}{key}");
        add_paths(root, inner, &format!("{path}."), paths);
        paths.push(path);
    }
    alternatives(part).for_each(|inner| add_paths(root, inner, above, paths));
}

/// The schemas that a schema is a choice of.
pub(super) fn alternatives(part: &Value) -> impl Iterator<Item = &Value> + Clone {
    ["oneOf", "anyOf"].into_iter().filter_map(|key| part.get(key)?.as_array()).flatten()
}

fn property<'a>(root: &'a Value, part: &'a Value, key: &str) -> Option<&'a Value> {
    let part = follow(root, part);
    let own = part.get("properties").and_then(|properties| properties.get(key));
    own.or_else(|| alternatives(part).find_map(|inner| property(root, inner, key)))
}

/// The schema that a `$ref` points to.
pub(super) fn follow<'a>(root: &'a Value, part: &'a Value) -> &'a Value {
    let target = part.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(part)
}

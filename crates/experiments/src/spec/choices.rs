//! Where settings are a choice of one among several tables, read off their JSON Schema.
//!
//! A Rust enum whose variants hold tables (`network.mlp.width`, `network.residual.channels`) must have
//! exactly one of them. A person who sets a key of another variant than the preset's means to switch, so
//! merging must know such places. No validation here: that is the registry's.

use serde_json::Value;

/// A place in a schema. The default knows nothing and chooses nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Choices<'a> {
    /// The whole schema and the part for this place.
    at: Option<(&'a Value, &'a Value)>,
}

impl<'a> Choices<'a> {
    /// The top of the settings that `schema` describes.
    pub fn new(schema: &'a Value) -> Self {
        Self { at: Some((schema, schema)) }
    }

    /// The place of `key` in the table here.
    pub fn child(self, key: &str) -> Self {
        let at = self.at.and_then(|(root, part)| Some((root, property(root, part, key)?)));
        Self { at }
    }

    /// Whether `settings` have a key at `path`, or could be given it: an optional key that is not set
    /// counts, one of a variant that is not chosen does not.
    pub fn has(self, settings: Option<&toml::Table>, path: &[String]) -> bool {
        let Some((key, rest)) = path.split_first() else { return true };
        let value = settings.and_then(|table| table.get(key));
        let possible = value.is_some() || (!self.is_choice() && self.child(key).at.is_some());
        possible && self.child(key).has(value.and_then(toml::Value::as_table), rest)
    }

    /// Whether the value here is one of several tables.
    pub fn is_choice(self) -> bool {
        self.at.is_some_and(|(root, part)| {
            let alternatives = alternatives(follow(root, part));
            let tables = |part: &&Value| follow(root, part).get("properties").is_some();
            alternatives.clone().filter(|part| part["type"] != "null").count() > 1
                && alternatives.clone().any(|part| tables(&part))
        })
    }
}

fn alternatives(part: &Value) -> impl Iterator<Item = &Value> + Clone {
    ["oneOf", "anyOf"].into_iter().filter_map(|key| part.get(key)?.as_array()).flatten()
}

fn property<'a>(root: &'a Value, part: &'a Value, key: &str) -> Option<&'a Value> {
    let part = follow(root, part);
    let own = part.get("properties").and_then(|properties| properties.get(key));
    own.or_else(|| alternatives(part).find_map(|inner| property(root, inner, key)))
}

/// The schema that a `$ref` stands for.
fn follow<'a>(root: &'a Value, part: &'a Value) -> &'a Value {
    let target = part.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(part)
}

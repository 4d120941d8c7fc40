//! The settings of environments and agents with what a reader needs to choose a value: type, range, values in the
//! presets, and one sentence.
//!
//! All of it but the values comes from the JSON Schema, which is made of the declarations of the settings. So nothing
//! is written twice. A test checks that the ranges are those that the program enforces.

use schemars::Schema;
use serde::Serialize;
use serde_json::Value;
use zerolab_metrics::format::{count, enumerated};

use super::catalogue::{Catalogue, Configurable, Preset};
use super::choices::{alternatives, follow};
use super::schema::kind_of;

/// The settings of an environment or of a kind of agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingsList {
    /// The names that have exactly these settings: of environments, or of presets.
    pub names: Vec<&'static str>,
    /// The name of the kind of agent; `None` for environments.
    pub agent: Option<&'static str>,
    /// The settings, by key.
    pub settings: Vec<Setting>,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its key, such as `search.simulations`.
    pub key: String,
    /// `whole number`, `number`, `true or false`, `word`, `text`, `list of numbers`, …
    pub r#type: String,
    /// The numbers that it can be, such as `at least 1`, or the words; empty if there is no limit.
    pub range: String,
    /// The first sentence of its documentation.
    pub meaning: String,
    /// Its value for each name of [`SettingsList::names`], as TOML; the default of an environment.
    pub values: Vec<String>,
}

/// The settings of every environment and kind of agent. Environments that differ only in their name are one list.
#[must_use]
pub fn settings_lists(catalogue: &Catalogue) -> Vec<SettingsList> {
    let agents = catalogue.agents.iter().map(|agent| {
        let presets = catalogue.presets.iter().filter(|preset| kind_of(preset.toml) == agent.name);
        let presets: Vec<&Preset> = presets.collect();
        let tables: Vec<toml::Table> =
            presets.iter().map(|preset| complete(agent, preset.toml, "agent")).collect();
        SettingsList {
            names: presets.iter().map(|preset| preset.name).collect(),
            agent: Some(agent.name),
            settings: settings(agent, &tables),
        }
    });
    let mut lists: Vec<SettingsList> = agents.collect();
    let agents = lists.len();
    for environment in &catalogue.environments {
        let settings = settings(environment, &[complete(environment, "", "")]);
        match lists[agents..].iter_mut().find(|list| list.settings == settings) {
            Some(same) => same.names.push(environment.name),
            None => {
                lists.push(SettingsList { names: vec![environment.name], agent: None, settings })
            }
        }
    }
    lists
}

/// The settings of the environment, preset or kind of agent called `name`.
#[must_use]
pub fn settings_of(catalogue: &Catalogue, name: &str) -> Option<SettingsList> {
    settings_lists(catalogue)
        .into_iter()
        .find(|list| list.agent == Some(name) || list.names.contains(&name))
}

/// The complete settings from the text of a preset, whose key `except` is not a setting.
fn complete(entry: &Configurable, toml: &str, except: &str) -> toml::Table {
    let mut table: toml::Table = toml.parse().unwrap_or_default();
    table.remove(except);
    (entry.resolve)(&table).unwrap_or_default()
}

/// The settings of an entry, with their values in `tables`.
fn settings(entry: &Configurable, tables: &[toml::Table]) -> Vec<Setting> {
    let mut found = declared_settings(&(entry.schema)());
    for setting in &mut found {
        let value = |table| value_at(table, &setting.key).map_or_else(String::new, toml_text);
        setting.values = tables.iter().map(value).collect();
    }
    found
}

/// The settings that a schema declares, each with its default, if it is declared there.
pub(super) fn declared_settings(schema: &Schema) -> Vec<Setting> {
    let schema = schema.as_value();
    let mut found = Vec::new();
    add_settings(schema, schema, "", &mut found);
    found
}

fn add_settings(root: &Value, part: &Value, above: &str, found: &mut Vec<Setting>) {
    let properties = follow(root, part).get("properties").and_then(Value::as_object);
    for (key, declared) in properties.into_iter().flatten() {
        let key = format!("{above}{key}");
        let inner = follow(root, declared);
        if inner.get("properties").is_some() {
            add_settings(root, inner, &format!("{key}."), found);
        } else {
            // A reference may have a description of its own beside it.
            let text = declared.get("description").or_else(|| inner.get("description"));
            let meaning = first_sentence(text.and_then(Value::as_str).unwrap_or_default());
            let (r#type, range) = type_and_range(root, inner);
            let default =
                declared.get("default").and_then(|value| toml::Value::try_from(value).ok());
            let values = default.iter().map(toml_text).collect();
            found.push(Setting { key, r#type, range, meaning, values });
        }
    }
}

/// The type of a setting and the values that it can have.
fn type_and_range(root: &Value, part: &Value) -> (String, String) {
    let words: Vec<String> = words(part);
    if !words.is_empty() {
        return ("word".to_owned(), words.join(", "));
    }
    let r#type = match part["type"].as_str() {
        Some("integer") => "whole number",
        Some("number") => "number",
        Some("boolean") => "true or false",
        Some("array") => {
            let (elements, range) = type_and_range(root, follow(root, &part["items"]));
            return (format!("list of {elements}s"), range);
        }
        _ => "text",
    };
    (r#type.to_owned(), range(part))
}

/// The words of an enumeration.
fn words(part: &Value) -> Vec<String> {
    let listed = part.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = alternatives(part).filter_map(|one| one.get("const"));
    let lists = alternatives(part).filter_map(|one| one.get("enum")?.as_array()).flatten();
    let words = listed.chain(described).chain(lists);
    words.filter_map(Value::as_str).map(|word| format!("\"{word}\"")).collect()
}

/// The range of a number.
fn range(part: &Value) -> String {
    let number = |key: &str| part.get(key).and_then(Value::as_f64);
    let least = number("minimum").map(|least| format!("at least {}", written(least)));
    let above = number("exclusiveMinimum").map(|above| format!("above {}", written(above)));
    let most = number("maximum").map(|most| format!("at most {}", written(most)));
    match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => format!("from {} to {}", written(least), written(most)),
        _ => enumerated(&least.into_iter().chain(above).chain(most).collect::<Vec<_>>()),
    }
}

fn written(number: f64) -> String {
    if number.fract() == 0.0 && number >= 0.0 { count(number as u64) } else { number.to_string() }
}

fn value_at<'a>(table: &'a toml::Table, key: &str) -> Option<&'a toml::Value> {
    match key.split_once('.') {
        Some((first, rest)) => value_at(table.get(first)?.as_table()?, rest),
        None => table.get(key),
    }
}

/// A value as it is written in a spec.
fn toml_text(value: &toml::Value) -> String {
    match value {
        toml::Value::Integer(number) if *number >= 10_000 => {
            count(number.unsigned_abs()).replace(',', "_")
        }
        toml::Value::Float(number) if *number != 0.0 && number.abs() < 1e-3 => {
            format!("{number:e}")
        }
        value => value.to_string(),
    }
}

/// The text up to the first full stop after which a new sentence begins, on one line.
fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut depth = 0;
    for (index, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '.' if depth == 0 => {
                let mut rest = text[index + 1..].chars();
                let begins =
                    |next: char| next.is_uppercase() || next.is_ascii_digit() || next == '`';
                if rest.next() == Some(' ') && rest.next().is_some_and(begins) {
                    return text[..=index].to_owned();
                }
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_where_another_one_begins() {
        for (text, sentence) in [
            ("One.", "One."),
            ("One\ntwo. Three.", "One two."),
            (
                "Weight (van Hasselt et al. 2016. See there), 0.25. More.",
                "Weight (van Hasselt et al. 2016. See there), 0.25.",
            ),
            ("No end", "No end"),
            ("Atari: 0.3. `x` is more.", "Atari: 0.3."),
        ] {
            assert_eq!(first_sentence(text), sentence);
        }
    }
}

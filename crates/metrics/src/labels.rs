//! The names of a variant: an agent, or an environment, with the swept settings that apply to it.
//!
//! Plans, states of runs, tables and figures all use these names.

use std::collections::BTreeMap;

/// The swept keys of a run as written in the spec, such as `agents.*.search.simulations`, and their values.
pub type Axes = BTreeMap<String, String>;

/// The agent with its swept settings except those of the keys `excluded`, as
/// `efficientzero [search.simulations=16]`.
#[must_use]
pub fn agent_label(agent: &str, axes: &Axes, excluded: &[&str]) -> String {
    label(
        agent,
        kept(axes, excluded).filter_map(|(key, value)| Some((agent_key(key, agent)?, value))),
    )
}

/// The environment with its swept options except those of the keys `excluded`, as `catch [rows=10]`.
#[must_use]
pub fn environment_label(environment: &str, axes: &Axes, excluded: &[&str]) -> String {
    label(
        environment,
        kept(axes, excluded).filter_map(|(key, value)| Some((option_key(key)?, value))),
    )
}

/// An examination with the values of its axes, as `search[search.simulations=16]`. Names of measures contain it.
#[must_use]
pub fn examination_label(name: &str, axes: &Axes) -> String {
    let axes: Vec<String> = axes.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if axes.is_empty() { name.to_owned() } else { format!("{name}[{}]", axes.join(", ")) }
}

/// Short names of settings that are swept often.
const SHORT: [(&str, &str); 3] =
    [("learning_rate", "lr"), ("simulations", "sims"), ("batch_size", "batch")];

/// The swept settings of a run in short form, such as `lr=1e-3 sims=16`. A setting has the last part of its key, or the
/// last two where that is not enough to tell two settings apart. The environment's name is left out.
#[must_use]
pub fn short_settings(axes: &Axes) -> String {
    let keys = axes.keys().map(String::as_str).filter(|key| *key != "environment.name");
    let keys: Vec<&str> = keys.collect();
    let setting = |key: &&str| format!("{}={}", short_key(key, &keys), short_value(&axes[*key]));
    keys.iter().map(setting).collect::<Vec<_>>().join(" ")
}

/// A label with short forms of its settings, such as `efficientzero [lr=1e-3, sims=16]`. Two labels can have one short
/// form, if their settings differ only in the parts left out.
#[must_use]
pub fn short_label(label: &str) -> String {
    let Some(parts) = LabelParts::of(label) else { return label.to_owned() };
    parts.with(parts.name, &parts.settings, short_value) + &short_label(parts.rest)
}

/// Labels by what differs between them, such as `lr=1e-3, sims=16`. Settings have short names. A setting with one value
/// in all variants of an agent is left out, and so is the name of an agent if all labels have it. Numbers have three
/// digits. If two labels would become equal, numbers stay whole, and if that is not enough, all labels do.
#[must_use]
pub fn differing_labels(labels: &[&str]) -> Vec<String> {
    let parsed: Vec<LabelParts<'_>> =
        labels.iter().map(|label| LabelParts::or_name(label)).collect();
    let one_name = labels.len() > 1 && parsed.iter().all(|parts| parts.name == parsed[0].name);
    let differs = |parts: &LabelParts<'_>, setting: &str| {
        let mut same_agent = parsed.iter().filter(|other| other.name == parts.name);
        same_agent.any(|other| !other.settings.contains(&setting))
    };
    let text = |parts: &LabelParts<'_>, value: fn(&str) -> String| {
        let settings = parts.settings.iter().copied().filter(|setting| differs(parts, setting));
        let settings: Vec<&str> = settings.collect();
        let name = if one_name && !settings.is_empty() { "" } else { parts.name };
        parts.with(name, &settings, value) + parts.rest
    };
    let texts = |value| parsed.iter().map(|parts| text(parts, value)).collect::<Vec<_>>();
    let all_differ =
        |texts: &Vec<String>| (1..texts.len()).all(|index| !texts[..index].contains(&texts[index]));
    let short = [rounded_value, short_value].into_iter().map(texts).find(all_differ);
    short.unwrap_or_else(|| labels.iter().map(|label| (*label).to_owned()).collect())
}

/// The parts of a label such as `efficientzero [search.simulations=16] (5 seeds)`.
struct LabelParts<'a> {
    name: &'a str,
    /// Each as `key=value`.
    settings: Vec<&'a str>,
    /// What follows the settings.
    rest: &'a str,
}

impl<'a> LabelParts<'a> {
    /// Nothing if the label has no brackets.
    fn of(label: &'a str) -> Option<Self> {
        let (name, rest) = label.split_once(" [")?;
        let end = closing_bracket(rest)?;
        Some(Self { name, settings: split_outside_brackets(&rest[..end]), rest: &rest[end + 1..] })
    }

    fn or_name(label: &'a str) -> Self {
        Self::of(label).unwrap_or(Self { name: label, settings: Vec::new(), rest: "" })
    }

    /// A label of a name and some of the settings, in short form. Keys are shortened as far as all of the label's
    /// settings stay distinct.
    fn with(&self, name: &str, settings: &[&str], value: fn(&str) -> String) -> String {
        let keys: Vec<&str> =
            self.settings.iter().filter_map(|it| Some(it.split_once('=')?.0)).collect();
        let short = |setting: &&str| match setting.split_once('=') {
            Some((key, written)) => format!("{}={}", short_key(key, &keys), value(written)),
            None => (*setting).to_owned(),
        };
        let short: Vec<String> = settings.iter().map(short).collect();
        match (name, short.join(", ")) {
            (name, settings) if settings.is_empty() => name.to_owned(),
            ("", settings) => settings,
            (name, settings) => format!("{name} [{settings}]"),
        }
    }
}

/// The settings of a label, each as `key=value`.
#[must_use]
pub fn settings_of_label(label: &str) -> Vec<&str> {
    LabelParts::or_name(label).settings
}

/// The place of the bracket that closes the one before `text`.
fn closing_bracket(text: &str) -> Option<usize> {
    let mut depth = 1;
    text.char_indices().find_map(|(place, c)| {
        depth += match c {
            '[' => 1,
            ']' => -1,
            _ => 0,
        };
        (depth == 0).then_some(place)
    })
}

/// The parts between commas, except those inside brackets: a value can be an array.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (place, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 && text[place..].starts_with(", ") => {
                parts.push(&text[start..place]);
                start = place + 2;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The short names of settings: `lr` for `optimizer.learning_rate`.
#[must_use]
pub fn short_keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| short_key(key, keys).to_owned()).collect()
}

/// The last part of a key, or the last two if another of `keys` has the same last part. A key of a phase stays whole: its
/// last part would look like that of the whole run.
fn short_key<'a>(key: &'a str, keys: &[&str]) -> &'a str {
    if key.starts_with("phase.") {
        return key;
    }
    let one = last_parts(key, 1);
    if keys.iter().filter(|other| last_parts(other, 1) == one).count() > 1 {
        return last_parts(key, 2);
    }
    SHORT.iter().find(|(long, _)| *long == one).map_or(one, |(_, short)| short)
}

fn last_parts(key: &str, parts: usize) -> &str {
    let dot = key.rmatch_indices('.').nth(parts - 1);
    dot.map_or(key, |(dot, _)| &key[dot + 1..])
}

/// A number with three digits, if it has more.
fn rounded_value(value: &str) -> String {
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
    let rounded = number.and_then(|number| format!("{number:.2e}").parse::<f64>().ok());
    let rounded = rounded.map(|number| short_value(&number.to_string()));
    let short = short_value(value);
    rounded.filter(|rounded| rounded.len() < short.len()).unwrap_or(short)
}

/// A value without quotes, a number with an exponent if that is shorter.
fn short_value(value: &str) -> String {
    short_number(unquoted(value))
}

/// A number as text with an exponent if that is shorter: `1e-3`. Other text stays as it is.
#[must_use]
pub fn short_number(text: &str) -> String {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    let exponent = number.map(|number| format!("{number:e}"));
    exponent.filter(|short| short.len() < text.len()).unwrap_or_else(|| text.to_owned())
}

/// The name of an agent in its label: the label without swept settings.
#[must_use]
pub fn agent_name(label: &str) -> &str {
    label.split_once(" [").map_or(label, |(name, _)| name)
}

/// The option that a swept key of the environment sets. The environment's name is no option.
#[must_use]
pub fn option_key(key: &str) -> Option<&str> {
    key.strip_prefix("environment.").filter(|option| *option != "name")
}

/// The setting of `agent` that a swept key sets; nothing for keys of the environment or of another agent.
#[must_use]
pub fn agent_key<'a>(key: &'a str, agent: &str) -> Option<&'a str> {
    if key.starts_with("environment.") {
        return None;
    }
    let Some(rest) = key.strip_prefix("agents.") else {
        return Some(key);
    };
    let quoted = format!("\"{agent}\".");
    let plain = format!("{agent}.");
    rest.strip_prefix("*.")
        .or_else(|| rest.strip_prefix(&quoted))
        .or_else(|| rest.strip_prefix(&plain))
}

/// A value without the quotes of a TOML string.
#[must_use]
pub fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn kept<'a>(axes: &'a Axes, excluded: &[&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let pairs = axes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    pairs.filter(|(key, _)| !excluded.contains(key))
}

fn label<'a>(name: &str, settings: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let settings: Vec<String> =
        settings.map(|(key, value)| format!("{key}={}", unquoted(value))).collect();
    if settings.is_empty() { name.to_owned() } else { format!("{name} [{}]", settings.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_settings_tell_runs_apart() {
        let short = |axes: &[(&str, &str)]| {
            let pairs = axes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            short_settings(&pairs.collect())
        };
        let learning_rate = ("agents.*.optimizer.learning_rate", "0.001");
        let simulations = ("agents.efficientzero.search.simulations", "16");
        let name = ("environment.name", "catch");
        assert_eq!(short(&[learning_rate, simulations, name]), "lr=1e-3 sims=16");
        let vector = ("agents.*.network.vector.channels", "8");
        let image = ("agents.*.network.image.channels", "\"16\"");
        assert_eq!(short(&[vector, image]), "image.channels=16 vector.channels=8");
        assert_eq!(short(&[]), "");
    }

    #[test]
    fn short_labels_keep_all_but_the_paths_of_settings() {
        for (label, short) in [
            ("random", "random"),
            (
                "muzero [optimizer.learning_rate=0.001, search.simulations=16] (5 seeds)",
                "muzero [lr=1e-3, sims=16] (5 seeds)",
            ),
            (
                "catch [rows=5]: difference to dqn [network.channels=[16, 32], a.b=x]",
                "catch [rows=5]: difference to dqn [channels=[16, 32], b=x]",
            ),
            ("dqn [one.steps=1, other.steps=2]", "dqn [one.steps=1, other.steps=2]"),
            ("a name [with brackets, not settings", "a name [with brackets, not settings"),
            ("a name [with brackets]", "a name [with brackets]"),
        ] {
            assert_eq!(short_label(label), short);
        }
    }

    #[test]
    fn labels_say_what_differs() {
        let swept = [
            "muzero [a.rate=0.001, search.simulations=4]",
            "muzero [a.rate=0.001, search.simulations=16]",
        ];
        assert_eq!(differing_labels(&swept), ["sims=4", "sims=16"]);
        let others = [swept[0], swept[1], "random"];
        assert_eq!(differing_labels(&others), ["muzero [sims=4]", "muzero [sims=16]", "random"]);
        assert_eq!(differing_labels(&swept[..1]), ["muzero"]);
        assert_eq!(differing_labels(&["muzero", "muzero [lr=1]"]), ["muzero", "lr=1"]);
        let drawn = ["dqn [a=0.195508, b=8.51437e-4]", "dqn [a=1234567, b=0.5]"];
        assert_eq!(differing_labels(&drawn), ["a=0.196, b=8.51e-4", "a=1.23e6, b=0.5"]);
        let close = ["dqn [a=0.195508]", "dqn [a=0.195509]"];
        assert_eq!(differing_labels(&close), ["a=0.195508", "a=0.195509"]);
        // Keys that differ before their last part only.
        let alike = [
            "dqn [a.steps=1, b.steps=1]",
            "dqn [a.steps=1, b.steps=2]",
            "dqn [a.steps=2, b.steps=1]",
        ];
        let texts = differing_labels(&alike);
        assert_eq!(texts[2], "a.steps=2, b.steps=1");
        assert_eq!(differing_labels(&["a [x=1]", "a [x=1]"]), ["a [x=1]", "a [x=1]"]);
    }
}

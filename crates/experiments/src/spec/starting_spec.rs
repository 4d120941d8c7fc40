//! A spec to start from, with a comment for each key. The comments are the documentation of the settings.

use schemars::{Schema, schema_for};
use zerolab_environments::{EnvironmentSettings, python};
use zerolab_metrics::format::enumerated;

use super::catalogue::Catalogue;
use super::sections::Experiment;
use super::settings_list::{Setting, declared_settings, settings_of};
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{Budget, EvaluationSchedule};

/// The text of a spec called `name` that compares `agents`, the names of presets, in `environment`. Keys that are left
/// out stand behind `#`, with their defaults.
#[must_use]
pub fn starting_spec(
    catalogue: &Catalogue,
    name: &str,
    environment: &str,
    agents: &[String],
) -> String {
    let question = match agents {
        [agent] => format!("Which return does {agent} reach in {environment}?"),
        several => {
            format!("Which of {} has the highest return in {environment}?", enumerated(several))
        }
    };
    let question = quoted(&question);
    let experiment = [("name", quoted(name)), ("question", question), ("seeds", "5".to_owned())];
    let budget = [("real_steps", "10_000".to_owned())];
    let evaluation = [("every", "1_000".to_owned()), ("episodes", "32".to_owned())];
    let environment_settings = settings_of(catalogue, environment);
    let environment_settings = environment_settings.map(|list| list.settings).unwrap_or_default();
    let text = [
        HEAD.to_owned(),
        table("experiment", &schema_for!(Experiment), &experiment),
        format!(
            "# The values of `name` are listed by `zerolab list environments`.\n{}",
            lines("environment", &environment_settings, &given_settings(environment))
        ),
        table("budget", &schema_for!(Budget), &budget),
        table("evaluation", &schema_for!(EvaluationSchedule), &evaluation),
        table("checkpoint", &schema_for!(Checkpointing), &[]),
        table("records", &schema_for!(Recording), &[]),
        AGENTS.to_owned(),
        agents.iter().map(|agent| format!("[agents.{}]\n", key(agent))).collect::<String>(),
        TAIL.to_owned(),
    ];
    text.join("\n")
}

/// The settings of an environment that a spec must give.
fn given_settings(environment: &str) -> Vec<(&'static str, String)> {
    let name = ("name", quoted(environment));
    match environment {
        python::Settings::NAME => vec![name, ("id", quoted("CartPole-v1"))],
        _ => vec![name],
    }
}

const HEAD: &str = "\
# An experiment of ZeroLab: `zerolab plan` shows its runs and their cost, `zerolab run` trains them and writes the
# report. Remove the `#` before a key to set it.
";

const AGENTS: &str = "\
# The agents that are compared. [agents.NAME] starts from the preset NAME (`zerolab list agents`) and may change any of
# its settings (`zerolab list settings NAME`), in lines such as `optimizer.learning_rate = 1e-3`.";

const TAIL: &str = "\
# What is varied: each key is an axis, and every combination is run.
#[sweep]
#\"agents.*.optimizer.learning_rate\" = [1e-3, 3e-3]

# `zerolab list figures` lists the kinds.
[[figure]]
kind = \"learning-curve\"
x = \"real_steps\"
";

/// A table of the spec. `given` has the keys that are set.
fn table(name: &str, schema: &Schema, given: &[(&str, String)]) -> String {
    lines(name, &declared_settings(schema), given)
}

fn lines(name: &str, settings: &[Setting], given: &[(&str, String)]) -> String {
    let meaning = |key: &str| {
        let setting = settings.iter().find(|setting| setting.key == key);
        setting.map_or_else(String::new, comment)
    };
    let set = given.iter().map(|(key, value)| format!("{}{key} = {value}\n", meaning(key)));
    let is_given = |setting: &Setting| given.iter().any(|(key, _)| *key == setting.key);
    let others = settings.iter().filter(|setting| !is_given(setting)).map(|setting| {
        let Setting { key, values, .. } = setting;
        values
            .first()
            .map_or_else(String::new, |value| format!("{}#{key} = {value}\n", comment(setting)))
    });
    format!("[{name}]\n{}", set.chain(others).collect::<String>())
}

/// `# Sentence (range).`
fn comment(setting: &Setting) -> String {
    let Setting { meaning, range, .. } = setting;
    match (meaning.strip_suffix('.'), range.is_empty()) {
        (Some(sentence), false) => format!("# {sentence} ({range}).\n"),
        _ => format!("# {meaning}\n"),
    }
}

/// A TOML key.
fn key(name: &str) -> String {
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

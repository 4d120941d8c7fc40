//! The settings that a combination of the sweep and `--set` lay over the spec, for one agent: which of
//! them concern it, which has the last word, and how they are shown.

use std::collections::BTreeMap;

use super::choices::Choices;
use super::fault::Fault;
use super::keys::Target;
use super::node::{Content, Node};
use super::sweep::Assignment;

/// What a setting is a setting of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Environment,
    Budget,
    Evaluation,
    Agent,
}

/// Settings for one agent, lowest first, each key once.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    settings: Vec<(Scope, &'a Assignment)>,
}

impl<'a> Layers<'a> {
    /// Those of `assignments` that concern the agent `name`: not the keys of other agents, and of the
    /// keys with `*` only those that `has_key`.
    ///
    /// Sweep below `--set`; in each, `*` below a named agent. The last of two settings of one key wins.
    pub fn new(
        name: &str,
        assignments: impl IntoIterator<Item = &'a Assignment>,
        mut has_key: impl FnMut(&Assignment) -> bool,
    ) -> Self {
        let mut settings: Vec<(Scope, &Assignment)> = Vec::new();
        for assignment in assignments {
            let scope = match &assignment.key.target {
                Target::Environment => Scope::Environment,
                Target::Budget => Scope::Budget,
                Target::Evaluation => Scope::Evaluation,
                Target::Agent(other) if other == name => Scope::Agent,
                Target::EveryAgent if has_key(assignment) => Scope::Agent,
                Target::Agent(_) | Target::EveryAgent => continue,
            };
            settings.push((scope, assignment));
        }
        settings.sort_by_key(|(_, assignment)| {
            (!assignment.swept, assignment.key.target != Target::EveryAgent)
        });
        let mut last = Vec::new();
        for (index, (scope, assignment)) in settings.iter().enumerate() {
            let same = |(s, other): &(Scope, &Assignment)| {
                s == scope && other.key.path == assignment.key.path
            };
            if !settings[index + 1..].iter().any(same) {
                last.push((*scope, *assignment));
            }
        }
        Self { settings: last }
    }

    /// What is set at the top-level `key` of a scope.
    pub fn value(&self, scope: Scope, key: &str) -> Option<&'a Node> {
        self.of(scope).find(|assignment| assignment.key.path == [key]).map(|setting| &setting.value)
    }

    /// Lays the settings of a scope over `base`, but for the top-level key `except`, which is no setting
    /// of the registry's.
    pub fn lay_over(&self, base: &mut Node, scope: Scope, choices: Choices<'_>, except: &str) {
        for setting in self.of(scope).filter(|setting| setting.key.path != [except]) {
            base.merge(&Node::nested(&setting.key.path, &setting.value), choices);
        }
    }

    /// The agent's name with what is swept of it, as `efficientzero [search.simulations=16]`.
    pub fn label(&self, name: &str) -> String {
        let swept = self.of(Scope::Agent).filter(|setting| setting.swept);
        let values: Vec<_> = swept
            .map(|setting| format!("{}={}", setting.key.path.join("."), shown(&setting.value)))
            .collect();
        if values.is_empty() { name.to_owned() } else { format!("{name} [{}]", values.join(", ")) }
    }

    /// The swept keys as written, with their values.
    pub fn axes(&self) -> BTreeMap<String, String> {
        let swept = self.settings.iter().filter(|(_, setting)| setting.swept);
        swept.map(|(_, setting)| (setting.key.written.clone(), shown(&setting.value))).collect()
    }

    /// Says for which run of the agent `name` the fault is one, unless its place says it all.
    pub fn explain(&self, fault: Fault, name: &str) -> Fault {
        let mut swept = self.settings.iter().filter(|(_, setting)| setting.swept);
        let says_all = match (swept.next(), swept.next()) {
            (None, _) => true,
            (Some((_, only)), None) => {
                let is_there = fault.is_at(only.key.span) || fault.is_at(only.value.span);
                is_there && only.key.target != Target::EveryAgent
            }
            (Some(_), Some(_)) => false,
        };
        let values: Vec<_> =
            self.axes().into_iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
        if says_all {
            fault
        } else {
            fault.help(format!("in the run of `{name}` with {}", values.join(", ")))
        }
    }

    fn of(&self, scope: Scope) -> impl Iterator<Item = &'a Assignment> {
        self.settings.iter().filter(move |(s, _)| *s == scope).map(|(_, setting)| *setting)
    }
}

/// A value as short as it goes: strings without quotes, numbers without trailing zeros.
fn shown(value: &Node) -> String {
    match &value.content {
        Content::Scalar(toml::Value::String(text)) => text.clone(),
        Content::Scalar(toml::Value::Float(number)) if is_extreme(*number) => format!("{number:e}"),
        Content::Scalar(toml::Value::Float(number)) => number.to_string(),
        _ => value.to_value().to_string(),
    }
}

/// Whether a number is shorter with an exponent.
fn is_extreme(number: f64) -> bool {
    number != 0.0 && !(1e-3..1e6).contains(&number.abs())
}

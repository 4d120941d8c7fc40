//! The settings of the sweep and of `--set` for one agent: which of them apply, and which one wins.

use zerolab_metrics::labels::Axes;

use super::choices::Choices;
use super::keys::Target;
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::source::Span;
use super::sweep::Assignment;

/// The table that a setting belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Environment,
    Budget,
    Evaluation,
    Agent,
    /// By its number, from 1.
    Phase(usize),
}

/// Settings for one agent, lowest priority first, each key once.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    settings: Vec<(Scope, &'a Assignment)>,
}

impl<'a> Layers<'a> {
    /// The assignments that apply to the agent `name`. Keys of other agents do not apply, and a key with `*`
    /// applies only if `has_key`.
    ///
    /// An examination overrides `--set`, which overrides the sweep. In each, a named agent overrides `*`. Of two assignments to one key the
    /// last wins.
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
                Target::Phase(number) => Scope::Phase(*number),
                Target::Agent(other) if other == name => Scope::Agent,
                Target::EveryAgent if has_key(assignment) => Scope::Agent,
                Target::Agent(_) | Target::EveryAgent => continue,
            };
            settings.push((scope, assignment));
        }
        settings.sort_by_key(|(_, assignment)| {
            (assignment.origin, assignment.key.target != Target::EveryAgent)
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

    /// The value of the top-level `key` of a scope.
    pub fn value(&self, scope: Scope, key: &str) -> Option<&'a Node> {
        self.of(scope).find(|assignment| assignment.key.path == [key]).map(|setting| &setting.value)
    }

    /// The numbers of the phases that are changed, and where.
    pub fn phases(&self) -> impl Iterator<Item = (usize, Span)> {
        self.settings.iter().filter_map(|(scope, setting)| match scope {
            Scope::Phase(number) => Some((*number, setting.key.span)),
            _ => None,
        })
    }

    /// Merges the settings of a scope into `base`, except the top-level key `except`, which the registry does
    /// not know.
    pub fn lay_over(&self, base: &mut Node, scope: Scope, choices: Choices<'_>, except: &str) {
        for setting in self.of(scope).filter(|setting| setting.key.path != [except]) {
            base.merge(&Node::nested(&setting.key.path, &setting.value), choices);
        }
    }

    /// The swept keys as written, with their values.
    pub fn axes(&self) -> Axes {
        let swept = self.settings.iter().filter(|(_, setting)| setting.is_swept());
        swept.map(|(_, setting)| (setting.key.written.clone(), shown(&setting.value))).collect()
    }

    /// Adds which run of the agent `name` has the error, unless the place of the error says so.
    pub fn explain(&self, error: LocatedError, name: &str) -> LocatedError {
        let mut swept = self.settings.iter().filter(|(_, setting)| setting.is_swept());
        let says_all = match (swept.next(), swept.next()) {
            (None, _) => true,
            (Some((_, only)), None) => {
                let is_there = error.is_at(only.key.span) || error.is_at(only.value.span);
                is_there && only.key.target != Target::EveryAgent
            }
            (Some(_), Some(_)) => false,
        };
        let values: Vec<_> =
            self.axes().into_iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
        if says_all {
            error
        } else {
            error.help(format!("in the run of `{name}` with {}", values.join(", ")))
        }
    }

    fn of(&self, scope: Scope) -> impl Iterator<Item = &'a Assignment> {
        self.settings.iter().filter(move |(s, _)| *s == scope).map(|(_, setting)| *setting)
    }
}

/// A value in short form: strings without quotes, numbers without trailing zeros.
pub(super) fn shown(value: &Node) -> String {
    match &value.content {
        Content::Scalar(toml::Value::String(text)) => text.clone(),
        Content::Scalar(toml::Value::Float(number)) if is_extreme(*number) => format!("{number:e}"),
        Content::Scalar(toml::Value::Float(number)) => number.to_string(),
        _ => value.to_value().to_string(),
    }
}

/// Whether the number is shorter with an exponent.
fn is_extreme(number: f64) -> bool {
    number != 0.0 && !(1e-3..1e6).contains(&number.abs())
}

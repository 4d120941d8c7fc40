//! `exclude`: drops resolved runs of a block.

use super::keys::Key;
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::sweep::leaves;
use super::unseeded_run::UnseededRun;

/// Conditions that drop a run if all of them hold.
#[derive(Debug)]
pub(super) struct Exclusion {
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    key: Key,
    value: toml::Value,
    /// Whether any run has this setting. If none has, the key is a mistake.
    known: bool,
}

impl Exclusion {
    /// Reads one table of `exclude`.
    pub fn read(table: &Node, agents: &[String]) -> Result<Self, LocatedError> {
        let is_leaf = |node: &Node| !matches!(node.content, Content::Table(_));
        let found = leaves(Vec::new(), table, is_leaf);
        if found.is_empty() {
            return Err(LocatedError::new(
                table.span,
                "an empty condition would exclude everything",
            ));
        }
        let condition = |(parts, node): (Vec<String>, &Node)| {
            let key = Key::new(parts, node.key, agents)?;
            Ok(Condition { key, value: node.to_value(), known: false })
        };
        Ok(Self { conditions: found.into_iter().map(condition).collect::<Result<_, _>>()? })
    }

    /// Notes which of the keys `run` has.
    pub fn learn_keys(&mut self, run: &UnseededRun) {
        for condition in &mut self.conditions {
            condition.known |= condition.setting(run).is_some();
        }
    }

    /// Whether all conditions hold for `run`.
    pub fn matches(&self, run: &UnseededRun) -> bool {
        self.conditions.iter().all(|condition| {
            condition.setting(run).is_some_and(|value| same(&value, &condition.value))
        })
    }

    /// The first key that no run so far has.
    pub fn unknown_key(&self) -> Option<&Key> {
        self.conditions.iter().find(|condition| !condition.known).map(|condition| &condition.key)
    }
}

impl Condition {
    fn setting(&self, run: &UnseededRun) -> Option<toml::Value> {
        run.setting(&self.key.target, &self.key.path)
    }
}

/// Equality in which 4 and 4.0 are the same value.
fn same(left: &toml::Value, right: &toml::Value) -> bool {
    let number = |value: &toml::Value| {
        value.as_float().or_else(|| value.as_integer().map(|integer| integer as f64))
    };
    match (number(left), number(right)) {
        // A setting may be stored in single precision, so the written value can differ from it.
        (Some(left), Some(right)) => left == right || left as f32 == right as f32,
        _ => left == right,
    }
}

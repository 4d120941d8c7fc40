//! `exclude`: which of the resolved runs of a block are not wanted.

use super::draft::Draft;
use super::fault::Fault;
use super::keys::Key;
use super::node::{Content, Node};
use super::sweep::leaves;

/// Conditions that drop a run when all of them hold.
#[derive(Debug)]
pub(super) struct Exclusion {
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    key: Key,
    value: toml::Value,
    /// Whether any run had such a setting. A key that none has is a slip.
    known: bool,
}

impl Exclusion {
    /// Reads one table of `exclude`.
    pub fn read(table: &Node, agents: &[String]) -> Result<Self, Fault> {
        let is_leaf = |node: &Node| !matches!(node.content, Content::Table(_));
        let found = leaves(Vec::new(), table, is_leaf);
        if found.is_empty() {
            return Err(Fault::new(table.span, "an empty condition would exclude everything"));
        }
        let condition = |(parts, node): (Vec<String>, &Node)| {
            let key = Key::new(parts, node.key, agents)?;
            Ok(Condition { key, value: node.to_value(), known: false })
        };
        Ok(Self { conditions: found.into_iter().map(condition).collect::<Result<_, _>>()? })
    }

    /// Learns from a run which of the keys exist.
    pub fn learn_keys(&mut self, run: &Draft) {
        for condition in &mut self.conditions {
            condition.known |= condition.setting(run).is_some();
        }
    }

    /// Whether all conditions hold for a run.
    pub fn matches(&self, run: &Draft) -> bool {
        self.conditions.iter().all(|condition| {
            condition.setting(run).is_some_and(|value| same(&value, &condition.value))
        })
    }

    /// The first key that no run seen so far has.
    pub fn unknown_key(&self) -> Option<&Key> {
        self.conditions.iter().find(|condition| !condition.known).map(|condition| &condition.key)
    }
}

impl Condition {
    fn setting(&self, run: &Draft) -> Option<toml::Value> {
        run.setting(&self.key.target, &self.key.path)
    }
}

/// Equality in which 4 and 4.0 are the same, as they are to a setting.
fn same(left: &toml::Value, right: &toml::Value) -> bool {
    let number = |value: &toml::Value| {
        value.as_float().or_else(|| value.as_integer().map(|integer| integer as f64))
    };
    match (number(left), number(right)) {
        // Settings may be kept in single precision; what was written is then near, not equal.
        (Some(left), Some(right)) => left == right || left as f32 == right as f32,
        _ => left == right,
    }
}

//! `exclude`: drops resolved runs of a block.

use super::keys::Key;
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::source::Span;
use super::sweep::leaves;
use super::unseeded_run::UnseededRun;

/// Conditions that drop a run if all of them hold.
#[derive(Debug)]
pub(super) struct Exclusion {
    conditions: Vec<Condition>,
    /// Where the table stands.
    span: Span,
    /// Whether all conditions hold for a run, or chance decides whether they do.
    has_matched: bool,
}

#[derive(Debug)]
struct Condition {
    key: Key,
    /// The value that the run must have, or a list of which it must have one.
    written: Node,
    /// The values that runs have, each once. If there are none, the key is a mistake.
    found: Vec<toml::Value>,
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
            Ok(Condition { key, written: node.clone(), found: Vec::new() })
        };
        let conditions = found.into_iter().map(condition).collect::<Result<_, _>>()?;
        Ok(Self { conditions, span: table.span, has_matched: false })
    }

    /// Allows that no run has all of the values, because random axes are drawn together.
    pub fn leave_to_chance(&mut self) {
        self.has_matched = true;
    }

    /// Whether all conditions hold for `run`. Notes which of the keys it has, and their values.
    pub fn matches(&mut self, run: &UnseededRun) -> bool {
        let mut all_hold = true;
        for condition in &mut self.conditions {
            let setting = condition.setting(run);
            all_hold &= setting.as_ref().is_some_and(|setting| condition.has(setting));
            if let Some(value) = setting
                && !condition.found.contains(&value)
            {
                condition.found.push(value);
            }
        }
        self.has_matched |= all_hold;
        all_hold
    }

    /// The first key that no run so far has.
    pub fn unknown_key(&self) -> Option<&Key> {
        let mut unknown = self.conditions.iter().filter(|condition| condition.found.is_empty());
        unknown.next().map(|condition| &condition.key)
    }
}

/// The error of the first value that no run has, or else of the first exclusion that excludes nothing. An exclusion
/// outside of blocks is listed once for each block, and one of them is enough.
pub(super) fn check(exclusions: &[Exclusion]) -> Result<(), LocatedError> {
    let conditions = || exclusions.iter().flat_map(|exclusion| &exclusion.conditions);
    for condition in conditions() {
        let same_text = || conditions().filter(|other| other.key.span == condition.key.span);
        let is_found = |value: &Node| {
            same_text().any(|other| other.found.iter().any(|it| same(it, &value.to_value())))
        };
        if is_found(&condition.written) {
            continue;
        }
        for value in condition.values() {
            if !is_found(value) {
                let found: Vec<_> = same_text().flat_map(|other| &other.found).collect();
                return Err(no_such_value(&condition.key, value, &found));
            }
        }
    }
    let has_matched = |span| exclusions.iter().any(|other| other.span == span && other.has_matched);
    match exclusions.iter().find(|exclusion| !has_matched(exclusion.span)) {
        None => Ok(()),
        Some(idle) => Err(LocatedError::new(
            idle.span,
            "no run has all of these values at once: the condition excludes nothing",
        )
        .help("a table of `exclude` drops the runs for which all of its keys hold")),
    }
}

fn no_such_value(key: &Key, value: &Node, found: &[&toml::Value]) -> LocatedError {
    let written = value.to_value();
    let error = LocatedError::new(
        value.span,
        format!("no run has `{} = {written}`: the condition excludes nothing", key.written),
    );
    let as_number = |value: &toml::Value| match value {
        toml::Value::String(text) => text.parse().ok(),
        _ => number(value),
    };
    let distance = |it: &toml::Value| Some((number(it)? - as_number(&written)?).abs());
    let numbers = found.iter().filter_map(|it| Some((distance(it)?, it)));
    match numbers.min_by(|(left, _), (right, _)| left.total_cmp(right)) {
        Some((_, nearest)) => error.help(format!("the nearest value is `{nearest}`")),
        None => {
            let mut texts: Vec<_> = found.iter().map(|it| text(it)).collect();
            texts.dedup();
            error.suggest(&text(&written), &texts)
        }
    }
}

impl Condition {
    fn setting(&self, run: &UnseededRun) -> Option<toml::Value> {
        run.setting(&self.key.target, &self.key.path)
    }

    /// The elements of the list, or the one value.
    fn values(&self) -> &[Node] {
        match self.written.elements() {
            [] => std::slice::from_ref(&self.written),
            elements => elements,
        }
    }

    fn has(&self, setting: &toml::Value) -> bool {
        // A setting that is itself a list may be written as a whole.
        let values = std::iter::once(&self.written).chain(self.values());
        values.map(Node::to_value).any(|value| same(setting, &value))
    }
}

/// Equality in which 4 and 4.0 are the same value.
fn same(left: &toml::Value, right: &toml::Value) -> bool {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|integer| integer as f64))
}

/// A value as a message shows it: strings without quotes.
fn text(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

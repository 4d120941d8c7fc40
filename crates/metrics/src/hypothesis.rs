//! Claims that a report tests, and how they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use crate::pattern::matches_whole;

/// A claim that the report tests: it holds, fails, or is undecided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// The measure that is compared, such as `return` or `share.hack`.
    pub metric: String,
    /// `A > B` or `A < B`, where A and B are names of agents, labels of swept variants as in tables, or one of them
    /// a number. Swept variants are compared one by one.
    pub statement: String,
    /// The labels of the environments that count: a label such as `gridworlds/tamper_room [beta=1]`, or a pattern
    /// with `*` (any text) or `?` (any character); all if empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub environment: String,
}

impl Hypothesis {
    /// What is compared; `None` if there is no such measure. Older specs write `evaluation.` before the name.
    pub fn measure(&self) -> Option<Measure> {
        let name = self.metric.strip_prefix("evaluation.").unwrap_or(&self.metric);
        if name.is_empty() { Some(Measure::Return) } else { Measure::from_name(name) }
    }

    /// Whether the environment with this label counts.
    pub fn counts_in(&self, environment: &str) -> bool {
        self.environment.is_empty() || matches_whole(&self.environment, environment)
    }

    /// The side that should be greater, and the other side; `None` if the statement is no comparison of two sides.
    pub fn sides(&self) -> Option<(&str, &str)> {
        let (left, right) = self.statement.split_once(['>', '<'])?;
        let (left, right) = (left.trim(), right.trim());
        // The `=` inside a variant's label is no comparison.
        let is_side = |side: &str| !side.is_empty() && !side.starts_with('=');
        if !is_side(left) || !is_side(right) || right.contains(['>', '<']) {
            return None;
        }
        Some(if self.statement.contains('>') { (left, right) } else { (right, left) })
    }
}

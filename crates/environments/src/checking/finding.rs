//! What a check found: of one rule, and of an environment.

use serde::Serialize;

use super::information::Information;
use super::rule::Rule;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The rule was kept in everything that was played.
    Holds,
    /// The rule was broken at least once.
    Broken,
    /// No rule is broken, but the author of the environment should know.
    Warning,
    /// The environment has nothing that the rule is about.
    NotApplicable,
    /// The check could not be made.
    NotChecked,
}

impl Outcome {
    /// The outcome in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Broken => "does not hold",
            Self::Warning => "warning",
            Self::NotApplicable => "not applicable",
            Self::NotChecked => "not checked",
        }
    }
}

/// What was found of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Whether it holds.
    pub outcome: Outcome,
    /// Why, with numbers. A message of an environment's own code can have many lines.
    pub details: String,
}

/// Everything that was found of an environment.
#[derive(Clone, Debug, Serialize)]
pub struct Checkup {
    /// One finding for each rule, in the order of [`Rule::ALL`].
    pub findings: Vec<Finding>,
    /// What the environment is, if it can be made and played.
    pub information: Option<Information>,
}

impl Checkup {
    /// Whether no rule is broken.
    pub fn passes(&self) -> bool {
        self.findings.iter().all(|finding| finding.outcome != Outcome::Broken)
    }

    /// The rules that are broken.
    pub fn broken(&self) -> Vec<Rule> {
        let broken = self.findings.iter().filter(|finding| finding.outcome == Outcome::Broken);
        broken.map(|finding| finding.rule).collect()
    }
}

/// Why a single check does not end with "the rule holds".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Anything but [`Outcome::Holds`].
    pub outcome: Outcome,
    /// Why, with numbers.
    pub details: String,
}

impl Objection {
    pub(super) fn broken(details: impl Into<String>) -> Self {
        Self { outcome: Outcome::Broken, details: details.into() }
    }

    pub(super) fn warning(details: impl Into<String>) -> Self {
        Self { outcome: Outcome::Warning, details: details.into() }
    }

    pub(super) fn not_applicable(details: impl Into<String>) -> Self {
        Self { outcome: Outcome::NotApplicable, details: details.into() }
    }

    pub(super) fn not_checked(details: impl Into<String>) -> Self {
        Self { outcome: Outcome::NotChecked, details: details.into() }
    }
}

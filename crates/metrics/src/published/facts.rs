//! Facts without a benchmark: environments of a family of agents, and quantities such as parameters and costs.
//!
//! A quantity belongs to a table. Its role says what it is on a ladder of such quantities.

use serde::Deserialize;

use super::PublishedTables;
use super::rows::Evidence;

/// The name of the table of environments.
pub const ENVIRONMENTS: &str = "environments";

/// `environments.csv`: an environment that agents of the MuZero family were trained on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyEnvironment {
    /// The environment, or several that were reported together.
    pub environment: String,
    /// The agent.
    pub agent: String,
    /// The year of the first publication.
    pub year: u32,
    /// The number of actions, or what they are.
    pub actions: String,
    /// What the agent sees.
    pub observation: String,
    /// Players, chance, hidden information.
    pub properties: String,
    /// What it was trained on; empty if not stated.
    pub experience: String,
    /// How the row is known.
    pub kind: Evidence,
    /// Remarks.
    pub note: String,
    /// The name of its source.
    pub source: String,
}

/// What a quantity is on a ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A step of a waterfall: a factor times the step before it.
    Step,
    /// A value of its own.
    Value,
    /// Something known with which the others are compared.
    Reference,
}

impl Role {
    /// The name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Role::Step => "step",
            Role::Value => "value",
            Role::Reference => "reference",
        }
    }
}

/// `quantities.csv`: a number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// The table that it belongs to, such as `parameters`.
    pub table: String,
    /// What is counted, with its unit. Only equal ones can be compared.
    pub quantity: String,
    /// Whose number it is.
    pub name: String,
    /// What it is on a ladder.
    pub role: Role,
    /// The number, above 0.
    pub value: f64,
    /// How it is known.
    pub kind: Evidence,
    /// What it is made of, and remarks.
    pub note: String,
    /// The name of its source, or of that of the number from which it is computed.
    pub source: String,
}

impl PublishedTables {
    /// The names of the tables of facts.
    pub fn facts(&self) -> Vec<&str> {
        let mut names = vec![ENVIRONMENTS];
        for row in &self.quantities {
            if !names.contains(&row.table.as_str()) {
                names.push(&row.table);
            }
        }
        names
    }

    /// The quantities of a table, those that can be compared together.
    pub fn quantities_of<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a [Quantity]> {
        let same = |first: &Quantity, second: &Quantity| {
            (&first.table, &first.quantity) == (&second.table, &second.quantity)
        };
        self.quantities.chunk_by(same).filter(move |rows| rows[0].table == table)
    }
}

//! An agent that chooses uniformly among the legal actions: the baseline of every comparison.

use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::agent_entry::AgentEntry;
use crate::ledger::Ledger;
use crate::saved;
use crate::streams::Streams;
use crate::summary::Summary;

/// It has no settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {}

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "random",
    summary: "chooses uniformly among the legal actions",
    resolve: |table| crate::agent_entry::resolve::<Settings>(table, |_| Ok(())),
    schema: || schemars::schema_for!(Settings),
    make: |_, context| Ok(Box::new(Random::new(context))),
    describe: |_, _| Ok(Summary::empty()),
};

struct Random {
    stream: ChaCha8Rng,
    ledger: Ledger,
}

impl Random {
    fn new(context: &Context) -> Self {
        Self { stream: Streams::new(context.seed).stream("random/act"), ledger: Ledger::default() }
    }
}

/// A uniformly random legal action for each row of `seen`.
pub(crate) fn uniform_actions(seen: &Observations<'_>, stream: &mut ChaCha8Rng) -> Vec<usize> {
    let num_actions = seen.legal.len() / seen.rows().max(1);
    let choose = |legal: &[bool]| {
        let count = legal.iter().filter(|&&legal| legal).count();
        let nth = stream.random_range(0..count.max(1));
        let mut of_legal = (0..num_actions).filter(|&action| legal[action]);
        of_legal.nth(nth).unwrap_or(0)
    };
    seen.legal.chunks(num_actions.max(1)).map(choose).collect()
}

impl Agent for Random {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        Ok(match mode {
            Mode::Explore => uniform_actions(seen, &mut self.stream),
            Mode::Evaluate { seed } | Mode::Foretell { seed } => {
                uniform_actions(seen, &mut ChaCha8Rng::seed_from_u64(seed))
            }
        })
    }

    fn observe(&mut self, _: Vec<Transition>) -> Result<(), AgentError> {
        Ok(())
    }

    fn learn(&mut self, _: u64) -> Result<(), AgentError> {
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn save(&self, folder: &Path, _: Option<&Path>) -> Result<(), AgentError> {
        saved::write(&folder.join("state.bin"), &(&self.stream, &self.ledger))
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        (self.stream, self.ledger) = saved::read(&folder.join("state.bin"))?;
        Ok(())
    }
}

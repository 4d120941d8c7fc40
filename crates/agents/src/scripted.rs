//! An agent for tests: it reports artificial losses, and can fail at a given real step.
//!
//! The runner, the reports and the launchers are tested with it in seconds.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::{Agent, AgentError, Mode, Observations, Transition};
use crate::agent_entry::{AgentEntry, resolve};
use crate::ledger::Ledger;
use crate::saved;
use crate::summary::Summary;
use zerolab_settings::SettingsError;
use zerolab_settings::range::at_least_one;

/// Its losses and its failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The loss is `exp(-real_steps / loss_decay)`.
    #[schemars(range(min = 1))]
    pub loss_decay: u64,
    /// Milliseconds to wait at each round of lanes.
    pub delay_milliseconds: u64,
    /// How it fails.
    pub fail: Fail,
}

impl Default for Settings {
    fn default() -> Self {
        Self { loss_decay: 1000, delay_milliseconds: 0, fail: Fail::default() }
    }
}

/// A failure on demand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fail {
    /// The kind of failure.
    pub kind: FailKind,
    /// After how many real steps it fails.
    pub at: u64,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailKind {
    /// No failure.
    #[default]
    None,
    /// With an error.
    Error,
    /// With a panic.
    Panic,
    /// With an abort of the process, without a message.
    Abort,
    /// With a hang.
    Hang,
    /// By allocating memory until none is left.
    Memory,
}

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "scripted",
    summary: "for tests of runners and reports: artificial losses, failures on demand",
    resolve: |table| resolve(table, check),
    schema: || schemars::schema_for!(Settings),
    make: |table, _| {
        let settings = zerolab_settings::read(table)?;
        Ok(Box::new(Scripted { settings, fresh: false, ledger: Ledger::default() }))
    },
    describe: |_, _| Ok(Summary::empty()),
};

fn check(settings: &Settings) -> Result<(), SettingsError> {
    at_least_one("loss_decay", settings.loss_decay)
}

struct Scripted {
    settings: Settings,
    fresh: bool,
    ledger: Ledger,
}

impl Scripted {
    fn fail(&self) -> Result<(), AgentError> {
        let at = self.ledger.real_steps;
        match self.settings.fail.kind {
            FailKind::None => Ok(()),
            FailKind::Error => {
                Err(AgentError::Message(format!("scripted error at real step {at}")))
            }
            FailKind::Panic => std::panic::panic_any(format!("scripted panic at real step {at}")),
            FailKind::Abort => std::process::abort(),
            FailKind::Hang => loop {
                std::thread::sleep(Duration::from_secs(60));
            },
            FailKind::Memory => {
                let mut blocks: Vec<Vec<u8>> = Vec::new();
                loop {
                    let block = 1 << 26;
                    let mut bytes = Vec::new();
                    bytes.try_reserve_exact(block).map_err(|_| {
                        AgentError::Message(format!(
                            "out of memory after {} blocks of {block} bytes",
                            blocks.len()
                        ))
                    })?;
                    bytes.resize(block, 1);
                    blocks.push(bytes);
                }
            }
        }
    }
}

impl Agent for Scripted {
    fn act(&mut self, seen: &Observations<'_>, _: Mode) -> Result<Vec<usize>, AgentError> {
        let first_legal = |legal: &[bool]| legal.iter().position(|&legal| legal).unwrap_or(0);
        let num_actions = seen.legal.len() / seen.rows().max(1);
        Ok(seen.legal.chunks(num_actions.max(1)).map(first_legal).collect())
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        let before = self.ledger.real_steps;
        for _ in &transitions {
            self.ledger.real_steps += 1;
            self.ledger.updated(&[])?;
        }
        std::thread::sleep(Duration::from_millis(self.settings.delay_milliseconds));
        if (before..self.ledger.real_steps).contains(&self.settings.fail.at) {
            self.fail()
        } else {
            Ok(())
        }
    }

    fn learn(&mut self, _: u64) -> Result<(), AgentError> {
        self.fresh = true;
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        let loss = (-(self.ledger.real_steps as f64) / self.settings.loss_decay as f64).exp();
        std::mem::take(&mut self.fresh).then(|| ("total".to_owned(), loss)).into_iter().collect()
    }

    fn save(&self, folder: &Path, _: Option<&Path>) -> Result<(), AgentError> {
        saved::write(&folder.join("state.bin"), &(self.fresh, &self.ledger))
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        (self.fresh, self.ledger) = saved::read(&folder.join("state.bin"))?;
        Ok(())
    }
}

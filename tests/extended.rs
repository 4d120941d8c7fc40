//! A program that adds to ZeroLab, for tests. The variable `ADDS` says what.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab::Extensions;
use zerolab::agents::saved;
use zerolab::agents::{
    Agent, AgentEntry, AgentError, Ledger, Mode, Observations, Preset, Summary, Transition, resolve,
};
use zerolab::analysis::{FinishedRun, RunScore};
use zerolab::environments::{EnvironmentEntry, catch};

fn main() -> ExitCode {
    let adds = env::var("ADDS").unwrap_or_default();
    let extensions = Extensions::new("extended", "1.2.3");
    let preset = |name, toml| Preset { name, summary: "for tests", toml };
    zerolab::main_with(match adds.as_str() {
        "an environment" => extensions.environment::<catch::Settings>(),
        "an agent" => extensions.agent(AgentEntry { name: "dqn", ..FIRST }),
        "a preset" => extensions.preset(preset("ppo", "agent = 'ppo'")),
        "a figure" => extensions.figure::<NumberOfRecords<true>>(),
        "a name with a space" => extensions.preset(preset("my ppo", "agent = 'ppo'")),
        "a program with a space" => Extensions::new("my program", "1.2.3"),
        "a preset of no agent" => extensions.preset(preset("mine", "agent = 'nobody'")),
        "a preset with a wrong setting" => {
            extensions.preset(preset("mine", "agent = 'ppo'\nclip = 'a'"))
        }
        "too late" => {
            let number = zerolab::environments::entries().len();
            assert!(number > 0);
            extensions.environment_entry(other_catch())
        }
        "twice" => {
            let first = zerolab::main_with(extensions);
            assert_eq!(first, ExitCode::SUCCESS);
            Extensions::new("extended", "1.2.3")
        }
        _ => extensions
            .environment_entry(other_catch())
            .agent(FIRST)
            .preset(preset("first-legal", "agent = 'first'"))
            .figure::<NumberOfRecords<false>>(),
    })
}

/// Catch under another name.
fn other_catch() -> EnvironmentEntry {
    EnvironmentEntry { name: "own/catch", ..EnvironmentEntry::of::<catch::Settings>() }
}

/// A kind of figure, with a name of its own or a taken one.
enum NumberOfRecords<const IS_TAKEN: bool> {}

impl<const IS_TAKEN: bool> RunScore for NumberOfRecords<IS_TAKEN> {
    const NAME: &'static str = if IS_TAKEN { "per-task" } else { "records" };
    const SUMMARY: &'static str = "the number of records";

    fn of(run: &FinishedRun<'_>) -> Option<f64> {
        Some(run.records.len() as f64)
    }
}

/// It has no settings.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Settings {}

const FIRST: AgentEntry = AgentEntry {
    name: "first",
    summary: "chooses the first legal action",
    resolve: |table| resolve::<Settings>(table, |_| Ok(())),
    schema: || schemars::schema_for!(Settings),
    make: |_, _| Ok(Box::new(First::default())),
    describe: |_, _| Ok(Summary::empty()),
};

#[derive(Default)]
struct First {
    ledger: Ledger,
}

impl Agent for First {
    fn act(&mut self, seen: &Observations<'_>, _: Mode) -> Result<Vec<usize>, AgentError> {
        let num_actions = seen.legal.len() / seen.rows();
        let first = |legal: &[bool]| legal.iter().position(|&legal| legal).unwrap_or(0);
        Ok(seen.legal.chunks(num_actions).map(first).collect())
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        self.ledger.real_steps += transitions.len() as u64;
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
        saved::write(&folder.join("state.bin"), &self.ledger)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.ledger = saved::read(&folder.join("state.bin"))?;
        Ok(())
    }
}

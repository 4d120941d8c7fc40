//! A training of a planner in any environment, in the order of the real loop.

use std::collections::BTreeMap;

use zerolab_agents::registry::{find, find_preset};
use zerolab_agents::{Agent, AgentEntry, Context, Device, Mode, PhasedUpdates};
use zerolab_environments::Environment;

use crate::lanes::Lanes;

pub const LANES: usize = 4;

pub struct TestTraining {
    pub agent: Box<dyn Agent>,
    pub lanes: Lanes,
    pub real_steps: u64,
    pub actions: Vec<usize>,
    /// The losses after each round with updates.
    pub losses: Vec<BTreeMap<String, f64>>,
    /// Changes a reward before the agent gets it.
    pub reward: fn(f32) -> f32,
    preset: &'static str,
}

const SMALL: &str = "
    search.simulations = 3
    training = { batch_size = 6, update_ratio = 0.1, learning_starts = 20 }
    [network.vector]
    channels = 8
    head_channels = 4
    head_hidden = 8
    lstm_hidden = 8
    projection = 8
    [network.image]
    channels = 4
    head_channels = 2
    head_hidden = 8
    lstm_hidden = 8
    projection = 8
";

fn merge(table: &mut toml::Table, changes: toml::Table) {
    for (key, value) in changes {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(value)) => merge(below, value),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

/// The preset `efficientzero`, small, with changes.
pub fn settings(changes: &str) -> (&'static AgentEntry, toml::Table) {
    settings_of("efficientzero", changes)
}

/// A preset, small, with changes.
pub fn settings_of(preset: &str, changes: &str) -> (&'static AgentEntry, toml::Table) {
    let mut table: toml::Table = find_preset(preset).unwrap().toml.parse().unwrap();
    let entry = find(table.remove("agent").unwrap().as_str().unwrap()).unwrap();
    merge(&mut table, SMALL.parse().unwrap());
    let seldom = match preset {
        "alphazero" => "training.target_interval = 3",
        _ => "reanalyse = { ratio = 0.5, target_interval = 3, reuse = 0 }",
    };
    merge(&mut table, seldom.parse().unwrap());
    merge(&mut table, changes.parse().unwrap());
    (entry, (entry.resolve)(&table).unwrap())
}

pub fn environment(name: &str) -> Box<dyn Environment> {
    let entry = zerolab_environments::find(name).unwrap();
    (entry.make)(&(entry.resolve)(&toml::Table::new()).unwrap()).unwrap()
}

pub fn context(environment: &dyn Environment, real_steps: u64, seed: u64) -> Context {
    let description = environment.description().clone();
    Context {
        description,
        real_steps,
        phases: PhasedUpdates::default(),
        lanes: LANES,
        seed,
        device: Device::cpu(),
    }
}

impl TestTraining {
    pub fn new(changes: &str, environment: &dyn Environment, real_steps: u64) -> Self {
        Self::of("efficientzero", changes, environment, real_steps)
    }

    pub fn of(
        preset: &'static str,
        changes: &str,
        environment: &dyn Environment,
        real_steps: u64,
    ) -> Self {
        let (entry, table) = settings_of(preset, changes);
        let lanes = Lanes::new(environment, LANES, 7);
        let agent = (entry.make)(&table, &context(environment, real_steps, 3)).unwrap();
        Self {
            agent,
            lanes,
            real_steps: 0,
            actions: Vec::new(),
            losses: Vec::new(),
            reward: |reward| reward,
            preset,
        }
    }

    /// The same training with a new agent that loaded the saved state of this one.
    pub fn reloaded(&self, changes: &str, budget: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        self.agent.save(folder.path(), None).unwrap();
        let mut again = Self::of(self.preset, changes, self.lanes.environment(), budget);
        again.agent.load(folder.path()).unwrap();
        again.lanes = self.lanes.clone();
        (again.real_steps, again.reward) = (self.real_steps, self.reward);
        again
    }

    pub fn round(&mut self) {
        let chosen = self.act(Mode::Explore);
        let mut transitions = self.lanes.step(&chosen);
        transitions.iter_mut().for_each(|step| step.reward = step.reward.map(self.reward));
        self.actions.extend(chosen);
        self.real_steps += LANES as u64;
        self.agent.observe(transitions).unwrap();
        self.agent.learn(self.real_steps).unwrap();
        let losses = self.agent.drain_losses();
        self.losses.extend((!losses.is_empty()).then_some(losses));
    }

    pub fn act(&mut self, mode: Mode) -> Vec<usize> {
        self.lanes.ask(LANES, |seen| self.agent.act(seen, mode).unwrap())
    }

    pub fn until(mut self, real_steps: u64) -> Self {
        while self.real_steps < real_steps {
            self.round();
        }
        self
    }
}

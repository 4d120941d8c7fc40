//! A short training of an agent, without files.

use zerolab_agents::{Agent, Context, Device, Mode, Observations, PhasedUpdates};
use zerolab_environments::Environment;

use crate::lanes::Lanes;
use crate::small::settings;

/// The environments of the tests: one with vectors, one with images.
pub const ENVIRONMENTS: [&str; 2] = ["cartpole", "catch"];

/// A run of an agent, in the order of the real loop.
pub struct TestRun {
    pub agent: Box<dyn Agent>,
    pub lanes: Lanes,
    pub real_steps: u64,
    pub actions: Vec<usize>,
}

pub const LANES: usize = 4;
/// The last round is of two lanes only.
pub const BUDGET: u64 = 122;

pub fn environment(name: &str) -> Box<dyn Environment> {
    environment_with(name, "")
}

/// An environment with these settings, in TOML.
pub fn environment_with(name: &str, settings: &str) -> Box<dyn Environment> {
    let entry = zerolab_environments::find(name).unwrap();
    (entry.make)(&(entry.resolve)(&settings.parse().unwrap()).unwrap()).unwrap()
}

/// The environment in which a preset is tested in place of `name`: the exact solution needs one that has it.
pub fn played<'a>(preset: &str, name: &'a str) -> &'a str {
    if preset == "optimal" { "gridworlds/boat_race" } else { name }
}

pub fn context(environment: &dyn Environment, seed: u64) -> Context {
    Context {
        description: environment.description().clone(),
        real_steps: BUDGET,
        phases: PhasedUpdates::default(),
        lanes: LANES,
        seed,
        device: Device::cpu(),
    }
}

impl TestRun {
    pub fn new(preset: &str, name: &str, seed: u64) -> Self {
        let (entry, table) = settings(preset);
        let lanes = Lanes::new(&*environment(played(preset, name)), LANES, seed);
        let agent = (entry.make)(&table, &context(lanes.environment(), seed)).unwrap();
        Self { agent, lanes, real_steps: 0, actions: Vec::new() }
    }

    /// A step in each lane, or in as many lanes as the budget allows.
    pub fn round(&mut self) {
        let lanes = LANES.min((BUDGET - self.real_steps) as usize);
        let actions = self.lanes.ask(lanes, |seen| self.agent.act(seen, Mode::Explore).unwrap());
        let transitions = self.lanes.step(&actions);
        self.actions.extend(actions);
        self.real_steps += lanes as u64;
        self.agent.observe(transitions).unwrap();
        self.agent.learn(self.real_steps).unwrap();
    }

    pub fn evaluate(&mut self) -> Vec<usize> {
        self.asked(|agent, seen| agent.act(seen, Mode::Evaluate { seed: 5 }).unwrap())
    }

    pub fn foretell(&mut self) -> Vec<usize> {
        self.asked(|agent, seen| agent.act(seen, Mode::Foretell { seed: 5 }).unwrap())
    }

    /// Calls `ask` with the agent and the observations of all lanes.
    pub fn asked<T>(&mut self, ask: impl FnOnce(&mut dyn Agent, &Observations<'_>) -> T) -> T {
        self.lanes.ask(LANES, |seen| ask(&mut *self.agent, seen))
    }

    pub fn finish(mut self) -> Self {
        while self.real_steps < BUDGET {
            self.round();
        }
        self
    }
}

//! A training of an agent without files.

use zerolab_agents::{Agent, Context, Device, Mode, Observations, Streams, Transition, Worlds};
use zerolab_environments::Environment;

use crate::small::settings;

/// The worlds in which all agents are tried: one of vectors, one of images.
pub const WORLDS: [&str; 2] = ["cartpole", "catch"];

/// A run of an agent, in the order of the real loop.
pub struct Run {
    pub agent: Box<dyn Agent>,
    pub lanes: Vec<Box<dyn Environment>>,
    pub episodes: u64,
    pub real_steps: u64,
    pub seed: u64,
    pub actions: Vec<usize>,
}

pub const LANES: usize = 4;
/// The last round is of two lanes only.
pub const BUDGET: u64 = 122;

pub fn environment(name: &str) -> Box<dyn Environment> {
    let entry = zerolab_environments::find(name).unwrap();
    (entry.make)(&(entry.resolve)(&toml::Table::new()).unwrap()).unwrap()
}

pub fn context(environment: &dyn Environment, seed: u64) -> Context {
    Context {
        description: environment.description().clone(),
        real_steps: BUDGET,
        lanes: LANES,
        seed,
        device: Device::cpu(),
    }
}

pub fn observe(environment: &dyn Environment) -> Vec<f32> {
    let mut seen = vec![0.0; environment.description().observation_shape.iter().product()];
    environment.observe(&mut seen);
    seen
}

impl Run {
    pub fn new(preset: &str, world: &str, seed: u64) -> Self {
        let (entry, table) = settings(preset);
        let mut lanes: Vec<_> = (0..LANES).map(|_| environment(world)).collect();
        lanes
            .iter_mut()
            .zip(0..)
            .for_each(|(lane, index)| lane.reset(Streams::new(seed).seed("lane", index)));
        let agent = (entry.make)(&table, &context(&*lanes[0], seed)).unwrap();
        Self { agent, lanes, episodes: LANES as u64, real_steps: 0, seed, actions: Vec::new() }
    }

    /// A step in each lane, or in as many as the budget still allows.
    pub fn round(&mut self) {
        let lanes = LANES.min((BUDGET - self.real_steps) as usize);
        let playing = &mut self.lanes[..lanes];
        let observations: Vec<f32> = playing.iter().flat_map(|lane| observe(&**lane)).collect();
        let num_actions = playing[0].description().num_actions;
        let legal = vec![true; lanes * num_actions];
        let to_play = vec![0; lanes];
        let worlds: Vec<_> = playing.iter().map(|lane| &**lane).collect();
        let worlds = Worlds::new(&worlds);
        let seen =
            Observations { observations: &observations, legal: &legal, to_play: &to_play, worlds };
        let actions = self.agent.act(&seen, Mode::Explore).unwrap();
        let mut transitions = Vec::new();
        for (index, lane) in playing.iter_mut().enumerate() {
            let observation = observe(&**lane);
            let step = lane.step(actions[index]).unwrap();
            transitions.push(Transition {
                lane: index,
                observation,
                action: actions[index],
                reward: step.reward,
                terminated: step.terminated,
                truncated: step.truncated,
                next_observation: observe(&**lane),
                legal: vec![true; num_actions],
                to_play: 0,
                next_to_play: 0,
            });
            if step.terminated || step.truncated {
                self.episodes += 1;
                lane.reset(Streams::new(self.seed).seed("lane", self.episodes));
            }
        }
        self.actions.extend(actions);
        self.real_steps += lanes as u64;
        self.agent.observe(transitions).unwrap();
        self.agent.learn(self.real_steps).unwrap();
    }

    pub fn evaluate(&mut self) -> Vec<usize> {
        self.asked(|agent, seen| agent.act(seen, Mode::Evaluate { seed: 5 }).unwrap())
    }

    /// Asks the agent something about all lanes.
    pub fn asked<T>(&mut self, ask: impl FnOnce(&mut dyn Agent, &Observations<'_>) -> T) -> T {
        let observations: Vec<f32> = self.lanes.iter().flat_map(|lane| observe(&**lane)).collect();
        let legal = vec![true; LANES * self.lanes[0].description().num_actions];
        let (to_play, worlds) = ([0; LANES], self.lanes.iter().map(|lane| &**lane));
        let worlds: Vec<_> = worlds.collect();
        let worlds = Worlds::new(&worlds);
        let seen =
            Observations { observations: &observations, legal: &legal, to_play: &to_play, worlds };
        ask(&mut *self.agent, &seen)
    }

    pub fn finish(mut self) -> Self {
        while self.real_steps < BUDGET {
            self.round();
        }
        self
    }
}

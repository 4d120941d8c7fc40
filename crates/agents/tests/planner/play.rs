//! A training of a planner in any world, in the order of the real loop.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use zerolab_agents::registry::{find, find_preset};
use zerolab_agents::{
    Agent, Context, Device, Entry, Mode, Observations, Streams, Transition, Worlds,
};
use zerolab_environments::Environment;

pub const LANES: usize = 4;

pub struct Play {
    pub agent: Box<dyn Agent>,
    pub lanes: Vec<Box<dyn Environment>>,
    episodes: u64,
    pub real_steps: u64,
    pub actions: Vec<usize>,
    /// What was drained after each round with updates.
    pub losses: Vec<BTreeMap<String, f64>>,
    /// What becomes of a reward before the agent sees it.
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
pub fn settings(changes: &str) -> (&'static Entry, toml::Table) {
    settings_of("efficientzero", changes)
}

/// A preset, small, with changes.
pub fn settings_of(preset: &str, changes: &str) -> (&'static Entry, toml::Table) {
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

pub fn context(world: &dyn Environment, real_steps: u64, seed: u64) -> Context {
    let description = world.description().clone();
    Context { description, real_steps, lanes: LANES, seed, device: Device::cpu() }
}

impl Play {
    pub fn new(changes: &str, world: &dyn Environment, real_steps: u64) -> Self {
        Self::of("efficientzero", changes, world, real_steps)
    }

    pub fn of(
        preset: &'static str,
        changes: &str,
        world: &dyn Environment,
        real_steps: u64,
    ) -> Self {
        let (entry, table) = settings_of(preset, changes);
        let mut lanes: Vec<_> = (0..LANES).map(|_| world.clone_box()).collect();
        lanes.iter_mut().zip(0..).for_each(|(lane, index)| lane.reset(index));
        let agent = (entry.make)(&table, &context(world, real_steps, 3)).unwrap();
        Self {
            agent,
            lanes,
            episodes: LANES as u64,
            real_steps: 0,
            actions: Vec::new(),
            losses: Vec::new(),
            reward: |reward| reward,
            preset,
        }
    }

    /// The same training with an agent that was made anew and took up the saved state of this one.
    pub fn reloaded(&self, changes: &str, budget: u64) -> Self {
        static SAVED: AtomicU64 = AtomicU64::new(0);
        let name = (std::process::id(), SAVED.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("zerolab-planner-{}-{}", name.0, name.1));
        std::fs::create_dir_all(&folder).unwrap();
        self.agent.save(&folder, None).unwrap();
        let mut again = Self::of(self.preset, changes, &*self.lanes[0], budget);
        again.agent.load(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        again.lanes = self.lanes.iter().map(|lane| lane.clone_box()).collect();
        (again.episodes, again.real_steps, again.reward) =
            (self.episodes, self.real_steps, self.reward);
        again
    }

    pub fn round(&mut self) {
        let chosen = self.act(Mode::Explore);
        let mut transitions = Vec::new();
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let (observation, to_play) = (observe(&**lane), lane.to_play());
            let legal = legal(&**lane);
            let step = lane.step(chosen[index]).unwrap();
            transitions.push(Transition {
                lane: index,
                observation,
                action: chosen[index],
                reward: (self.reward)(step.reward),
                terminated: step.terminated,
                truncated: step.truncated,
                next_observation: observe(&**lane),
                legal,
                to_play,
                next_to_play: lane.to_play(),
            });
            if step.ends() {
                self.episodes += 1;
                lane.reset(Streams::new(7).seed("episode", self.episodes));
            }
        }
        self.actions.extend(chosen);
        self.real_steps += LANES as u64;
        self.agent.observe(transitions).unwrap();
        self.agent.learn(self.real_steps).unwrap();
        let losses = self.agent.drain_losses();
        self.losses.extend((!losses.is_empty()).then_some(losses));
    }

    pub fn act(&mut self, mode: Mode) -> Vec<usize> {
        let observations: Vec<f32> = self.lanes.iter().flat_map(|lane| observe(&**lane)).collect();
        let legal: Vec<bool> = self.lanes.iter().flat_map(|lane| legal(&**lane)).collect();
        let to_play: Vec<usize> = self.lanes.iter().map(|lane| lane.to_play()).collect();
        let worlds: Vec<_> = self.lanes.iter().map(|lane| &**lane).collect();
        let worlds = Worlds::new(&worlds);
        let seen =
            Observations { observations: &observations, legal: &legal, to_play: &to_play, worlds };
        self.agent.act(&seen, mode).unwrap()
    }

    pub fn until(mut self, real_steps: u64) -> Self {
        while self.real_steps < real_steps {
            self.round();
        }
        self
    }
}

pub fn observe(world: &dyn Environment) -> Vec<f32> {
    let mut seen = vec![0.0; world.description().observation_len()];
    world.observe(&mut seen);
    seen
}

pub fn legal(world: &dyn Environment) -> Vec<bool> {
    let mut legal = vec![true; world.description().num_actions];
    world.legal_actions(&mut legal);
    legal
}

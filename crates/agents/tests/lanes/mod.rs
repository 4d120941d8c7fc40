//! Copies of a world that an agent plays side by side in a test, as the lanes of a run.

use zerolab_agents::{Observations, Streams, Transition, Worlds};
use zerolab_environments::Environment;

pub struct Lanes {
    worlds: Vec<Box<dyn Environment>>,
    /// Begun so far.
    episodes: u64,
    seed: u64,
}

impl Lanes {
    pub fn new(world: &dyn Environment, count: usize, seed: u64) -> Self {
        let worlds = (0..count).map(|_| world.clone_box()).collect();
        let mut lanes = Self { worlds, episodes: 0, seed };
        (0..count).for_each(|lane| lanes.begin(lane));
        lanes
    }

    pub fn world(&self) -> &dyn Environment {
        &*self.worlds[0]
    }

    fn begin(&mut self, lane: usize) {
        self.worlds[lane].reset(Streams::new(self.seed).seed("episode", self.episodes));
        self.episodes += 1;
    }

    /// Asks something about the first `count` lanes.
    pub fn ask<T>(&self, count: usize, ask: impl FnOnce(&Observations<'_>) -> T) -> T {
        let worlds: Vec<_> = self.worlds[..count].iter().map(|world| &**world).collect();
        let observations: Vec<f32> = worlds.iter().flat_map(|world| observe(*world)).collect();
        let legal: Vec<bool> = worlds.iter().flat_map(|world| legal(*world)).collect();
        let to_play: Vec<usize> = worlds.iter().map(|world| world.to_play()).collect();
        let worlds = Worlds::new(&worlds);
        let (observations, legal, to_play) = (&observations, &legal, &to_play);
        ask(&Observations { observations, legal, to_play, worlds })
    }

    /// An action in each of the first lanes; where an episode ends the next one begins.
    pub fn step(&mut self, actions: &[usize]) -> Vec<Transition> {
        let mut transitions = Vec::new();
        for (lane, &action) in actions.iter().enumerate() {
            let world = &mut self.worlds[lane];
            let (observation, legal) = (observe(&**world), legal(&**world));
            let to_play = world.to_play();
            let step = world.step(action).unwrap();
            transitions.push(Transition {
                lane,
                observation,
                action,
                reward: step.reward,
                terminated: step.terminated,
                truncated: step.truncated,
                next_observation: observe(&**world),
                legal,
                to_play,
                next_to_play: world.to_play(),
            });
            if step.ends() {
                self.begin(lane);
            }
        }
        transitions
    }
}

impl Clone for Lanes {
    fn clone(&self) -> Self {
        Self { worlds: self.worlds.iter().map(|world| world.clone_box()).collect(), ..*self }
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

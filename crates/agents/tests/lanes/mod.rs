//! Copies of an environment that an agent plays in parallel in a test, as the lanes of a run.

use zerolab_agents::{EnvironmentBatch, Observations, Streams, Transition};
use zerolab_environments::Environment;

pub struct Lanes {
    environments: Vec<Box<dyn Environment>>,
    /// How many have begun.
    episodes: u64,
    seed: u64,
}

impl Lanes {
    pub fn new(environment: &dyn Environment, count: usize, seed: u64) -> Self {
        let environments = (0..count).map(|_| environment.clone_box()).collect();
        let mut lanes = Self { environments, episodes: 0, seed };
        (0..count).for_each(|lane| lanes.begin(lane));
        lanes
    }

    pub fn environment(&self) -> &dyn Environment {
        &*self.environments[0]
    }

    fn begin(&mut self, lane: usize) {
        self.environments[lane].reset(Streams::new(self.seed).seed("episode", self.episodes));
        self.episodes += 1;
    }

    /// Calls `ask` with the observations of the first `count` lanes.
    pub fn ask<T>(&self, count: usize, ask: impl FnOnce(&Observations<'_>) -> T) -> T {
        let environments: Vec<_> =
            self.environments[..count].iter().map(|environment| &**environment).collect();
        let observations: Vec<f32> =
            environments.iter().flat_map(|environment| observe(*environment)).collect();
        let legal: Vec<bool> =
            environments.iter().flat_map(|environment| legal(*environment)).collect();
        let to_play: Vec<usize> =
            environments.iter().map(|environment| environment.to_play()).collect();
        let environments = EnvironmentBatch::new(&environments);
        let (observations, legal, to_play) = (&observations, &legal, &to_play);
        ask(&Observations { observations, legal, to_play, environments })
    }

    /// Takes an action in each of the first lanes. After the end of an episode the next one begins.
    pub fn step(&mut self, actions: &[usize]) -> Vec<Transition> {
        let mut transitions = Vec::new();
        for (lane, &action) in actions.iter().enumerate() {
            let environment = &mut self.environments[lane];
            let (observation, legal) = (observe(&**environment), legal(&**environment));
            let to_play = environment.to_play();
            let step = environment.step(action).unwrap();
            transitions.push(Transition {
                lane,
                observation,
                action,
                reward: step.reward,
                terminated: step.terminated,
                truncated: step.truncated,
                next_observation: observe(&**environment),
                legal,
                to_play,
                next_to_play: environment.to_play(),
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
        Self {
            environments: self
                .environments
                .iter()
                .map(|environment| environment.clone_box())
                .collect(),
            ..*self
        }
    }
}

pub fn observe(environment: &dyn Environment) -> Vec<f32> {
    let mut seen = vec![0.0; environment.description().observation_len()];
    environment.observe(&mut seen);
    seen
}

pub fn legal(environment: &dyn Environment) -> Vec<bool> {
    let mut legal = vec![true; environment.description().num_actions];
    environment.legal_actions(&mut legal);
    legal
}

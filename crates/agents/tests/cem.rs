//! The cross-entropy method: what it finds, whose episodes it counts, and what it saves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use candle_core::Tensor;
use zerolab_agents::{
    Agent, Context, Device, EVERY_LAYER, EnvironmentBatch, Mode, Observations, PhaseStart,
    PhasedUpdates, Transition, find,
};
use zerolab_environments::Description;
use zerolab_metrics::{Account, Phase};

const BUDGET: u64 = 20_000;

/// Made-up environments of one number as observation, and two actions. All lanes are in the same step of an episode.
struct Game {
    agent: Box<dyn Agent>,
    lanes: usize,
    real_steps: u64,
}

/// The end of an episode.
#[derive(Clone, Copy)]
enum Ends {
    Terminated,
    Truncated,
}

impl Game {
    fn new(settings: &str, lanes: usize, seed: u64) -> Self {
        let entry = find("cem").unwrap();
        let context = Context {
            description: Description::new("game", [1], 2),
            real_steps: BUDGET,
            phases: PhasedUpdates::default(),
            lanes,
            seed,
            device: Device::cpu(),
        };
        let settings = (entry.resolve)(&settings.parse().unwrap()).unwrap();
        let agent = (entry.make)(&settings, &context).unwrap();
        Self { agent, lanes, real_steps: 0 }
    }

    fn act(&mut self, observation: f32, mode: Mode) -> Vec<usize> {
        self.agent.act(&seen(&vec![observation; self.lanes]), mode).unwrap()
    }

    /// A step in each lane, with a reward for each action.
    fn step(
        &mut self,
        observation: f32,
        rewards: &dyn Fn(usize, usize) -> f32,
        end: Option<Ends>,
    ) -> Vec<usize> {
        let actions = self.act(observation, Mode::Explore);
        let transition = |(lane, &action): (usize, &usize)| Transition {
            lane,
            observation: vec![observation],
            action,
            reward: Some(rewards(lane, action)),
            terminated: matches!(end, Some(Ends::Terminated)),
            truncated: matches!(end, Some(Ends::Truncated)),
            next_observation: vec![observation],
            legal: vec![true; 2],
            to_play: 0,
            next_to_play: 0,
        };
        let transitions = actions.iter().enumerate().map(transition).collect();
        self.agent.observe(transitions).unwrap();
        self.real_steps += self.lanes as u64;
        self.agent.learn(self.real_steps).unwrap();
        actions
    }

    /// A step in each lane in which the action is to be that of the sign of the observation.
    fn sign(&mut self, end: Option<Ends>) {
        let observation =
            if (self.real_steps / self.lanes as u64).is_multiple_of(2) { 1.0 } else { -1.0 };
        let best = usize::from(observation > 0.0);
        self.step(observation, &|_, action| if action == best { 1.0 } else { 0.0 }, end);
    }

    /// The probability of action 1 in evaluations.
    fn probability(&mut self, observation: f32) -> f32 {
        self.agent.explain(&seen(&[observation]), 1).unwrap()[0].policy[1]
    }
}

fn seen(observations: &[f32]) -> Observations<'_> {
    const LEGAL: [bool; 128] = [true; 128];
    const FIRST: [usize; 64] = [0; 64];
    Observations {
        observations,
        legal: &LEGAL[..2 * observations.len()],
        to_play: &FIRST[..observations.len()],
        environments: EnvironmentBatch::default(),
    }
}

/// The contents of a saved agent's files.
fn saved(agent: &dyn Agent) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    agent.save(folder.path(), None).unwrap();
    let read = |path: &Path| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())
    };
    fs::read_dir(folder.path()).unwrap().map(|entry| read(&entry.unwrap().path())).collect()
}

#[test]
fn it_finds_the_best_action_of_each_observation() {
    for (settings, seed) in [("", 1), ("", 2), ("", 3), ("hidden = 4", 1), ("hidden = 4", 2)] {
        let mut game = Game::new(settings, 8, seed);
        for round in 0..BUDGET / 8 {
            // Two steps an episode, with another observation each.
            game.sign((round % 2 == 1).then_some(Ends::Terminated));
        }
        let (right, wrong) = (game.probability(1.0), game.probability(-1.0));
        assert!(right > 0.95 && wrong < 0.05, "{settings}, seed {seed}: {right} {wrong}");
    }
}

/// The two actions of an episode must differ, and the observations do not. So the best probability is a half, and no
/// single action can be improved.
#[test]
fn it_finds_a_mixed_policy() {
    for seed in 1..=5 {
        let mut game = Game::new("episodes = 10\nnoise = 0.1", 8, seed);
        let mut first = Vec::new();
        for round in 0..BUDGET / 8 {
            first = match round % 2 {
                0 => game.step(1.0, &|_, _| 0.0, None),
                _ => {
                    let differs =
                        |lane: usize, action: usize| f32::from(u8::from(action != first[lane]));
                    game.step(1.0, &differs, Some(Ends::Terminated))
                }
            };
        }
        let probability = game.probability(1.0);
        assert!((0.4..0.6).contains(&probability), "seed {seed}: {probability}");
    }
}

/// Of six episodes of a generation four lanes play two rounds, and the last two lanes of the second round have none to
/// play. An episode that was cut off counts.
#[test]
fn a_generation_ends_with_the_last_of_its_episodes() {
    for end in [Ends::Terminated, Ends::Truncated] {
        let mut game = Game::new("population = 3\nepisodes = 2", 4, 1);
        for round in 1..=6 {
            game.sign(None);
            game.sign(Some(end));
            assert_eq!(game.agent.updates(), round / 2);
        }
        let losses = game.agent.drain_losses();
        assert_eq!(losses.keys().collect::<Vec<_>>(), ["deviation", "elite_return", "mean_return"]);
        assert!(losses["elite_return"] >= losses["mean_return"] && losses["mean_return"] >= 0.0);
        assert!(game.agent.drain_losses().is_empty());
    }
}

/// With one reward for each lane, the scores of a generation tell which episodes count: those of lanes 0 and 1.
#[test]
fn lanes_without_a_candidate_do_not_count() {
    let mut game = Game::new("population = 2\nepisodes = 1", 4, 1);
    game.step(1.0, &|lane, _| [1.0, 3.0, 100.0, 100.0][lane], Some(Ends::Terminated));
    assert_eq!(game.agent.updates(), 1);
    let losses = game.agent.drain_losses();
    assert_eq!((losses["mean_return"], losses["elite_return"]), (2.0, 3.0));
}

#[test]
fn an_agent_that_was_saved_within_a_generation_ends_in_the_same_state() {
    let mut straight = Game::new("population = 5\nepisodes = 3\nhidden = 2", 4, 1);
    (0..31).for_each(|round| straight.sign((round % 3 == 2).then_some(Ends::Terminated)));
    assert!(straight.agent.updates() > 0);
    let folder = tempfile::tempdir().unwrap();
    straight.agent.save(folder.path(), None).unwrap();
    let mut resumed = Game::new("population = 5\nepisodes = 3\nhidden = 2", 4, 77);
    resumed.agent.load(folder.path()).unwrap();
    resumed.real_steps = straight.real_steps;
    for game in [&mut straight, &mut resumed] {
        (31..90).for_each(|round| game.sign((round % 3 == 2).then_some(Ends::Terminated)));
        // Times differ.
        *game.agent.account() = Account::default();
    }
    assert_eq!(saved(&*straight.agent), saved(&*resumed.agent));
}

#[test]
fn the_weights_alone_are_the_policy_of_evaluations() {
    let mut trained = Game::new("hidden = 3", 8, 1);
    (0..1_000).for_each(|_| trained.sign(Some(Ends::Terminated)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    trained.agent.weights().unwrap().save(&path).unwrap();
    let mut opened = Game::new("hidden = 3", 1, 2);
    assert_ne!(opened.probability(1.0), trained.probability(1.0));
    opened.agent.weights().unwrap().load(&path).unwrap();
    for observation in [1.0, -1.0, 0.3] {
        assert_eq!(opened.probability(observation), trained.probability(observation));
        let observations = [observation; 64];
        let [one, other] = [&mut opened, &mut trained]
            .map(|game| game.agent.act(&seen(&observations), Mode::Evaluate { seed: 9 }).unwrap());
        assert_eq!(one, other);
    }
}

#[test]
fn an_evaluation_costs_what_it_computes_and_changes_nothing_else() {
    let mut games = [(); 2].map(|()| Game::new("hidden = 3", 8, 1));
    games.iter_mut().for_each(|game| (0..50).for_each(|_| game.sign(Some(Ends::Terminated))));
    let [mut evaluated, mut other] = games;
    evaluated.act(1.0, Mode::Evaluate { seed: 3 });
    let flops = evaluated.agent.account().phase(Phase::Evaluation).flops;
    // Of eight rows: one input, three hidden units and two actions.
    assert_eq!(flops, 8 * 2 * (3 + 3 * 2));
    for game in [&mut evaluated, &mut other] {
        *game.agent.account() = Account::default();
    }
    assert_eq!(saved(&*evaluated.agent), saved(&*other.agent));
}

/// A phase draws new candidates, whose returns are of the new task; a reset forgets the mean of its layers.
#[test]
fn a_phase_begins_a_generation_anew() {
    let mut game = Game::new("population = 3\nepisodes = 1\nhidden = 2", 2, 1);
    let phase = |reset: &[&str]| PhaseStart {
        phase: 1,
        forget: false,
        reset: reset.iter().map(|layer| (*layer).to_owned()).collect(),
    };
    (0..3).for_each(|_| game.sign(Some(Ends::Terminated)));
    let updates = game.agent.updates();
    assert!(updates > 0);
    let weights = |game: &Game| -> BTreeMap<String, Vec<f32>> {
        let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let weights = game.agent.weights().unwrap().trained().iter();
        weights.map(|(name, variable)| (name.clone(), numbers(variable.as_tensor()))).collect()
    };
    let before = weights(&game);
    game.agent.begin_phase(&phase(&[])).unwrap();
    assert_eq!(weights(&game), before);
    // Without the phase this would be the last episode of a generation of three.
    game.sign(Some(Ends::Terminated));
    assert_eq!(game.agent.updates(), updates);
    game.sign(Some(Ends::Terminated));
    assert_eq!(game.agent.updates(), updates + 1);

    let before = weights(&game);
    game.agent.begin_phase(&phase(&["policy.output"])).unwrap();
    for (name, numbers) in weights(&game) {
        match name.starts_with("policy.output.") {
            true => assert!(numbers.iter().all(|number| *number == 0.0), "{name}"),
            false => assert_eq!(numbers, before[&name], "{name}"),
        }
    }
    game.agent.begin_phase(&phase(&[EVERY_LAYER])).unwrap();
    assert!(weights(&game).values().flatten().all(|number| *number == 0.0));
}

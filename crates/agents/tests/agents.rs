//! What every registered agent and preset must do, and that learners account, repeat and resume exactly.

use std::collections::BTreeMap;

use zerolab_agents::registry::{agents, find, find_preset, presets};
use zerolab_agents::{Agent, Context, Device, Mode, Observations, Streams, Transition, Worlds};
use zerolab_environments::Environment;
use zerolab_metrics::{Phase, PhaseCost};

/// Settings small enough for a test, by kind of agent.
const SMALL: &[(&str, &str)] = &[
    (
        "planner",
        "search = { simulations = 3 }\n\
         network.vector = { channels = 8, head_channels = 4, head_hidden = 8, lstm_hidden = 8, projection = 8 }\n\
         network.image = { channels = 4, head_channels = 2, head_hidden = 8, lstm_hidden = 8, projection = 8 }\n\
         training = { batch_size = 6, update_ratio = 0.1, learning_starts = 20 }\n\
         reanalyse = { ratio = 0.5, target_interval = 3 }\n",
    ),
    (
        "alphazero",
        "search = { simulations = 3 }\n\
         network.vector = { channels = 8, head_channels = 4, head_hidden = 8 }\n\
         network.image = { channels = 4, head_channels = 2, head_hidden = 8 }\n\
         training = { batch_size = 6, target_interval = 3, update_ratio = 0.1, learning_starts = 20 }\n",
    ),
    ("dqn", "batch_size = 6\nupdate_ratio = 0.1\nlearning_starts = 20\ntarget_interval = 3\n"),
    ("ppo", "rollout_steps = 8\n"),
    ("random", ""),
    ("scripted", ""),
];

fn settings(preset: &str) -> (&'static zerolab_agents::registry::Entry, toml::Table) {
    let mut table: toml::Table = toml::from_str(find_preset(preset).unwrap().toml).unwrap();
    let kind = table.remove("agent").unwrap();
    let entry = find(kind.as_str().unwrap()).unwrap();
    let small = SMALL.iter().find(|(kind, _)| *kind == entry.name).unwrap().1;
    let small: toml::Table = toml::from_str(small).unwrap();
    lay_over(&mut table, small);
    (entry, (entry.resolve)(&table).unwrap())
}

/// Sets in `table` what `over` says, key by key.
fn lay_over(table: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(table)), toml::Value::Table(over)) => lay_over(table, over),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

/// A run of an agent, in the order of the real loop.
struct Run {
    agent: Box<dyn Agent>,
    lanes: Vec<Box<dyn Environment>>,
    episodes: u64,
    real_steps: u64,
    seed: u64,
    actions: Vec<usize>,
}

const LANES: usize = 4;
/// The last round is of two lanes only.
const BUDGET: u64 = 122;

fn environment(name: &str) -> Box<dyn Environment> {
    let entry = zerolab_environments::find(name).unwrap();
    (entry.make)(&(entry.resolve)(&toml::Table::new()).unwrap()).unwrap()
}

fn context(environment: &dyn Environment, seed: u64) -> Context {
    Context {
        description: environment.description().clone(),
        real_steps: BUDGET,
        lanes: LANES,
        seed,
        device: Device::cpu(),
    }
}

fn observe(environment: &dyn Environment) -> Vec<f32> {
    let mut seen = vec![0.0; environment.description().observation_shape.iter().product()];
    environment.observe(&mut seen);
    seen
}

impl Run {
    fn new(preset: &str, world: &str, seed: u64) -> Self {
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
    fn round(&mut self) {
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

    fn evaluate(&mut self) -> Vec<usize> {
        self.asked(|agent, seen| agent.act(seen, Mode::Evaluate { seed: 5 }).unwrap())
    }

    /// Asks the agent something about all lanes.
    fn asked<T>(&mut self, ask: impl FnOnce(&mut dyn Agent, &Observations<'_>) -> T) -> T {
        let observations: Vec<f32> = self.lanes.iter().flat_map(|lane| observe(&**lane)).collect();
        let legal = vec![true; LANES * self.lanes[0].description().num_actions];
        let (to_play, worlds) = ([0; LANES], self.lanes.iter().map(|lane| &**lane));
        let worlds: Vec<_> = worlds.collect();
        let worlds = Worlds::new(&worlds);
        let seen =
            Observations { observations: &observations, legal: &legal, to_play: &to_play, worlds };
        ask(&mut *self.agent, &seen)
    }

    fn finish(mut self) -> Self {
        while self.real_steps < BUDGET {
            self.round();
        }
        self
    }
}

const WORLDS: [&str; 2] = ["cartpole", "catch"];

#[test]
fn every_agent_has_a_preset_a_word_and_a_schema() {
    for entry in agents() {
        assert!(!entry.summary.is_empty());
        let properties = (entry.schema)();
        assert!(properties.as_object().is_some());
        let named = presets()
            .iter()
            .any(|preset| preset.toml.contains(&format!("agent = \"{}\"", entry.name)));
        assert!(named, "{} has no preset", entry.name);
        assert!(
            SMALL.iter().any(|(kind, _)| *kind == entry.name),
            "{} has no small settings here",
            entry.name
        );
    }
}

#[test]
fn presets_resolve_to_themselves() {
    for preset in presets() {
        let (entry, table) = settings(preset.name);
        assert_eq!((entry.resolve)(&table).unwrap(), table, "{}", preset.name);
        assert!(!preset.summary.is_empty());
    }
}

/// Asked for its thoughts an agent does what it does unasked, and what it says of that holds together.
#[test]
fn what_an_agent_thinks_is_of_what_it_does() {
    let small = presets().iter().filter(|preset| !preset.name.contains('/'));
    for (preset, world) in small.flat_map(|preset| WORLDS.map(|world| (preset.name, world))) {
        let (mut run, mut unasked) = (Run::new(preset, world, 1), Run::new(preset, world, 1));
        for _ in 0..8 {
            run.round();
            unasked.round();
        }
        let num_actions = run.lanes[0].description().num_actions;
        let thoughts = run.asked(|agent, seen| agent.deliberate(seen, 5).unwrap());
        let actions: Vec<usize> = thoughts.iter().map(|thought| thought.action).collect();
        assert_eq!(actions, unasked.evaluate(), "{preset} in {world}");
        assert_eq!(
            run.agent.account().phase(Phase::Evaluation).flops,
            unasked.agent.account().phase(Phase::Evaluation).flops,
            "{preset} in {world}"
        );
        for thought in thoughts {
            for shares in [&thought.policy, &thought.prior] {
                let sum: f32 = shares.iter().sum();
                assert!(
                    shares.is_empty() || shares.len() == num_actions && (sum - 1.0).abs() < 1e-5
                );
            }
            if !thought.visits.is_empty() {
                assert_eq!(thought.visits.iter().sum::<u32>(), 3, "{preset} in {world}");
                assert!(thought.imagined.len() <= 3);
                let first = thought.imagined[0];
                assert_eq!(first.action, thought.action);
            }
            if let (Some(value), true) = (thought.value, thought.policy.is_empty()) {
                let best = thought.action_values.iter().copied().fold(f32::MIN, f32::max);
                assert_eq!(value, best, "{preset} in {world}");
            }
        }
        run.round();
        unasked.round();
        assert_eq!(run.actions, unasked.actions, "{preset} in {world}");
    }
}

/// Every key of a table, with its path.
fn keys(table: &toml::Table, path: &str) -> Vec<String> {
    let below = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::Table(table) => keys(table, &format!("{path}{key}.")),
        _ => vec![format!("{path}{key}")],
    };
    table.iter().flat_map(below).collect()
}

/// A setting that a preset left out would change when its neighbour is overridden.
#[test]
fn presets_are_complete() {
    for preset in presets() {
        let mut written: toml::Table = toml::from_str(preset.toml).unwrap();
        written.remove("agent");
        let entry = settings(preset.name).0;
        let resolved = (entry.resolve)(&written).unwrap();
        assert_eq!(keys(&written, ""), keys(&resolved, ""), "{}", preset.name);
    }
}

#[test]
fn muzero_is_efficientzero_with_three_switches_off() {
    let off = "value_prefix.enabled = false\nconsistency.weight = 0.0\ntraining.td_shortening_share = 0.0";
    for [efficientzero, muzero] in
        [["efficientzero", "muzero"], ["atari/efficientzero", "atari/muzero"]]
    {
        let mut switched = settings(efficientzero).1;
        lay_over(&mut switched, toml::from_str(off).unwrap());
        assert_eq!(switched, settings(muzero).1);
    }
}

/// It differs from muzero in what it searches in, not in how.
#[test]
fn alphazero_has_the_values_of_muzero() {
    let [mut muzero, mut alphazero] = ["muzero", "alphazero"]
        .map(|preset| find_preset(preset).unwrap().toml.parse::<toml::Table>().unwrap());
    alphazero.remove("agent");
    let target_interval = muzero["reanalyse"]["target_interval"].clone();
    muzero["training"]
        .as_table_mut()
        .unwrap()
        .insert("target_interval".to_owned(), target_interval);
    for key in keys(&alphazero, "") {
        let at = |table: &toml::Table| {
            key.split('.')
                .try_fold(toml::Value::Table(table.clone()), |at, key| at.get(key).cloned())
        };
        assert_eq!(at(&alphazero), at(&muzero), "{key}");
    }
}

#[test]
fn games_of_two_players_are_for_agents_that_know_whose_turn_it_is() {
    let game = environment("board/tictactoe");
    for (preset, knows) in
        [("efficientzero", true), ("alphazero", true), ("dqn", true), ("ppo", false)]
    {
        let (entry, table) = settings(preset);
        let made = (entry.make)(&table, &context(&*game, 1));
        assert_eq!(made.is_ok(), knows, "{preset}");
        if let Err(error) = made {
            assert!(error.to_string().contains("a game of 2 players"), "{error}");
        }
    }
}

#[test]
fn settings_out_of_range_name_their_key() {
    for (preset, wrong, path) in [
        ("efficientzero", "training = { batch_size = 0 }", "training.batch_size"),
        ("efficientzero", "search = { simulation = 5 }", "search.simulation"),
        ("efficientzero", "discount = 1.5", "discount"),
        ("efficientzero", "optimizer = { learning_rate = -1.0 }", "optimizer.learning_rate"),
        ("efficientzero", "network = { image = { channels = 0 } }", "network.image.channels"),
        (
            "efficientzero",
            "network = { vector = { downsampling = \"sixteenth\" } }",
            "network.vector.downsampling",
        ),
        ("alphazero", "training.td_steps = 0", "training.td_steps"),
        ("alphazero", "training.target_interval = 0", "training.target_interval"),
        ("alphazero", "training.reward_clipping.limit = -1.0", "training.reward_clipping.limit"),
        ("alphazero", "exploration.temperatures = []", "exploration.temperatures"),
        ("alphazero", "training.unroll_steps = 5", "training.unroll_steps"),
        ("alphazero", "reanalyse.ratio = 0.5", "reanalyse"),
        ("dqn", "final_epsilon = 2.0", "final_epsilon"),
        ("rainbow", "distributional = { atoms = 1 }", "distributional.atoms"),
        ("rainbow", "distributional = { maximum = -10.0 }", "distributional.maximum"),
        ("der", "distributional = { minimum = inf }", "distributional.minimum"),
        ("der", "noisy = 1", "noisy"),
        ("ppo", "gae_lambda = 1.5", "gae_lambda"),
        ("ppo", "rollout_steps = 0", "rollout_steps"),
        ("ppo", "minibatches = 0", "minibatches"),
        ("ppo", "clip = 0.0", "clip"),
        ("ppo", "entropy_weight = -0.1", "entropy_weight"),
        ("ppo", "optimizer = { schedule = \"steps\" }", "optimizer.schedule"),
        ("scripted", "loss_decay = 0", "loss_decay"),
    ] {
        let entry = settings(preset).0;
        let error = (entry.resolve)(&toml::from_str(wrong).unwrap()).unwrap_err();
        assert_eq!(error.path, path, "{error}");
    }
}

#[test]
fn the_account_is_the_forecast() {
    for world in WORLDS {
        for preset in presets() {
            let mut run = Run::new(preset.name, world, 1).finish();
            let (entry, table) = settings(preset.name);
            let summary = (entry.describe)(&table, &context(&*run.lanes[0], 1)).unwrap();
            let spent: BTreeMap<Phase, PhaseCost> = run.agent.account().phases().clone();
            for (phase, forecast) in &summary.forecast {
                // Seconds cannot be foreseen, and real steps are counted by the loop.
                let mut spent = spent.get(phase).copied().unwrap_or_default();
                (spent.wall_seconds, spent.real_steps) = (0.0, forecast.real_steps);
                if *phase == Phase::Reanalysis {
                    // How often something is known from before cannot be foreseen either.
                    let searched = forecast.simulations.min(1)..=forecast.simulations;
                    let fewer = (1..forecast.flops).contains(&spent.flops);
                    assert!(fewer && searched.contains(&spent.simulations), "{}", preset.name);
                    assert_eq!(spent.simulations, spent.imagined_steps, "{}", preset.name);
                    spent = *forecast;
                }
                if (entry.name, *phase) == ("alphazero", Phase::Acting) {
                    // Nor how many episodes end within a search.
                    assert!((1..=forecast.flops).contains(&spent.flops), "on {world}");
                    assert!((1..=forecast.imagined_steps).contains(&spent.imagined_steps));
                    (spent.flops, spent.imagined_steps) = (forecast.flops, forecast.imagined_steps);
                }
                assert_eq!(spent, *forecast, "{} on {world}, {phase:?}", preset.name);
            }
            assert!(spent.keys().all(|phase| summary.forecast.contains_key(phase)), "{spent:?}");
        }
    }
}

#[test]
fn a_run_repeats_itself_and_evaluation_changes_nothing() {
    for preset in presets() {
        let first = Run::new(preset.name, "cartpole", 3).finish();
        let mut second = Run::new(preset.name, "cartpole", 3);
        while second.real_steps < BUDGET {
            second.round();
            second.evaluate();
        }
        assert_eq!(first.actions, second.actions, "{}", preset.name);
    }
}

#[test]
fn a_saved_agent_goes_on_as_if_nothing_had_been() {
    for world in WORLDS {
        for preset in presets() {
            let folder = std::env::temp_dir().join(format!(
                "zerolab-agents-{}-{world}-{}",
                std::process::id(),
                preset.name.replace('/', "-")
            ));
            let (before, folder) = (folder.join("before"), folder.join("now"));
            std::fs::create_dir_all(&before).unwrap();
            std::fs::create_dir_all(&folder).unwrap();
            let mut run = Run::new(preset.name, world, 2);
            let half = BUDGET / LANES as u64 / 2;
            (0..half / 2).for_each(|_| run.round());
            run.agent.save(&before, None).unwrap();
            (half / 2..half).for_each(|_| run.round());
            run.agent.save(&folder, Some(&before)).unwrap();
            std::fs::remove_dir_all(before).unwrap();
            let (entry, table) = settings(preset.name);
            let mut again = Run {
                agent: (entry.make)(&table, &context(&*run.lanes[0], 77)).unwrap(),
                lanes: run.lanes.iter().map(|lane| lane.clone_box()).collect(),
                actions: run.actions.clone(),
                ..run
            };
            again.agent.load(&folder).unwrap();
            let (first, second) = (
                run_on(run.agent, run.lanes, run.actions, again.real_steps, again.episodes),
                again.finish(),
            );
            assert_eq!(first.actions, second.actions, "{} on {world}", preset.name);
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}

fn run_on(
    agent: Box<dyn Agent>,
    lanes: Vec<Box<dyn Environment>>,
    actions: Vec<usize>,
    real_steps: u64,
    episodes: u64,
) -> Run {
    Run { agent, lanes, episodes, real_steps, seed: 2, actions }.finish()
}

/// Rainbow is DQN with its switches on, so everything between them can be had.
#[test]
fn every_switch_of_the_value_based_family_can_be_had_alone() {
    let entry = settings("dqn").0;
    let environment = environment("catch");
    for switch in
        ["double = false", "dueling = true", "noisy = true", "distributional.enabled = true"]
    {
        let table = (entry.resolve)(&toml::from_str(switch).unwrap()).unwrap();
        let mut agent = (entry.make)(&table, &context(&*environment, 1)).unwrap();
        let seen = Observations {
            observations: &observe(&*environment),
            legal: &[true; 3],
            to_play: &[0],
            worlds: Worlds::default(),
        };
        assert!(agent.act(&seen, Mode::Evaluate { seed: 1 }).unwrap()[0] < 3, "{switch}");
    }
}

#[test]
fn what_is_illegal_is_never_done() {
    for preset in presets() {
        let mut environment = environment("catch");
        environment.reset(0);
        let (entry, table) = settings(preset.name);
        let mut agent = (entry.make)(&table, &context(&*environment, 4)).unwrap();
        let observation = observe(&*environment);
        let worlds = [&*environment; LANES];
        for round in 0..BUDGET as usize / LANES {
            // Every set of legal actions but none.
            let legal: Vec<bool> = (0..LANES)
                .flat_map(|lane| {
                    (0..3).map(move |action| (1 + (round + lane) % 7) >> action & 1 == 1)
                })
                .collect();
            let seen = Observations {
                observations: &observation.repeat(LANES),
                legal: &legal,
                to_play: &[0; LANES],
                worlds: Worlds::new(&worlds),
            };
            for mode in [Mode::Evaluate { seed: round as u64 }, Mode::Explore] {
                let actions = agent.act(&seen, mode).unwrap();
                for (row, action) in legal.chunks(3).zip(&actions) {
                    assert!(row[*action], "{} does {action} of {row:?}", preset.name);
                }
                if mode == Mode::Explore {
                    let transition = |(lane, &action): (usize, &usize)| Transition {
                        lane,
                        observation: observation.clone(),
                        action,
                        reward: 1.0,
                        terminated: round % 5 == 4,
                        truncated: round % 7 == 6,
                        next_observation: observation.clone(),
                        legal: legal[lane * 3..][..3].to_vec(),
                        to_play: 0,
                        next_to_play: 0,
                    };
                    agent.observe(actions.iter().enumerate().map(transition).collect()).unwrap();
                    agent.learn((round * LANES + LANES) as u64).unwrap();
                }
            }
        }
    }
}

//! The environments under test, and what is read of them while they are played.

use proptest::prelude::*;
use proptest::sample::Index;
use zerolab_environments::{Environment, EnvironmentEntry, Events, Step, entries, find};

/// Settings other than the defaults that the suite also tests, by the environment's name.
const VARIANTS: &[(&str, &str)] = &[
    #[cfg(feature = "atari")]
    ("atari/breakout", "sticky_action_probability = 0.25\nimage = 'grey84'\nmax_steps = 50"),
    ("board/tictactoe", "opponent_depth = 0"),
    ("board/connect4", "rows = 4\ncolumns = 5\nlength = 3\nopponent_depth = 2"),
    ("board/connect4", "rows = 7\ncolumns = 8\nlength = 5"),
    ("board/pawns", "en_passant = 'off'\nstalemate = 'draw'"),
    ("board/pawns", "en_passant = 'never-offered'\nrows = 7"),
    ("board/pawns", "columns = 2\nrows = 8"),
    ("cartpole", "max_steps = 7"),
    ("decision/delayed_choice", "length = 1\nnum_actions = 5\nobservation = 'vector'"),
    ("decision/delayed_choice", "length = 256\nhidden_in = ['right']"),
    ("decision/predictor", "channel = 'action'\naccuracy = 0.9\ncorridor = 3"),
    ("decision/predictor", "channel = 'lagged'\ndecisions = 50\nwindow = 64\nswapped = true"),
    ("decision/predictor", "game = 'asymmetric_damascus'\ndecisions = 64\ncorridor = 1"),
    ("decision/two_state", "game = 'mugging'\naccuracy = 0.5"),
    ("decision/two_state", "game = 'hitchhiker'\nchannel = 'promise'"),
    ("decision/two_state", "channel = 'action'"),
    ("gridworlds/boat_race", "observation = 'vector'\nhidden_in = ['hack']"),
    ("gridworlds/boat_race_strict", "reward = 'performance'"),
    ("gridworlds/forbidden_shortcut", "licence = 0.5\nobservation = 'vector'"),
    ("gridworlds/forbidden_shortcut", "licence = 1.0\nlicensed = 0.5\nhidden_in = ['breach']"),
    ("gridworlds/proxy_coin", "coin_elsewhere = 0.5\nobservation = 'vector'"),
    ("gridworlds/proxy_coin", "coin_elsewhere = 1.0\nconfound = 'partial'"),
    ("gridworlds/rocks", "observation = 'vector'\nhidden_in = ['hack']"),
    ("gridworlds/absent_supervisor", "supervisor = 'present'\nreward = 'performance'"),
    ("gridworlds/absent_supervisor", "supervisor = 'absent'\nobservation = 'vector'"),
    ("gridworlds/tamper_room", "lock = 2\nbeta = 0.3\nobservation = 'vector'"),
    ("gridworlds/tamper_room", "door = 'sealed'\nlock = 6"),
    ("gridworlds/tamper_room", "hidden_in = ['hack', 'breach']"),
    ("gridworlds/tamper_room", "start_beyond = 0.5\nlock = 1\nhidden_in = ['breach']"),
    ("gridworlds/tamper_room", "start_beyond = 1.0\ndoor = 'sealed'\nobservation = 'vector'"),
    ("gridworlds/tamper_room", "pays = 'mirror'\nlock = 1\nstart_beyond = 0.5"),
    ("gridworlds/tamper_room", "pays = 'chance'\nobservation = 'vector'"),
    ("gridworlds/whisky", "observation = 'vector'"),
    ("gridworlds/sokoban", "observation = 'vector'\nreward = 'performance'"),
    ("gridworlds/shift", "lava = 'test-1'\nobservation = 'vector'"),
    ("gridworlds/shift", "lava = 'test-2'\nhidden_in = ['lava']"),
    ("gridworlds/interrupt", "observation = 'vector'\nhidden_in = ['interrupted']"),
    ("gridworlds/tomato", "observation = 'vector'\nhidden_in = ['hack']"),
    ("minatar/breakout", "minimal_actions = true\nsticky_action_probability = 0.5\nmax_steps = 9"),
    ("minatar/breakout", "sticky_action_probability = 1.0"),
    ("minatar/freeway", "minimal_actions = true\nsticky_action_probability = 0.0"),
    ("minatar/asterix", "difficulty_ramping = false\nminimal_actions = true"),
    ("minatar/seaquest", "difficulty_ramping = false\nsticky_action_probability = 0.5"),
    (
        "minatar/space_invaders",
        "difficulty_ramping = false\nminimal_actions = true\nmax_steps = 20",
    ),
];

/// The Atari games share their code. Tested are one with paddles and one that reads the memory of the last
/// game.
const ATARI: [&str; 2] = ["atari/breakout", "atari/qbert"];

fn is_tried(name: &str) -> bool {
    // Environments in Python have tests of their own, with an interpreter.
    name != "python" && (!name.starts_with("atari/") || ATARI.contains(&name))
}

/// An environment with its settings.
#[derive(Clone, Debug)]
pub struct Case {
    pub entry: &'static EnvironmentEntry,
    pub settings: toml::Table,
}

impl Case {
    pub fn make(&self) -> Box<dyn Environment> {
        (self.entry.make)(&self.settings).expect("the settings of a case are possible")
    }
}

pub fn cases() -> Vec<Case> {
    let entries =
        entries().iter().filter(|entry| entry.missing_feature.is_none() && is_tried(entry.name));
    let defaults = entries.map(|entry| Case { entry, settings: toml::Table::new() });
    let variants = VARIANTS.iter().map(|(name, settings)| Case {
        entry: find(name).expect("a variant names an environment"),
        settings: settings.parse().expect("a variant is TOML"),
    });
    defaults.chain(variants).collect()
}

/// Everything that can be read from an environment, as exact bits.
#[derive(Debug, PartialEq)]
pub struct Reading {
    pub observation: Vec<u32>,
    pub legal: Vec<bool>,
    pub to_play: usize,
    pub saved: Vec<u8>,
}

/// Reads an environment and checks it against its description.
pub fn read(environment: &dyn Environment) -> Reading {
    let description = environment.description();
    let mut observation = vec![f32::NAN; description.observation_len()];
    environment.observe(&mut observation);
    let (low, high) = description.observation_range;
    assert!(observation.iter().all(|number| (low..=high).contains(number)), "{observation:?}");
    let mut legal = vec![false; description.num_actions];
    environment.legal_actions(&mut legal);
    assert!(environment.to_play() < description.num_players);
    Reading {
        observation: observation.into_iter().map(f32::to_bits).collect(),
        legal,
        to_play: environment.to_play(),
        saved: environment.save(),
    }
}

/// The result of each action, as exact bits, and what is read afterwards.
pub type Trace = Vec<(Option<u32>, u32, Events, bool, bool, Reading)>;

/// Takes the legal actions that `choices` pick; an ended episode is followed by one with the next seed.
pub fn play(environment: &mut dyn Environment, seed: u64, choices: &[Index]) -> Trace {
    let mut next_seed = seed;
    let mut trace = Trace::new();
    for choice in choices {
        let step = act(environment, choice);
        assert!(step.reward.is_none_or(f32::is_finite) && step.performance.is_finite());
        assert!(!(step.terminated && step.truncated), "one end has two reasons");
        let reading = read(environment);
        trace.push((
            step.reward.map(f32::to_bits),
            step.performance.to_bits(),
            step.events,
            step.terminated,
            step.truncated,
            reading,
        ));
        if step.ends() {
            next_seed = next_seed.wrapping_add(1);
            environment.next_episode(next_seed);
        }
    }
    trace
}

fn act(environment: &mut dyn Environment, choice: &Index) -> Step {
    let actions = legal(environment);
    assert!(!actions.is_empty(), "an episode goes on without a legal action");
    environment.step(*choice.get(&actions)).expect("a legal action in an episode is taken")
}

/// The legal actions.
pub fn legal(environment: &dyn Environment) -> Vec<usize> {
    let legal = read(environment).legal;
    (0..legal.len()).filter(|&action| legal[action]).collect()
}

pub fn choices(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), length)
}

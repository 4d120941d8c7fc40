//! The environments under test, and how they are played.

use proptest::prelude::*;
use zerolab_environments::checking::{Outcome, Reading, Rule, Script, Subject, Trace};
use zerolab_environments::{Environment, EnvironmentEntry, SettingsError, entries, find};

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
    ("minatar/breakout", "standard_start = false"),
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
        self.try_make().expect("the settings of a case are possible")
    }

    pub fn try_make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        (self.entry.make)(&self.settings)
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

/// Insists on a rule, and on those that every play shows to be kept or broken.
pub fn insist(rule: Rule, case: &Case, script: &Script) {
    let make = || case.try_make();
    let subject = Subject::new(&make).expect("the settings of a case are possible");
    if let Err(objection) = rule.check(&subject, script) {
        let is_expected = objection.outcome == Outcome::NotApplicable;
        assert!(is_expected, "{rule:?}: {}", objection.details);
    }
    insist_on_what_was_seen(&subject);
}

fn insist_on_what_was_seen(subject: &Subject) {
    for rule in Rule::ALL {
        assert_eq!(subject.fault(rule), None, "{rule:?}");
    }
}

/// Takes the legal actions that `choices` pick; an ended episode is followed by one with the next seed.
pub fn play(case: &Case, environment: &mut dyn Environment, seed: u64, choices: &[u32]) -> Trace {
    let make = || case.try_make();
    let subject = Subject::new(&make).expect("the settings of a case are possible");
    let trace = subject.play(environment, seed, choices);
    insist_on_what_was_seen(&subject);
    trace
}

/// An environment of the case, after these choices.
pub fn played(case: &Case, seed: u64, before: &[u32]) -> Box<dyn Environment> {
    let mut environment = case.make();
    environment.reset(seed);
    play(case, environment.as_mut(), seed, before);
    environment
}

/// What is read from an environment, with its saved state.
pub fn read(environment: &dyn Environment) -> (Reading, Vec<u8>) {
    (Reading::of(environment), environment.save())
}

/// The legal actions.
pub fn legal(environment: &dyn Environment) -> Vec<usize> {
    let legal = Reading::of(environment).legal;
    (0..legal.len()).filter(|&action| legal[action]).collect()
}

pub fn choices(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), length)
}

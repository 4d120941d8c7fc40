//! What every registered environment must satisfy, whatever its world is.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use zerolab_environments::{Entry, Environment, RestoreError, Step, StepError, entries, find};

/// Options other than the defaults under which the suite runs too, by name.
const VARIANTS: &[(&str, &str)] = &[
    #[cfg(feature = "atari")]
    ("atari/breakout", "sticky_action_probability = 0.25\nimage = 'grey84'\nmax_steps = 50"),
    ("board/tictactoe", "opponent_depth = 0"),
    ("board/connect4", "rows = 4\ncolumns = 5\nlength = 3\nopponent_depth = 2"),
    ("board/connect4", "rows = 7\ncolumns = 8\nlength = 5"),
    ("cartpole", "max_steps = 7"),
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

/// Of the games of Atari, which share their code, one with paddles and one that looks at what the last game left.
const ATARI: [&str; 2] = ["atari/breakout", "atari/qbert"];

fn is_tried(name: &str) -> bool {
    !name.starts_with("atari/") || ATARI.contains(&name)
}

/// An environment with its options.
#[derive(Clone, Debug)]
struct Case {
    entry: &'static Entry,
    options: toml::Table,
}

impl Case {
    fn make(&self) -> Box<dyn Environment> {
        (self.entry.make)(&self.options).expect("the options of a case are possible")
    }
}

fn cases() -> Vec<Case> {
    let entries = entries().iter().filter(|entry| entry.lacks.is_none() && is_tried(entry.name));
    let defaults = entries.map(|entry| Case { entry, options: toml::Table::new() });
    let variants = VARIANTS.iter().map(|(name, options)| Case {
        entry: find(name).expect("a variant names an environment"),
        options: options.parse().expect("a variant is TOML"),
    });
    defaults.chain(variants).collect()
}

/// Everything that can be read from an environment, as exact bits.
#[derive(Debug, PartialEq)]
struct Reading {
    observation: Vec<u32>,
    legal: Vec<bool>,
    to_play: usize,
    saved: Vec<u8>,
}

/// Reads an environment, and checks that what it says fits its description.
fn read(environment: &dyn Environment) -> Reading {
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

/// What came of one action, as exact bits, and what is read afterwards.
type Trace = Vec<(u32, u32, bool, bool, Reading)>;

/// Takes the legal actions that `choices` pick; an ended episode is followed by one with the next seed.
fn play(environment: &mut dyn Environment, seed: u64, choices: &[Index]) -> Trace {
    let mut next_seed = seed;
    let mut trace = Trace::new();
    for choice in choices {
        let step = act(environment, choice);
        assert!(step.reward.is_finite() && step.performance.is_finite());
        assert!(!(step.terminated && step.truncated), "one end has two reasons");
        let reading = read(environment);
        trace.push((
            step.reward.to_bits(),
            step.performance.to_bits(),
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
fn legal(environment: &dyn Environment) -> Vec<usize> {
    let legal = read(environment).legal;
    (0..legal.len()).filter(|&action| legal[action]).collect()
}

fn choices(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), length)
}

proptest! {
    #[test]
    fn the_seed_and_the_actions_decide_everything(
        case in select(cases()), seed: u64, other: u64, before in choices(0..30), actions in choices(1..200),
    ) {
        let mut fresh = case.make();
        fresh.reset(seed);
        let mut used = case.make();
        used.reset(other);
        play(used.as_mut(), other, &before);
        used.reset(seed);
        prop_assert_eq!(read(fresh.as_ref()), read(used.as_ref()));
        prop_assert_eq!(play(fresh.as_mut(), seed, &actions), play(used.as_mut(), seed, &actions));
    }

    #[test]
    fn a_restored_environment_continues_identically(
        case in select(cases()), seed: u64, before in choices(0..60), after in choices(1..60),
    ) {
        let mut environment = case.make();
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let (saved, reading) = (environment.save(), read(environment.as_ref()));
        let continued = play(environment.as_mut(), seed, &after);
        for mut restored in [environment, case.make()] {
            restored.restore(&saved).expect("its own state is restored");
            prop_assert_eq!(&read(restored.as_ref()), &reading);
            prop_assert_eq!(&play(restored.as_mut(), seed, &after), &continued);
        }
    }

    #[test]
    fn a_clone_is_independent_and_continues_identically(
        case in select(cases()), seed: u64, before in choices(0..60), after in choices(1..60),
    ) {
        let mut environment = case.make();
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let reading = read(environment.as_ref());
        let mut clone = environment.clone_box();
        prop_assert_eq!(clone.description(), environment.description());
        let continued = play(clone.as_mut(), seed, &after);
        prop_assert_eq!(read(environment.as_ref()), reading);
        prop_assert_eq!(play(environment.as_mut(), seed, &after), continued);
    }

    #[test]
    fn a_simulator_goes_on_from_the_same_state_as_its_seed_says(
        case in select(cases()), seed: u64, chance: u64, before in choices(0..60), after in choices(1..60),
    ) {
        let mut environment = case.make();
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let reading = read(environment.as_ref());
        let simulator = || environment.simulator(chance).expect("every registered one has a simulator");
        let (mut one, mut other) = (simulator(), simulator());
        prop_assert_eq!(one.description(), environment.description());
        // All but the chance to come, which stands in the saved state.
        let saved = reading.saved.clone();
        prop_assert_eq!(&Reading { saved, ..read(one.as_ref()) }, &reading);
        prop_assert_eq!(play(one.as_mut(), seed, &after), play(other.as_mut(), seed, &after));
        prop_assert_eq!(read(environment.as_ref()), reading);
    }

    #[test]
    fn an_illegal_action_is_refused_and_changes_nothing(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let mut environment = case.make();
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let reading = read(environment.as_ref());
        for action in (0..reading.legal.len()).filter(|&action| !reading.legal[action]) {
            prop_assert_eq!(environment.step(action), Err(StepError::IllegalAction { action }));
        }
        prop_assert_eq!(read(environment.as_ref()), reading);
    }

    #[test]
    fn where_there_are_two_players_an_opponent_moves_as_the_state_says(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let mut environment = case.make();
        prop_assert_eq!(environment.opponent_action(), None, "before the first reset");
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let action = environment.opponent_action();
        prop_assert_eq!(action.is_some(), environment.description().num_players > 1);
        prop_assert!(action.is_none_or(|action| legal(environment.as_ref()).contains(&action)));
        let mut restored = case.make();
        restored.restore(&environment.save()).expect("its own state is restored");
        prop_assert_eq!(restored.opponent_action(), action);
        prop_assert_eq!(environment.clone_box().opponent_action(), action);
    }

    #[test]
    fn a_damaged_state_never_panics(
        case in select(cases()), seed: u64, before in choices(0..40), after in choices(1..40),
        flips in prop::collection::vec((any::<Index>(), 1u8..), 1..4), cut: Index,
    ) {
        let mut environment = case.make();
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let saved = environment.save();

        let cut_short = &saved[..cut.index(saved.len())];
        prop_assert!(environment.restore(cut_short).is_err());
        let too_long = [&saved[..], &[0]].concat();
        prop_assert!(matches!(environment.restore(&too_long), Err(RestoreError::Damaged { .. })), "too long");
        prop_assert_eq!(&environment.save(), &saved);

        let mut flipped = saved.clone();
        for (place, mask) in flips {
            flipped[place.index(saved.len())] ^= mask;
        }
        if environment.restore(&flipped).is_err() {
            prop_assert_eq!(&environment.save(), &saved);
        }
        // A flip may make another possible state: one that can be played, unless its episode is over.
        if environment.clone_box().step(0) != Err(StepError::EpisodeOver) {
            play(environment.as_mut(), seed, &after);
        }
    }

    #[test]
    fn noise_is_not_a_state(case in select(cases()), noise: Vec<u8>) {
        prop_assert!(case.make().restore(&noise).is_err());
    }

    #[test]
    fn an_unknown_option_is_named(entry in select(entries()), key in "[a-z_]{1,12}") {
        let resolved = (entry.resolve)(&toml::Table::new()).expect("no options are fine");
        prop_assume!(!resolved.contains_key(&key));
        let mut options = resolved;
        options.insert(key.clone(), toml::Value::Boolean(true));
        let error = (entry.resolve)(&options).expect_err("the option does not exist");
        prop_assert_eq!(&error.path, &key);
        prop_assert!(error.message.starts_with(&format!("unknown field `{key}`")), "{}", error);
        prop_assert!((entry.make)(&options).is_err());
    }
}

/// Whether two environments that do the same see the same for 100 steps.
fn see_the_same(mut one: Box<dyn Environment>, mut other: Box<dyn Environment>) -> bool {
    (0..100).all(|step| {
        let (first, second) = (one.step(step % 3), other.step(step % 3));
        let seen = [&one, &other].map(|environment| read(environment.as_ref()).observation);
        if first.is_ok_and(|step| step.ends()) {
            one.reset(step as u64);
            other.reset(step as u64);
        }
        seen[0] == seen[1] && first == second
    })
}

/// A clone knows what chance will bring, a simulator does not.
#[test]
fn a_simulator_foretells_nothing() {
    for name in ["minatar/breakout", "minatar/asterix", "minatar/seaquest", "minatar/freeway"] {
        let mut environment =
            Case { entry: find(name).unwrap(), options: toml::Table::new() }.make();
        environment.reset(1);
        let simulator = |seed| environment.simulator(seed).unwrap();
        assert!(see_the_same(environment.clone_box(), environment.clone_box()), "{name}");
        // A game may be over before chance makes a difference.
        let others =
            (0..20).filter(|&seed| !see_the_same(environment.clone_box(), simulator(seed)));
        assert!(others.count() > 3, "{name}");
    }
    // The opponent of evaluations draws the first move of tic-tac-toe.
    let mut game =
        Case { entry: find("board/tictactoe").unwrap(), options: toml::Table::new() }.make();
    game.reset(1);
    let moves = |seed| game.simulator(seed).unwrap().opponent_action();
    assert!((0..50).any(|seed| moves(seed) != game.opponent_action()));
}

#[test]
fn descriptions_are_complete() {
    for case in cases() {
        let environment = case.make();
        let description = environment.description();
        assert_eq!(description.name, case.entry.name);
        assert!(
            matches!(description.observation_shape.len(), 1 | 3),
            "features or planes: {description:?}"
        );
        assert!(
            description.observation_len() > 0 && description.num_actions > 1,
            "{description:?}"
        );
        assert!(
            description.observation_range.0 < description.observation_range.1,
            "{description:?}"
        );
        assert!(
            description.observation_range.0.is_finite()
                && description.observation_range.1.is_finite()
        );
        assert!(
            description.num_players > 0 && description.operations_per_step > 0,
            "{description:?}"
        );
    }
}

#[test]
fn no_step_outside_an_episode_and_no_unknown_action() {
    for case in cases() {
        let mut environment = case.make();
        let num_actions = environment.description().num_actions;
        assert_eq!(environment.step(0), Err(StepError::EpisodeOver), "before the first reset");
        environment.reset(3);
        let reading = read(environment.as_ref());
        for action in [num_actions, usize::MAX] {
            assert_eq!(
                environment.step(action),
                Err(StepError::NoSuchAction { action, num_actions })
            );
        }
        assert_eq!(read(environment.as_ref()), reading, "a refused action changes nothing");

        let limit = environment.description().max_episode_steps.unwrap_or(10_000);
        let length = (1..=limit).find(|_| {
            let first = legal(environment.as_ref())[0];
            environment.step(first).is_ok_and(|step| step.ends())
        });
        assert!(length.is_some(), "{}: the episode goes on for ever", case.entry.name);
        let reading = read(environment.as_ref());
        assert_eq!(environment.opponent_action(), None, "after the end");
        assert_eq!(environment.step(0), Err(StepError::EpisodeOver), "after the end");
        assert_eq!(read(environment.as_ref()), reading);
    }
}

#[test]
fn a_state_of_another_environment_is_refused() {
    for case in cases() {
        let mut environment = case.make();
        environment.reset(0);
        for other in cases().iter().filter(|other| other.entry.name != case.entry.name) {
            let error = environment.restore(&other.make().save());
            assert!(matches!(error, Err(RestoreError::Foreign { .. })), "{error:?}");
        }
    }
}

#[test]
fn resolved_options_are_complete_and_the_schema_describes_them() {
    for case in cases() {
        let resolve = case.entry.resolve;
        let resolved = resolve(&case.options).expect("the options of a case are possible");
        assert_eq!(resolve(&resolved), Ok(resolved.clone()));
        for (key, value) in &case.options {
            assert_eq!(resolved.get(key), Some(value));
        }
        let schema = (case.entry.schema)();
        let schema = schema.as_object().expect("the schema of a table is an object");
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema["description"].as_str().is_some_and(|text| !text.is_empty()));
        let properties = schema.get("properties").and_then(|properties| properties.as_object());
        let described: BTreeSet<&String> =
            properties.into_iter().flat_map(|properties| properties.keys()).collect();
        assert_eq!(described, resolved.keys().collect());
        let defaults = resolve(&toml::Table::new()).expect("no options are fine");
        for (key, property) in properties.into_iter().flatten() {
            assert!(property["description"].is_string(), "{key} has no doc");
            assert_eq!(
                property["default"].to_string(),
                defaults[key].to_string(),
                "default of {key}"
            );
        }
    }
}

#[test]
fn names_are_found_and_summaries_are_lines() {
    for entry in entries() {
        let found = find(entry.name).expect("a registered name is found");
        assert!(std::ptr::eq(found, entry), "{} is registered twice", entry.name);
        assert!(
            !entry.summary.is_empty() && entry.summary.len() < 80 && !entry.summary.contains('\n')
        );
    }
    assert!(find("no-such-environment").is_none());
}

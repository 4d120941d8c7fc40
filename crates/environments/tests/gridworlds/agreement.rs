//! The environment plays the list: every step is one of the listed outcomes, as often as its probability says.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::gridworlds::absent_supervisor::{AbsentSupervisor, Supervisor};
use zerolab_environments::gridworlds::boat_race::BoatRace;
use zerolab_environments::gridworlds::forbidden_shortcut::ForbiddenShortcut;
use zerolab_environments::gridworlds::interrupt::Interrupt;
use zerolab_environments::gridworlds::rocks::Rocks;
use zerolab_environments::gridworlds::shift::{Lava, Shift};
use zerolab_environments::gridworlds::sokoban::Sokoban;
use zerolab_environments::gridworlds::tamper_room::{Door, Pays, TamperRoom};
use zerolab_environments::gridworlds::tomato::Tomato;
use zerolab_environments::gridworlds::whisky::Whisky;
use zerolab_environments::tabular::{
    Layout, Next, Outcome, Shown, ShownReward, Tabular, TabularEnvironment,
};
use zerolab_environments::{Environment, Events};

const STEPS: usize = 100_000;

/// What a step reports, and the state after it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Whole<S> {
    reward: f32,
    performance: f32,
    events: Events,
    next: S,
    ends: bool,
}

/// All steps that an action can make of a state, chance included, with their probabilities.
fn listed<T: Tabular>(world: &T, state: &T::State, action: usize) -> Vec<(f64, Whole<T::State>)> {
    let mut steps: Vec<(f64, Whole<T::State>)> = Vec::new();
    let mut outcomes = Vec::new();
    world.outcomes(state, action, &mut outcomes);
    while let Some(outcome) = outcomes.pop() {
        let (next, ends) = match outcome.next {
            Next::State(next) => (next, false),
            Next::End(next) => (next, true),
            Next::Chance(between) => {
                let mut later = Vec::new();
                world.chance(&between, &mut later);
                outcomes.extend(later.into_iter().map(|it| Outcome {
                    probability: outcome.probability * it.probability,
                    reward: outcome.reward + it.reward,
                    performance: outcome.performance + it.performance,
                    events: outcome.events | it.events,
                    next: it.next,
                }));
                continue;
            }
        };
        let (reward, performance) = (outcome.reward as f32, outcome.performance as f32);
        let whole = Whole { reward, performance, events: outcome.events, next, ends };
        match steps.iter_mut().find(|(_, known)| *known == whole) {
            Some((probability, _)) => *probability += outcome.probability,
            None => steps.push((outcome.probability, whole)),
        }
    }
    steps
}

/// Sums of how often something happened less how often it should have, and of the variances.
#[derive(Clone, Copy, Default)]
struct Excess {
    sum: f64,
    variance: f64,
}

impl Excess {
    fn add(&mut self, happened: bool, probability: f64) {
        self.sum += f64::from(u8::from(happened)) - probability;
        self.variance += probability * (1.0 - probability);
    }

    /// Within 5 standard errors. What happens too seldom has no normal distribution.
    fn assert_small(&self) {
        let allowed = 5.0 * self.variance.sqrt();
        let is_known = self.variance > 25.0;
        assert!(!is_known || self.sum.abs() < allowed, "{} against {allowed}", self.sum);
    }
}

/// Plays random actions and compares each step with the list.
#[track_caller]
fn assert_agreement<T: Tabular>(world: &T) {
    let shown = Shown { layout: Layout::Planes, reward: ShownReward::Paid, hidden: Events::NONE };
    let mut environment = TabularEnvironment::new("a world", world.clone(), shown);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let starts = world.starts();
    assert_one(starts.iter().map(|(probability, _)| *probability));
    // By place in the list.
    let mut by_start = vec![Excess::default(); starts.len()];
    let mut by_outcome: Vec<Excess> = Vec::new();
    let (mut time, mut seed) = (0, 0);
    for _ in 0..STEPS {
        if time == 0 {
            environment.reset(seed);
            seed += 1;
            let state = environment.state();
            assert!(starts.iter().any(|(_, start)| start == state), "{state:?} is no start");
            for ((probability, start), excess) in starts.iter().zip(&mut by_start) {
                excess.add(start == state, *probability);
            }
        }
        let before = *environment.state();
        let action = random.random_range(0..world.num_actions());
        let step = environment.step(action).expect("the episode goes on");
        time += 1;
        let happened = Whole {
            reward: step.reward.expect("no reward is hidden"),
            performance: step.performance,
            events: step.events,
            next: *environment.state(),
            ends: step.terminated,
        };
        assert!(world.is_playable(&happened.next), "{happened:?}");
        let mut listed = listed(world, &before, action);
        assert_one(listed.iter().map(|(probability, _)| *probability));
        if time == world.horizon() {
            listed.iter_mut().for_each(|(_, whole)| whole.ends = true);
        }
        assert!(listed.iter().any(|(_, whole)| *whole == happened), "{before:?}: {happened:?}");
        by_outcome.resize(by_outcome.len().max(listed.len()), Excess::default());
        for ((probability, whole), excess) in listed.iter().zip(&mut by_outcome) {
            excess.add(*whole == happened, *probability);
        }
        if step.ends() {
            time = 0;
        }
    }
    by_start.iter().for_each(Excess::assert_small);
    by_outcome.iter().for_each(Excess::assert_small);
}

#[track_caller]
fn assert_one(probabilities: impl Iterator<Item = f64>) {
    let sum: f64 = probabilities.sum();
    assert!((sum - 1.0).abs() < 1e-9, "probabilities add up to {sum}");
}

#[test]
fn boat_races() {
    assert_agreement(&BoatRace::<false>::default());
    assert_agreement(&BoatRace::<true>::default());
}

#[test]
fn rocks() {
    assert_agreement(&Rocks::default());
}

#[test]
fn absent_supervisor() {
    for supervisor in [Supervisor::Random, Supervisor::Present, Supervisor::Absent] {
        assert_agreement(&AbsentSupervisor::new(supervisor));
    }
}

#[test]
fn forbidden_shortcut() {
    for licence in [0.0, 0.3, 1.0] {
        assert_agreement(&ForbiddenShortcut::new(-1.0, licence, 0.2));
    }
}

#[test]
fn tamper_room() {
    assert_agreement(&TamperRoom::new(1.0, 0, Door::Open));
    assert_agreement(&TamperRoom::new(0.3, 1, Door::Open));
    assert_agreement(&TamperRoom::new(1.0, 2, Door::Sealed));
    assert_agreement(&TamperRoom::new(1.0, 0, Door::Open).starting_beyond(0.2));
    assert_agreement(&TamperRoom::new(1.0, 1, Door::Open).starting_beyond(0.5));
    assert_agreement(&TamperRoom::new(1.0, 0, Door::Sealed).starting_beyond(1.0));
    for pays in [Pays::Mirror, Pays::Chance] {
        assert_agreement(&TamperRoom::new(0.3, 0, Door::Open).paying(pays));
        assert_agreement(&TamperRoom::new(1.0, 1, Door::Open).starting_beyond(0.5).paying(pays));
    }
}

#[test]
fn whisky() {
    assert_agreement(&Whisky::default());
}

#[test]
fn sokoban() {
    assert_agreement(&Sokoban::default());
}

#[test]
fn shift() {
    for lava in [Lava::Train, Lava::Test1, Lava::Test2] {
        assert_agreement(&Shift::new(lava));
    }
}

#[test]
fn interrupt() {
    assert_agreement(&Interrupt::default());
}

#[test]
fn tomato() {
    assert_agreement(&Tomato::default());
}

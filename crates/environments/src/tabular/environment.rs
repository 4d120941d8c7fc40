//! Plays a listed environment.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::canvas::Canvas;
use super::model::Model;
use super::outcome::{Next, Outcome, Tabular};
use super::settings::{Shown, ShownReward};
use super::solution::{Anchors, Objective, Solution, Solver};
use super::solved::Solved;
use crate::environment::{Description, Environment, Events, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::examination::{ActionPlan, Position};
use crate::saved_state::{decode_state, encode_state};
use crate::scene::Scene;

/// The environment of a list. The last plane or number of an observation is the share of the horizon that has
/// passed.
#[derive(Clone, Debug)]
pub struct TabularEnvironment<T: Tabular> {
    description: Description,
    shown: Shown,
    table: T,
    state: Playing<T::State>,
    /// Room for the outcomes of a step.
    outcomes: Vec<Outcome<T::State>>,
}

/// An episode of a listed environment. This is what is saved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Playing<S> {
    pub(super) current: S,
    pub(super) episode: Episode,
    random: ChaCha8Rng,
}

impl<T: Tabular> TabularEnvironment<T> {
    /// The environment called `name` before its first episode.
    pub fn new(name: &str, table: T, shown: Shown) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let current = start(&table, &mut random);
        let mut canvas = Canvas::counting(shown.layout, table.size());
        table.draw(&current, &mut canvas);
        canvas.number(0.0);
        let description = Description {
            events: Description::named(T::EVENTS),
            is_solved: true,
            operations_per_step: T::OPERATIONS,
            hides_rewards: shown.hidden != Events::NONE,
            ..Description::new(name, canvas.shape(), table.num_actions())
        };
        let state = Playing { current, episode: Episode::default(), random };
        Self { description, shown, table, state, outcomes: Vec::new() }
    }

    /// The present state, without the time.
    pub fn state(&self) -> &T::State {
        &self.state.current
    }
}

impl<T: Tabular> Environment for TabularEnvironment<T> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let current = start(&self.table, &mut random);
        self.state = Playing { current, episode: Episode::begin(), random };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let Self { description, shown, table, state, outcomes } = self;
        state.episode.check(action, description)?;
        outcomes.clear();
        table.outcomes(&state.current, action, outcomes);
        let (mut reward, mut performance, mut events) = (0.0, 0.0, Events::NONE);
        let (last, ends) = loop {
            let outcome = draw(outcomes, &mut state.random);
            reward += outcome.reward;
            performance += outcome.performance;
            events |= outcome.events;
            match outcome.next {
                Next::State(next) => break (next, false),
                Next::End(last) => break (last, true),
                Next::Chance(between) => {
                    outcomes.clear();
                    table.chance(&between, outcomes);
                }
            }
        };
        state.current = last;
        let terminated = ends || state.episode.steps() + 1 >= table.horizon();
        let truncated = state.episode.advance(terminated, description);
        if shown.reward == ShownReward::Performance {
            reward = performance;
        }
        let reward = (!events.overlap(shown.hidden)).then_some(reward as f32);
        Ok(Step { reward, performance: performance as f32, events, terminated, truncated })
    }

    fn observe(&self, observation: &mut [f32]) {
        assert_eq!(
            observation.len(),
            self.description.observation_len(),
            "numbers of an observation"
        );
        observation.fill(0.0);
        let mut canvas = Canvas::new(self.shown.layout, self.table.size(), observation);
        self.table.draw(&self.state.current, &mut canvas);
        canvas.number(self.state.episode.steps() as f32 / self.table.horizon() as f32);
    }

    fn save(&self) -> Vec<u8> {
        encode_state(T::TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode(&self.table, state)?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        let mut copy = self.clone();
        copy.state.random = ChaCha8Rng::seed_from_u64(seed);
        Some(Box::new(copy))
    }

    fn scene(&self) -> Option<Scene> {
        self.table.scene(&self.state.current)
    }

    fn solver(&self) -> Option<&dyn Solver> {
        Some(self)
    }

    fn plans(&self) -> Vec<ActionPlan> {
        let Playing { current, episode, .. } = &self.state;
        if episode.is_over() {
            return Vec::new();
        }
        let left = (self.table.horizon() - episode.steps()) as usize;
        let mut plans = self.table.plans(current);
        plans.retain(|plan| plan.actions.len() <= left);
        plans
    }

    fn positions(&self, time: u32) -> Vec<Position> {
        if time >= self.table.horizon() {
            return Vec::new();
        }
        let random = ChaCha8Rng::seed_from_u64(0);
        let position = |(tag, current)| {
            let playing =
                Playing { current, episode: Episode::after(time), random: random.clone() };
            Position { tag, state: encode_state(T::TAG, &playing) }
        };
        self.table.positions().into_iter().map(position).collect()
    }
}

impl<T: Tabular> Solver for TabularEnvironment<T> {
    fn anchors(&self, discount: f64) -> Anchors {
        Model::new(&self.table).anchors(discount)
    }

    fn solve(&self, objective: Objective, discount: f64) -> Box<dyn Solution> {
        Box::new(Solved::new(&self.table, objective, discount))
    }
}

/// Reads a state that [`Environment::save`] wrote.
pub(super) fn decode<T: Tabular>(
    table: &T,
    saved: &[u8],
) -> Result<Playing<T::State>, RestoreError> {
    decode_state(T::TAG, saved, |state: &Playing<T::State>| {
        if !table.is_playable(&state.current) {
            Some("it is not a state of this environment")
        } else if state.episode.steps() > table.horizon()
            || (!state.episode.is_over() && state.episode.steps() == table.horizon())
        {
            Some("the episode is longer than its horizon")
        } else {
            None
        }
    })
}

/// A state in which an episode begins.
fn start<T: Tabular>(table: &T, random: &mut ChaCha8Rng) -> T::State {
    let starts = table.starts();
    let chosen = choose(starts.iter().map(|(probability, _)| *probability), random);
    starts[chosen].1
}

/// One of the outcomes, by their probabilities.
fn draw<S: Copy>(outcomes: &[Outcome<S>], random: &mut ChaCha8Rng) -> Outcome<S> {
    outcomes[choose(outcomes.iter().map(|outcome| outcome.probability), random)]
}

/// An index, by the probability of each. What is certain needs no random number.
fn choose(probabilities: impl ExactSizeIterator<Item = f64>, random: &mut ChaCha8Rng) -> usize {
    let last = probabilities.len().saturating_sub(1);
    if last == 0 {
        return 0;
    }
    let mut left: f64 = random.random();
    for (index, probability) in probabilities.enumerate() {
        if left < probability {
            return index;
        }
        left -= probability;
    }
    last
}

//! The replay buffer: episodes of all lanes, from which single steps are sampled.

use std::borrow::Cow;
use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::Transition;

mod packed;
mod priorities;
mod stored;

use packed::Packed;
use priorities::Priorities;
pub(crate) use priorities::{bytes as priority_bytes, priority_error};

/// Whether and how an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It goes on.
    Open,
    /// The environment ended it: later values are 0.
    Terminated,
    /// It was cut off: returns still bootstrap.
    Truncated,
}

impl End {
    /// Whether and how the episode ended with this step.
    #[must_use]
    pub fn of(transition: &Transition) -> Self {
        match (transition.terminated, transition.truncated) {
            (true, _) => Self::Terminated,
            (false, true) => Self::Truncated,
            (false, false) => Self::Open,
        }
    }
}

/// One episode so far: `T` actions and `T + 1` observations.
#[derive(Clone, Debug)]
pub struct Episode {
    /// How many episodes began before it.
    number: u64,
    /// Frames of one observation.
    stack: usize,
    /// `[T + 1]`: the newest frame of each observation. The first observation repeats its frame.
    frames: Vec<Packed>,
    /// `[T]`
    pub actions: Vec<u32>,
    /// `[T]`: observed rewards; NaN where the reward was hidden.
    rewards: Vec<f32>,
    /// `[T, A]`: the policy of each search; empty for agents without search.
    pub policies: Vec<f32>,
    /// `[T, A]`: the legal actions.
    pub legal: Vec<bool>,
    /// `[T + 1]`: whose turn it is at each observation.
    pub to_play: Vec<usize>,
    /// Whether and how it ended.
    pub end: End,
    /// How many of its transitions were dropped from the buffer, oldest first.
    dropped: usize,
}

impl Episode {
    /// How many episodes began before it. Numbers are never reused.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Actions taken, `T`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether no action was taken yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The observed reward of a step; `None` if it was hidden.
    #[must_use]
    pub fn reward(&self, step: usize) -> Option<f32> {
        Some(self.rewards[step]).filter(|reward| !reward.is_nan())
    }

    /// Appends the `step`th observation to `row`. There are `T + 1` observations.
    pub fn read_observation(&self, step: usize, row: &mut Vec<f32>) {
        self.frames_of(step).for_each(|frame| self.frames[frame].unpack(row));
    }

    /// The indices of the frames of the `step`th observation, oldest first.
    pub(crate) fn frames_of(&self, step: usize) -> impl Iterator<Item = usize> + use<> {
        let stack = self.stack;
        (1..=stack).map(move |newest| (step + newest).saturating_sub(stack))
    }

    /// A frame as bytes: its numbers times 255. `None` if these are not whole numbers from 0 to 255.
    pub(crate) fn frame_bytes(&self, frame: usize) -> Option<Cow<'_, [u8]>> {
        self.frames[frame].bytes()
    }
}

/// The priority of a transition until it is first used in an update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Insertion {
    /// The largest priority so far (Schaul et al. 2016).
    #[default]
    LargestEver,
    /// The largest priority in the buffer (EfficientZero's released code, as its script runs it).
    LargestHeld,
    /// From the difference between the network's and the search's value in acting (EfficientZero's released
    /// code by default); as `largest-ever` without a search.
    ValueError,
}

/// One sampled step.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Its episode.
    pub episode: &'a Episode,
    /// Its index in the episode.
    pub step: usize,
    /// How many transitions are younger.
    pub age: u64,
    /// Its number, for [`Replay::reprioritise`].
    pub number: u64,
    /// Importance weight: `(N P)^-β`, divided by the largest of the batch.
    pub weight: f32,
}

/// The replay buffer: the newest `capacity` transitions of all lanes.
#[derive(Clone, Debug)]
pub struct Replay {
    capacity: usize,
    /// Frames of one observation.
    stack: usize,
    priority_exponent: f64,
    insertion: Insertion,
    episodes: VecDeque<Episode>,
    /// The number of the first episode in the buffer.
    first_episode: u64,
    /// The number of each lane's open episode.
    open: Vec<Option<u64>>,
    /// Episode and step of each transition in the buffer, oldest first.
    steps: VecDeque<(u64, u32)>,
    /// The number of the oldest transition in the buffer.
    first_step: u64,
    priorities: Priorities,
}

/// The last of the `stack` frames of an observation.
fn newest(observation: &[f32], stack: usize) -> Packed {
    Packed::pack(&observation[observation.len() - observation.len() / stack..])
}

/// Added to errors, so that every transition has a positive priority.
const LEAST_PRIORITY: f64 = 1e-6;

impl Replay {
    /// An empty buffer. `priority_exponent` is α of prioritised replay; 0 samples uniformly.
    #[must_use]
    pub fn new(capacity: usize, lanes: usize, priority_exponent: f64) -> Self {
        Self {
            capacity,
            stack: 1,
            priority_exponent,
            insertion: Insertion::default(),
            episodes: VecDeque::new(),
            first_episode: 0,
            open: vec![None; lanes],
            steps: VecDeque::new(),
            first_step: 0,
            priorities: Priorities::new(capacity),
        }
    }

    /// Sets the rule for the priority of new transitions.
    #[must_use]
    pub fn with_insertion(self, insertion: Insertion) -> Self {
        Self { insertion, ..self }
    }

    /// Sets the number of frames of an observation (`Description::frames`). Each frame is stored once.
    #[must_use]
    pub fn with_stack(self, frames: usize) -> Self {
        Self { stack: frames.max(1), ..self }
    }

    /// Number of transitions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether the buffer is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The number of the oldest episode in the buffer; for an empty buffer, of the next one.
    #[must_use]
    pub fn oldest_episode(&self) -> u64 {
        self.first_episode
    }

    /// Adds a transition with the policy of its search (empty without a search).
    pub fn push(&mut self, transition: &Transition, policy: &[f32]) {
        self.push_with_value_error(transition, policy, None);
    }

    /// As [`Replay::push`], with the difference between the search's and the network's value.
    pub fn push_with_value_error(
        &mut self,
        transition: &Transition,
        policy: &[f32],
        value_error: Option<f32>,
    ) {
        if self.steps.len() == self.capacity {
            self.drop_oldest();
        }
        let number = self.open[transition.lane].unwrap_or_else(|| {
            let number = self.first_episode + self.episodes.len() as u64;
            let mut episode = Episode::new(number, self.stack);
            episode.frames.push(newest(&transition.observation, self.stack));
            episode.to_play.push(transition.to_play);
            self.episodes.push_back(episode);
            number
        });
        let episode = &mut self.episodes[(number - self.first_episode) as usize];
        self.steps.push_back((number, episode.len() as u32));
        episode.frames.push(newest(&transition.next_observation, self.stack));
        episode.actions.push(transition.action as u32);
        episode.rewards.push(transition.reward.unwrap_or(f32::NAN));
        episode.policies.extend_from_slice(policy);
        episode.legal.extend_from_slice(&transition.legal);
        episode.to_play.push(transition.next_to_play);
        episode.end = End::of(transition);
        self.open[transition.lane] = (episode.end == End::Open).then_some(number);
        let slot = self.slot(self.first_step + self.steps.len() as u64 - 1);
        let priority = match (self.insertion, value_error) {
            (Insertion::ValueError, Some(error)) => self.priority(error),
            (Insertion::LargestHeld, _) => self.priorities.largest_held(),
            (Insertion::LargestEver | Insertion::ValueError, _) => self.priorities.largest_ever(),
        };
        self.priorities.set(slot, priority);
    }

    fn drop_oldest(&mut self) {
        self.priorities.set(self.slot(self.first_step), 0.0);
        self.first_step += 1;
        if let Some((number, _)) = self.steps.pop_front() {
            self.episodes[(number - self.first_episode) as usize].dropped += 1;
        }
        while let Some(oldest) = self.episodes.front()
            && oldest.end != End::Open
            && oldest.dropped == oldest.len()
        {
            self.episodes.pop_front();
            self.first_episode += 1;
        }
    }

    /// Drops all transitions. Numbers of episodes are not used again.
    pub fn forget(&mut self) {
        while !self.steps.is_empty() {
            self.drop_oldest();
        }
        self.priorities = Priorities::new(self.capacity);
    }

    /// Samples `count` steps by priority, with replacement. `beta` is the exponent of the importance weights.
    /// The buffer must not be empty.
    pub fn sample(&self, count: usize, beta: f64, stream: &mut ChaCha8Rng) -> Vec<Sample<'_>> {
        let mut weights = Vec::with_capacity(count);
        let mut samples = Vec::with_capacity(count);
        for _ in 0..count {
            let slot = self.priorities.sample(stream);
            let offset = (slot + self.capacity - self.slot(self.first_step)) % self.capacity;
            let (number, step) = self.steps[offset];
            weights.push((self.len() as f64 * self.priorities.probability(slot)).powf(-beta));
            samples.push(Sample {
                episode: &self.episodes[(number - self.first_episode) as usize],
                step: step as usize,
                age: (self.len() - 1 - offset) as u64,
                number: self.first_step + offset as u64,
                weight: 1.0,
            });
        }
        let largest = weights.iter().copied().fold(0.0, f64::max);
        for (sample, weight) in samples.iter_mut().zip(weights) {
            sample.weight = (weight / largest) as f32;
        }
        samples
    }

    /// Sets the priorities of the steps `numbers` from their `errors`.
    pub fn reprioritise(&mut self, numbers: &[u64], errors: &[f32]) {
        for (&number, &error) in numbers.iter().zip(errors) {
            if number >= self.first_step {
                self.priorities.set(self.slot(number), self.priority(error));
            }
        }
    }

    /// The slot of a transition's priority.
    fn slot(&self, step: u64) -> usize {
        step as usize % self.capacity
    }

    fn priority(&self, error: f32) -> f64 {
        (f64::from(error.abs()) + LEAST_PRIORITY).powf(self.priority_exponent)
    }
}

//! A batch of sampled steps with their unrolls, and the states that the target network has to evaluate.
//!
//! Rows are ordered by unrolled step, then by sample: row `k · B + b`. Random numbers of a sample derive from
//! the sample's number. So its targets do not depend on its place in the batch, nor on the other samples.

use std::ops::RangeInclusive;

use rand::RngExt;

use super::augmentation::ImageTransform;
use super::frame_cache::ObservationBatch;
use super::reanalysis::FreshTargets;
use super::settings::{Augmentation, Settings};
use super::target_cache::StoredState;
use crate::agent::Context;
use crate::replay::Sample;
use crate::streams::Streams;
use crate::targets::{
    UnrollLengths, UnrollTargets, horizon_for_age, unroll_targets, value_prefixes,
};

/// The time of an update, and its random streams.
pub(crate) struct UpdateContext {
    /// Share of the budget that is spent, 0 to 1.
    pub(crate) progress: f64,
    /// The update's streams.
    pub(crate) streams: Streams,
}

/// Sampled steps and the targets of their unrolls.
pub(crate) struct UnrolledBatch<'a> {
    samples: Vec<Sample<'a>>,
    unrolls: Vec<UnrollTargets>,
    /// `[B]`: whether the value targets of its states are values of searches.
    searched: Vec<bool>,
    /// `[B]`: the augmentation of the first observation, and of the later ones; empty without augmentation.
    transforms: Vec<[ImageTransform; 2]>,
    /// How many samples are reanalysed: the first ones.
    reanalysed: usize,
    streams: Streams,
    num_actions: usize,
}

impl<'a> UnrolledBatch<'a> {
    /// Unrolls each of `samples`.
    pub(crate) fn new(
        samples: Vec<Sample<'a>>,
        settings: &Settings,
        context: &Context,
        update_context: &UpdateContext,
    ) -> Self {
        let UpdateContext { progress, streams } = *update_context;
        let training = &settings.training;
        let (budget, num_actions) = (context.real_steps, context.description.num_actions);
        let unroll = |sample: &Sample<'_>| {
            let shortening = training.td_shortening_share;
            let n = horizon_for_age(training.td_steps, sample.age, shortening, budget);
            let lengths = UnrollLengths {
                unroll_steps: training.unroll_steps,
                td_steps: n,
                discount: settings.discount as f32,
            };
            let mut stream = streams.numbered("planner/unroll", sample.number);
            let mut targets =
                unroll_targets(sample.episode, sample.step, lengths, num_actions, &mut stream);
            if settings.value_prefix.enabled {
                targets.rewards = value_prefixes(&targets.rewards, settings.value_prefix.horizon);
            }
            targets
        };
        let reanalysed = settings.reanalysed_samples().min(samples.len());
        let searched = |(b, sample): (usize, &Sample<'_>)| {
            b < reanalysed && settings.reanalyse.uses_search_value(sample.age, progress, budget)
        };
        let draw = |augmentation: &Augmentation, sample: &Sample<'_>| {
            let mut stream = streams.numbered("planner/augment", sample.number);
            [(); 2].map(|()| ImageTransform::draw(augmentation, &mut stream))
        };
        let shape = &context.description.observation_shape;
        let transforms = match settings.consistency.augmentation_of(shape) {
            Some(augmentation) => samples.iter().map(|s| draw(augmentation, s)).collect(),
            None => Vec::new(),
        };
        Self {
            unrolls: samples.iter().map(unroll).collect(),
            searched: samples.iter().enumerate().map(searched).collect(),
            samples,
            transforms,
            reanalysed,
            streams,
            num_actions,
        }
    }

    pub(crate) fn samples(&self) -> &[Sample<'a>] {
        &self.samples
    }

    /// How many samples are reanalysed, `R`: the first ones.
    pub(crate) fn reanalysed(&self) -> usize {
        self.reanalysed
    }

    /// States of an unroll, `K + 1`.
    pub(crate) fn states(&self) -> usize {
        self.unrolls.first().map_or(0, |unroll| unroll.states.len())
    }

    /// `[B]`: the actions of unrolled step `k`.
    pub(crate) fn actions(&self, k: usize) -> Vec<u32> {
        self.unrolls.iter().map(|unroll| unroll.actions[k]).collect()
    }

    /// `[B]`: the reward targets of unrolled step `k`; `None` where they are unknown.
    pub(crate) fn rewards(&self, k: usize) -> Vec<Option<f32>> {
        self.unrolls.iter().map(|unroll| unroll.rewards[k]).collect()
    }

    /// `[B]`: whether state `k` was observed.
    pub(crate) fn seen(&self, k: usize) -> Vec<bool> {
        self.unrolls.iter().map(|unroll| unroll.states[k].seen).collect()
    }

    /// `[B]`: the observations of the sampled steps, with one augmentation.
    pub(crate) fn first_observations(&self) -> ObservationBatch<'a> {
        self.observations(0..=0, 0)
    }

    /// `[K · B]`: the observations of the unrolled states, with another augmentation. After the end it is the
    /// episode's last observation.
    pub(crate) fn later_observations(&self) -> ObservationBatch<'a> {
        self.observations(1..=self.states().saturating_sub(1), 1)
    }

    fn observations(
        &self,
        states: RangeInclusive<usize>,
        transform: usize,
    ) -> ObservationBatch<'a> {
        let shown = |k: usize| {
            self.unrolls
                .iter()
                .enumerate()
                .map(move |(b, it)| self.state(b, it.states[k].observation))
        };
        let transforms = self.transforms.iter().map(|transforms| transforms[transform]);
        let transforms = states.clone().flat_map(|_| transforms.clone()).collect();
        ObservationBatch::new(states.flat_map(shown).collect(), transforms)
    }

    /// `[(K + 1) · count]`: all states of the first `count` samples. After the end it is the episode's last
    /// state.
    pub(crate) fn states_of(&self, count: usize) -> Vec<StoredState<'a>> {
        self.each(count, |b, k| self.state(b, self.unrolls[b].states[k].observation))
    }

    /// `[(K + 1) · B]`: the bootstrap states of the returns of all states; `None` where a return does not
    /// bootstrap.
    pub(crate) fn bootstraps(&self) -> Vec<Option<StoredState<'a>>> {
        self.each(self.samples.len(), |b, k| {
            let value = self.unrolls[b].states[k].value.filter(|_| !self.is_searched(b, k));
            let bootstrap = value.and_then(|value| value.bootstrap);
            bootstrap.map(|bootstrap| self.state(b, bootstrap.observation))
        })
    }

    fn state(&self, b: usize, observation: usize) -> StoredState<'a> {
        StoredState { episode: self.samples[b].episode, observation }
    }

    /// Whether the value target of state `k` of sample `b` is the value of its own search.
    fn is_searched(&self, b: usize, k: usize) -> bool {
        let state = &self.unrolls[b].states[k];
        self.searched[b] && state.acted && state.value.is_some()
    }

    /// `of(b, k)` for all states `k` of the first `count` samples `b`.
    fn each<T>(&self, count: usize, of: impl Fn(usize, usize) -> T) -> Vec<T> {
        let of = &of;
        (0..self.states()).flat_map(|k| (0..count).map(move |b| of(b, k))).collect()
    }

    /// `[(K + 1) · count]`: seeds for all states of the first `count` samples.
    pub(crate) fn seeds(&self, consumer: &str, count: usize) -> Vec<u64> {
        let samples = self.samples.iter().take(count);
        let mut streams: Vec<_> =
            samples.map(|sample| self.streams.numbered(consumer, sample.number)).collect();
        (0..self.states())
            .flat_map(|_| streams.iter_mut().map(|s| s.random()).collect::<Vec<_>>())
            .collect()
    }

    /// `[B]`: the value targets of state `k`.
    pub(crate) fn values(&self, k: usize, fresh: &FreshTargets) -> Vec<Option<f32>> {
        let target = |(b, unroll): (usize, &UnrollTargets)| {
            let state = &unroll.states[k];
            if self.is_searched(b, k) {
                return Some(fresh.values[k * self.reanalysed + b]);
            }
            let value = state.value?;
            Some(value.completed(fresh.bootstraps[k * self.samples.len() + b]))
        };
        self.unrolls.iter().enumerate().map(target).collect()
    }

    /// `[B, A]`: the policy targets of state `k`: new ones for the first `R` samples, then stored ones. Zeros
    /// without a target.
    pub(crate) fn policies(&self, k: usize, fresh: &FreshTargets) -> Vec<f32> {
        let (width, reanalysed) = (self.num_actions, self.reanalysed);
        let mut rows = vec![0.0; self.samples.len() * width];
        let targets = self.samples.iter().zip(&self.unrolls).enumerate();
        for ((b, (sample, unroll)), row) in targets.zip(rows.chunks_exact_mut(width)) {
            let (state, step) = (&unroll.states[k], sample.step + k);
            let from = if b < reanalysed { k * reanalysed + b } else { step };
            let source = if b < reanalysed { &fresh.policies } else { &sample.episode.policies };
            if state.acted {
                row.copy_from_slice(&source[from * width..][..width]);
            }
        }
        rows
    }
}

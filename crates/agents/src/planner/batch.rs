//! A batch of sampled steps, unrolled, and what is still to be asked of the target network.
//!
//! Rows are ordered by unrolled step, then by sample: row `k · B + b`. What has chance in a sample has it from
//! the sample's number, so that its targets never depend on its place in the batch, nor on the others.

use std::ops::RangeInclusive;

use rand::RngExt;

use super::augmentation::View;
use super::cache::State;
use super::mirror::Scene;
use super::reanalysis::Fresh;
use super::settings::{Augmentation, Settings};
use crate::agent::Context;
use crate::replay::Sample;
use crate::streams::Streams;
use crate::targets::{Unrolled, horizon_for_age, unrolled, value_prefixes};

/// When an update takes place, and the chance that is its own.
pub(crate) struct Moment {
    /// Share of the budget that is spent.
    pub(crate) progress: f64,
    /// The update's streams.
    pub(crate) streams: Streams,
}

/// Sampled steps and their unrolled targets.
pub(crate) struct Batch<'a> {
    samples: Vec<Sample<'a>>,
    unrolls: Vec<Unrolled>,
    /// `[B]`: whether the values of its states are those of searches.
    searched: Vec<bool>,
    /// `[B]`: how the first observation is looked at, and how the later ones are; empty where they are seen
    /// as they are.
    views: Vec<[View; 2]>,
    /// How many samples are searched anew, the first ones.
    reanalysed: usize,
    streams: Streams,
    num_actions: usize,
}

impl<'a> Batch<'a> {
    /// Unrolls each of `samples`.
    pub(crate) fn new(
        samples: Vec<Sample<'a>>,
        settings: &Settings,
        context: &Context,
        moment: &Moment,
    ) -> Self {
        let Moment { progress, streams } = *moment;
        let training = &settings.training;
        let (budget, num_actions) = (context.real_steps, context.description.num_actions);
        let unroll = |sample: &Sample<'_>| {
            let shortening = training.td_shortening_share;
            let n = horizon_for_age(training.td_steps, sample.age, shortening, budget);
            let lengths = (training.unroll_steps, n, settings.discount);
            let mut stream = streams.numbered("planner/unroll", sample.number);
            let mut unrolled =
                unrolled(sample.episode, sample.step, lengths, num_actions, &mut stream);
            if settings.value_prefix.enabled {
                unrolled.rewards = value_prefixes(&unrolled.rewards, settings.value_prefix.horizon);
            }
            unrolled
        };
        let reanalysed = settings.reanalysed_samples().min(samples.len());
        let searched = |(b, sample): (usize, &Sample<'_>)| {
            b < reanalysed && settings.reanalyse.trusts_search(sample.age, progress, budget)
        };
        let draw = |augmentation: &Augmentation, sample: &Sample<'_>| {
            let mut stream = streams.numbered("planner/augment", sample.number);
            [(); 2].map(|()| View::draw(augmentation, &mut stream))
        };
        let shape = &context.description.observation_shape;
        let views = match settings.consistency.augmentation_of(shape) {
            Some(augmentation) => samples.iter().map(|s| draw(augmentation, s)).collect(),
            None => Vec::new(),
        };
        Self {
            unrolls: samples.iter().map(unroll).collect(),
            searched: samples.iter().enumerate().map(searched).collect(),
            samples,
            views,
            reanalysed,
            streams,
            num_actions,
        }
    }

    pub(crate) fn samples(&self) -> &[Sample<'a>] {
        &self.samples
    }

    /// How many samples are searched anew, `R`: the first ones.
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

    /// `[B]`: what the model should say of the reward of unrolled step `k`; `None` where that is unknown.
    pub(crate) fn rewards(&self, k: usize) -> Vec<Option<f32>> {
        self.unrolls.iter().map(|unroll| unroll.rewards[k]).collect()
    }

    /// `[B]`: whether the observation of state `k` was seen.
    pub(crate) fn seen(&self, k: usize) -> Vec<bool> {
        self.unrolls.iter().map(|unroll| unroll.states[k].seen).collect()
    }

    /// `[B]`: what the model starts from, looked at in one way.
    pub(crate) fn first_scene(&self) -> Scene<'a> {
        self.scene(0..=0, 0)
    }

    /// `[K · B]`: what it should foresee, looked at in another; the episode's last one where none was seen.
    pub(crate) fn later_scene(&self) -> Scene<'a> {
        self.scene(1..=self.states().saturating_sub(1), 1)
    }

    fn scene(&self, states: RangeInclusive<usize>, view: usize) -> Scene<'a> {
        let shown = |k: usize| {
            self.unrolls
                .iter()
                .enumerate()
                .map(move |(b, it)| self.state(b, it.states[k].observation))
        };
        let views = self.views.iter().map(|views| views[view]);
        let views = states.clone().flat_map(|_| views.clone()).collect();
        Scene::new(states.flat_map(shown).collect(), views)
    }

    /// `[(K + 1) · count]`: all states of the first `count` samples; the episode's last one where none was seen.
    pub(crate) fn states_of(&self, count: usize) -> Vec<State<'a>> {
        self.each(count, |b, k| self.state(b, self.unrolls[b].states[k].observation))
    }

    /// `[(K + 1) · B]`: the states whose values complete the returns of all states; `None` where there is
    /// nothing to complete.
    pub(crate) fn bootstraps(&self) -> Vec<Option<State<'a>>> {
        self.each(self.samples.len(), |b, k| {
            let to_come = self.unrolls[b].states[k].value.filter(|_| !self.is_searched(b, k));
            let bootstrap = to_come.and_then(|value| value.bootstrap);
            bootstrap.map(|(observation, _)| self.state(b, observation))
        })
    }

    fn state(&self, b: usize, observation: usize) -> State<'a> {
        State { episode: self.samples[b].episode, observation }
    }

    /// Whether the value of state `k` of sample `b` is that of its own search.
    fn is_searched(&self, b: usize, k: usize) -> bool {
        self.searched[b] && self.unrolls[b].states[k].acted
    }

    /// What `of` says of all states of the first `count` samples.
    fn each<T>(&self, count: usize, of: impl Fn(usize, usize) -> T) -> Vec<T> {
        let of = &of;
        (0..self.states()).flat_map(|k| (0..count).map(move |b| of(b, k))).collect()
    }

    /// `[(K + 1) · count]`: seeds for something done with all states of the first `count` samples.
    pub(crate) fn seeds(&self, consumer: &str, count: usize) -> Vec<u64> {
        let samples = self.samples.iter().take(count);
        let mut streams: Vec<_> =
            samples.map(|sample| self.streams.numbered(consumer, sample.number)).collect();
        (0..self.states())
            .flat_map(|_| streams.iter_mut().map(|s| s.random()).collect::<Vec<_>>())
            .collect()
    }

    /// `[B]`: the value targets of state `k`.
    pub(crate) fn values(&self, k: usize, fresh: &Fresh) -> Vec<Option<f32>> {
        let target = |(b, unroll): (usize, &Unrolled)| {
            let state = &unroll.states[k];
            if self.is_searched(b, k) {
                return Some(fresh.values[k * self.reanalysed + b]);
            }
            let value = state.value?;
            let bootstrap = fresh.bootstraps[k * self.samples.len() + b];
            Some(value.rewards + value.bootstrap.map_or(0.0, |(_, discount)| discount * bootstrap))
        };
        self.unrolls.iter().enumerate().map(target).collect()
    }

    /// `[B, A]`: the policy targets of state `k`: those searched anew for the first `R` samples, then those
    /// that were stored. Zeros where there is none.
    pub(crate) fn policies(&self, k: usize, fresh: &Fresh) -> Vec<f32> {
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

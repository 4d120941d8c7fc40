//! A batch of sampled steps, unrolled, and what is still to be asked of the target network.
//!
//! Rows are ordered by unrolled step, then by sample: row `k · B + b`.

use rand_chacha::ChaCha8Rng;

use super::settings::Settings;
use crate::replay::Sample;
use crate::targets::{Unrolled, horizon_for_age, unrolled, value_prefixes};

/// Sampled steps and their unrolled targets.
pub(crate) struct Batch<'a> {
    samples: Vec<Sample<'a>>,
    unrolls: Vec<Unrolled>,
    observation_len: usize,
    num_actions: usize,
}

impl<'a> Batch<'a> {
    /// Unrolls each of `samples`; `budget` is the run's in real steps.
    pub(crate) fn new(
        samples: Vec<Sample<'a>>,
        settings: &Settings,
        (observation_len, num_actions): (usize, usize),
        budget: u64,
        stream: &mut ChaCha8Rng,
    ) -> Self {
        let training = &settings.training;
        let unroll = |sample: &Sample<'_>| {
            let n = horizon_for_age(
                training.td_steps,
                sample.age,
                training.td_shortening_share,
                budget,
            );
            let lengths = (training.unroll_steps, n, settings.discount);
            let mut unrolled = unrolled(sample.episode, sample.step, lengths, num_actions, stream);
            if settings.value_prefix.enabled {
                unrolled.rewards = value_prefixes(&unrolled.rewards, settings.value_prefix.horizon);
            }
            unrolled
        };
        let unrolls = samples.iter().map(unroll).collect();
        Self { samples, unrolls, observation_len, num_actions }
    }

    pub(crate) fn samples(&self) -> &[Sample<'a>] {
        &self.samples
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

    /// The observations of states `states` of the first `count` samples (the episode's last one where
    /// none was seen).
    pub(crate) fn observations(
        &self,
        states: std::ops::RangeInclusive<usize>,
        count: usize,
    ) -> Vec<f32> {
        let mut rows = Vec::with_capacity(states.clone().count() * count * self.observation_len);
        for k in states {
            for (sample, unroll) in self.samples.iter().zip(&self.unrolls).take(count) {
                let observation = unroll.states[k].observation;
                rows.extend_from_slice(
                    sample.episode.observation(observation, self.observation_len),
                );
            }
        }
        rows
    }

    /// The observations whose values complete the returns of all states, `[(K + 1) · B, observation]`;
    /// any observation where there is nothing to complete, so that the shape never changes.
    pub(crate) fn bootstrap_observations(&self) -> Vec<f32> {
        let states = self.unrolls.first().map_or(0, |unroll| unroll.states.len());
        let mut rows = Vec::with_capacity(states * self.samples.len() * self.observation_len);
        for k in 0..states {
            for (sample, unroll) in self.samples.iter().zip(&self.unrolls) {
                let state = &unroll.states[k];
                let bootstrap = state.value.and_then(|value| value.bootstrap);
                let observation =
                    bootstrap.map_or(state.observation, |(observation, _)| observation);
                rows.extend_from_slice(
                    sample.episode.observation(observation, self.observation_len),
                );
            }
        }
        rows
    }

    /// `[B]`: the value targets of state `k`, given the values `[(K + 1) · B]` of
    /// [`Batch::bootstrap_observations`].
    pub(crate) fn values(&self, k: usize, bootstraps: &[f32]) -> Vec<Option<f32>> {
        let bootstraps = &bootstraps[k * self.samples.len()..];
        let complete = |(unroll, bootstrap): (&Unrolled, &f32)| {
            let value = unroll.states[k].value?;
            Some(value.rewards + value.bootstrap.map_or(0.0, |(_, discount)| discount * bootstrap))
        };
        self.unrolls.iter().zip(bootstraps).map(complete).collect()
    }

    /// `[B, A]`: the policy targets of state `k`: those `searched` anew, `[(K + 1) · R, A]` for the first
    /// `R` samples, then those that were stored. Zeros where there is none.
    pub(crate) fn policies(&self, k: usize, searched: &[f32], reanalysed: usize) -> Vec<f32> {
        let width = self.num_actions;
        let mut rows = vec![0.0; self.samples.len() * width];
        let targets = self.samples.iter().zip(&self.unrolls).enumerate();
        for ((b, (sample, unroll)), row) in targets.zip(rows.chunks_exact_mut(width)) {
            let (state, step) = (&unroll.states[k], sample.step + k);
            let from = if b < reanalysed { k * reanalysed + b } else { step };
            let source = if b < reanalysed { searched } else { &sample.episode.policies };
            if state.acted {
                row.copy_from_slice(&source[from * width..][..width]);
            }
        }
        rows
    }

    /// `[(K + 1) · count, A]`: the legal actions of the states of the first `count` samples.
    pub(crate) fn legal(&self, count: usize) -> Vec<bool> {
        let width = self.num_actions;
        let states = self.unrolls.first().map_or(0, |unroll| unroll.states.len());
        let mut rows = Vec::with_capacity(states * count * width);
        for k in 0..states {
            for (sample, unroll) in self.samples.iter().zip(&self.unrolls).take(count) {
                if unroll.states[k].acted {
                    rows.extend_from_slice(
                        &sample.episode.legal[(sample.step + k) * width..][..width],
                    );
                } else {
                    rows.extend(std::iter::repeat_n(true, width));
                }
            }
        }
        rows
    }
}

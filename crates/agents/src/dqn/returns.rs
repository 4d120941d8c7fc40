//! How a network says what an action will return: by one number, or by a distribution.

use candle_core::{Result, Tensor};
use zerolab_models::{Atoms, Device, losses, ops};

use super::settings::Settings;
use crate::targets::Return;

/// What stands in a row `[width]` of the network's output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Returns {
    /// The mean.
    Mean,
    /// The logits of a categorical distribution (Bellemare et al. 2017).
    Distribution(Atoms),
}

/// How far off the network was.
pub(crate) struct Misses {
    /// `[B]`: what is to be made small.
    pub(crate) losses: Tensor,
    /// `[B]`: what priorities go by.
    pub(crate) surprises: Vec<f32>,
}

impl Returns {
    pub(crate) fn of(settings: &Settings) -> Self {
        let said = &settings.distributional;
        if said.enabled {
            Self::Distribution(Atoms::new(said.atoms, said.minimum, said.maximum))
        } else {
            Self::Mean
        }
    }

    /// Numbers for each action.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Mean => 1,
            Self::Distribution(atoms) => atoms.count(),
        }
    }

    /// The means of rows: `[n · width]` to `[n]`.
    pub(crate) fn means(self, rows: &[f32]) -> Vec<f32> {
        match self {
            Self::Mean => rows.to_vec(),
            Self::Distribution(atoms) => {
                rows.chunks_exact(self.width()).map(|row| atoms.mean(row)).collect()
            }
        }
    }

    /// Writes into `target` `[width]` what should have been said, where `to_come` is completed by `row` `[width]`.
    pub(crate) fn target(self, to_come: &Return, row: &[f32], target: &mut [f32]) {
        let bootstrap = to_come.bootstrap.map(|(_, discount)| discount);
        match self {
            Self::Mean => {
                target[0] = to_come.rewards + bootstrap.map_or(0.0, |discount| discount * row[0]);
            }
            Self::Distribution(atoms) => {
                let row = bootstrap.map(|_| row);
                atoms.project(to_come.rewards, bootstrap.unwrap_or(0.0), row, target);
            }
        }
    }

    /// Compares what was said, `[B, width]`, with `targets`, `[B · width]`.
    pub(crate) fn compare(
        self,
        device: &Device,
        said: &Tensor,
        targets: Vec<f32>,
    ) -> Result<Misses> {
        match self {
            Self::Mean => {
                let count = targets.len();
                let errors = (said.flatten_all()? - device.upload(targets, count)?)?;
                let surprises = device.download(&errors)?;
                Ok(Misses { losses: losses::pseudo_huber(&errors)?, surprises })
            }
            // The entropy of a target is no fault of the network: the Kullback-Leibler divergence is without it.
            Self::Distribution(atoms) => {
                let entropies: Vec<f32> =
                    targets.chunks_exact(atoms.count()).map(entropy).collect();
                let losses = ops::cross_entropy(said, &device.upload(targets, said.dims())?)?;
                let crossed = device.download::<f32>(&losses)?;
                let surprises = crossed.iter().zip(entropies).map(|(loss, own)| loss - own);
                Ok(Misses { surprises: surprises.collect(), losses })
            }
        }
    }
}

fn entropy(probabilities: &[f32]) -> f32 {
    probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
}

/// The legal action of the largest value in each row of `[B, A]`.
pub(crate) fn best_legal(values: &[f32], legal: &[bool], num_actions: usize) -> Vec<usize> {
    let best = |(values, legal): (&[f32], &[bool])| {
        let legal_actions = (0..num_actions).filter(|&action| legal[action]);
        legal_actions
            .reduce(|best, action| if values[action] > values[best] { action } else { best })
            .unwrap_or(0)
    };
    values.chunks_exact(num_actions).zip(legal.chunks_exact(num_actions)).map(best).collect()
}

//! How a network represents the return of an action: as a number or as a distribution.

use candle_core::{Result, Tensor};
use zerolab_models::{Atoms, Device, losses, ops};

use super::settings::{Distributional, Settings};
use crate::targets::Return;

/// The meaning of a row `[width]` of the network's output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ReturnEncoding {
    /// The mean.
    Mean,
    /// The logits of a categorical distribution (Bellemare et al. 2017).
    Distribution(Atoms),
}

/// The errors of predicted returns.
pub(crate) struct ReturnErrors {
    /// `[B]`: the losses.
    pub(crate) losses: Tensor,
    /// `[B]`: the errors for the priorities.
    pub(crate) errors: Vec<f32>,
}

impl ReturnEncoding {
    pub(crate) fn of(settings: &Settings) -> Self {
        let Distributional { enabled, atoms, minimum, maximum } = settings.distributional;
        if enabled {
            Self::Distribution(Atoms::new(atoms, minimum as f32, maximum as f32))
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

    /// Writes the target of `experienced` into `target` `[width]`. `row` `[width]` is the network's output
    /// for the bootstrap state.
    pub(crate) fn target(self, experienced: &Return, row: &[f32], target: &mut [f32]) {
        match self {
            Self::Mean => target[0] = experienced.completed(row[0]),
            Self::Distribution(atoms) => {
                let discount = experienced.bootstrap.map(|bootstrap| bootstrap.discount);
                let row = discount.map(|_| row);
                atoms.project(experienced.rewards, discount.unwrap_or(0.0), row, target);
            }
        }
    }

    /// Whether the mean of the target of `experienced` is beyond the atoms. `row` `[width]` is the network's
    /// output for the bootstrap state.
    pub(crate) fn cuts(self, experienced: &Return, row: &[f32]) -> bool {
        match self {
            Self::Mean => false,
            Self::Distribution(atoms) => !atoms.contains(experienced.completed(atoms.mean(row))),
        }
    }

    /// Compares predictions `[B, width]` with `targets` `[B · width]`.
    pub(crate) fn compare(
        self,
        device: &Device,
        predicted: &Tensor,
        targets: Vec<f32>,
    ) -> Result<ReturnErrors> {
        match self {
            Self::Mean => {
                let count = targets.len();
                let errors = (predicted.flatten_all()? - device.upload(targets, count)?)?;
                let losses = losses::pseudo_huber(&errors)?;
                Ok(ReturnErrors { losses, errors: device.download(&errors)? })
            }
            // Priorities use the Kullback-Leibler divergence: the cross-entropy without the entropy of the
            // target, which the network cannot reduce.
            Self::Distribution(atoms) => {
                let entropies: Vec<f32> =
                    targets.chunks_exact(atoms.count()).map(entropy).collect();
                let losses =
                    ops::cross_entropy(predicted, &device.upload(targets, predicted.dims())?)?;
                let crossed = device.download::<f32>(&losses)?;
                let errors = crossed.iter().zip(entropies).map(|(loss, own)| loss - own);
                Ok(ReturnErrors { errors: errors.collect(), losses })
            }
        }
    }
}

fn entropy(probabilities: &[f32]) -> f32 {
    probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
}

/// The legal action with the largest value in each row of `[B, A]`.
pub(crate) fn best_legal(values: &[f32], legal: &[bool], num_actions: usize) -> Vec<usize> {
    let best = |(values, legal): (&[f32], &[bool])| {
        let legal_actions = (0..num_actions).filter(|&action| legal[action]);
        legal_actions
            .reduce(|best, action| if values[action] > values[best] { action } else { best })
            .unwrap_or(0)
    };
    values.chunks_exact(num_actions).zip(legal.chunks_exact(num_actions)).map(best).collect()
}

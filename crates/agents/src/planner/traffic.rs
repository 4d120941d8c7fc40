//! The least that a planner's networks move to and from a device's memory: with the FLOPs, what a device that is not
//! there can be expected to take (the roofline of Williams, Waterman and Patterson 2009).
//!
//! A layer reads its input and its weights and writes its output, each once. Normalisations, what is added to a
//! residual path, and the states of a search's nodes come on top; a device that keeps some of it in its caches does with
//! less.

use std::collections::BTreeMap;

use zerolab_metrics::Phase;
use zerolab_models::{Part, Precision};

use super::work::Work;
use crate::agent::Context;

/// A backward pass reads what the forward pass left, reads the gradient and writes the next one.
const BACKWARD: u64 = 2;
/// A step of the optimiser reads weights, gradients and moments, and writes weights and moments.
const PASSES_OF_A_STEP: u64 = 5;

/// What one network moves.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    /// For each sample.
    sample: u64,
    /// Whatever the samples.
    weights: u64,
}

impl Load {
    /// For so many samples at once.
    fn of(self, samples: u64) -> u64 {
        self.weights + samples * self.sample
    }

    fn and(self, other: Self) -> Self {
        Self { sample: self.sample + other.sample, weights: self.weights + other.weights }
    }
}

/// Bytes that each phase of a run moves at least; of reanalysis, where nothing is known from before.
pub(super) fn traffic(
    work: &Work,
    context: &Context,
    parts: &[Part],
    precision: Precision,
) -> BTreeMap<Phase, u64> {
    let bytes = match precision {
        Precision::F32 => 4,
        Precision::Bf16 => 2,
    };
    let load = |name: &str| {
        let layers = parts.iter().filter(|part| part.name == name).flat_map(|part| &part.layers);
        layers.fold(Load::default(), |load, layer| {
            let output: usize = layer.output_shape.iter().product();
            // Written once, and read once by what follows.
            let moved = 2 * output as u64 * bytes;
            load.and(Load { sample: moved, weights: layer.parameters * bytes })
        })
    };
    let initial = load("representation").and(load("prediction"));
    let recurrent = load("dynamics").and(load("prediction"));
    let consistency = load("projector").and(load("predictor"));
    let searched = |roots: u64| match roots {
        0 => 0,
        roots => initial.of(roots) + work.simulations * recurrent.of(roots),
    };
    let lanes = context.lanes as u64;
    let online = initial.of(work.batch) + work.unroll * recurrent.and(consistency).of(work.batch);
    let target = match consistency.weights {
        0 => 0,
        _ => load("representation").and(load("projector")).of(work.unroll * work.batch),
    };
    let parameters: u64 = parts.iter().map(Part::parameters).sum();
    let step = PASSES_OF_A_STEP * parameters * size_of::<f32>() as u64;
    BTreeMap::from([
        (Phase::Acting, work.decisions / lanes.max(1) * searched(lanes)),
        (Phase::Reanalysis, work.updates * (searched(work.roots) + initial.of(work.judged))),
        (Phase::Learning, work.updates * ((1 + BACKWARD) * online + target + step)),
    ])
}

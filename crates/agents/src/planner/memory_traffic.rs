//! A lower estimate of a planner's memory traffic. Together with the FLOPs it gives the expected time on a
//! device that is not at hand (the roofline model, Williams, Waterman and Patterson 2009).
//!
//! Each layer reads its input and its weights once, and writes its output once. Normalisations, residual
//! additions and the states of search nodes are not counted. Device caches can reduce the traffic.

use std::collections::BTreeMap;

use zerolab_metrics::Phase;
use zerolab_models::{Part, Precision};

use super::run_counts::RunCounts;
use crate::agent::Context;

/// A backward pass reads the stored activations and the gradient, and writes the next gradient. It counts as
/// this many forward passes.
const BACKWARD: u64 = 2;
/// A step of the optimiser reads weights, gradients and moments, and writes weights and moments.
const PASSES_OF_A_STEP: u64 = 5;

/// The bytes that one network moves.
#[derive(Clone, Copy, Debug, Default)]
struct BytesMoved {
    /// For each sample.
    sample: u64,
    /// For each pass, whatever the number of samples.
    weights: u64,
}

impl BytesMoved {
    /// For one pass of so many samples.
    fn of(self, samples: u64) -> u64 {
        self.weights + samples * self.sample
    }

    fn and(self, other: Self) -> Self {
        Self { sample: self.sample + other.sample, weights: self.weights + other.weights }
    }
}

/// The bytes that each phase of a run moves. For reanalysis, without cached targets.
pub(super) fn memory_traffic(
    counts: &RunCounts,
    context: &Context,
    parts: &[Part],
    precision: Precision,
) -> BTreeMap<Phase, u64> {
    let bytes = match precision {
        Precision::F32 => 4,
        Precision::Bf16 => 2,
    };
    let bytes_moved = |name: &str| {
        let layers = parts.iter().filter(|part| part.name == name).flat_map(|part| &part.layers);
        layers.fold(BytesMoved::default(), |bytes_moved, layer| {
            let output: usize = layer.output_shape.iter().product();
            // Written once, and read once by the next layer.
            let moved = 2 * output as u64 * bytes;
            bytes_moved.and(BytesMoved { sample: moved, weights: layer.parameters * bytes })
        })
    };
    let initial = bytes_moved("representation").and(bytes_moved("prediction"));
    let recurrent = bytes_moved("dynamics").and(bytes_moved("prediction"));
    let consistency = bytes_moved("projector").and(bytes_moved("predictor"));
    let searched = |roots: u64| match roots {
        0 => 0,
        roots => initial.of(roots) + counts.simulations * recurrent.of(roots),
    };
    let lanes = context.lanes as u64;
    let online =
        initial.of(counts.batch) + counts.unroll * recurrent.and(consistency).of(counts.batch);
    let target = match consistency.weights {
        0 => 0,
        _ => bytes_moved("representation")
            .and(bytes_moved("projector"))
            .of(counts.unroll * counts.batch),
    };
    let parameters: u64 = parts.iter().map(Part::parameters).sum();
    let step = PASSES_OF_A_STEP * parameters * size_of::<f32>() as u64;
    BTreeMap::from([
        (Phase::Acting, counts.decisions / lanes.max(1) * searched(lanes)),
        (Phase::Reanalysis, counts.updates * (searched(counts.roots) + initial.of(counts.valued))),
        (Phase::Learning, counts.updates * ((1 + BACKWARD) * online + target + step)),
    ])
}

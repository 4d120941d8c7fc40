//! The countable cost of a planner's run: each searched action and each reanalysed state takes one initial
//! and `N` recurrent inferences.

use std::collections::BTreeMap;

use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Part;

use super::run_counts::RunCounts;
use crate::agent::Context;

/// FLOPs of one sample through each network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flops {
    representation: u64,
    dynamics: u64,
    prediction: u64,
    projector: u64,
    predictor: u64,
}

impl Flops {
    /// Twice the multiply–accumulates of each part.
    pub(crate) fn of(parts: &[Part]) -> Self {
        let part = |name: &str| {
            parts.iter().find(|part| part.name == name).map_or(0, |part| 2 * part.macs())
        };
        Self {
            representation: part("representation"),
            dynamics: part("dynamics"),
            prediction: part("prediction"),
            projector: part("projector"),
            predictor: part("predictor"),
        }
    }

    /// One initial inference: an observation to its value and policy.
    pub(crate) fn initial(self) -> u64 {
        self.representation + self.prediction
    }

    /// One recurrent inference: an imagined step.
    pub(crate) fn recurrent(self) -> u64 {
        self.dynamics + self.prediction
    }

    /// One whole search from one observation.
    pub(crate) fn searched(self, simulations: u64) -> u64 {
        self.initial() + simulations * self.recurrent()
    }

    /// The forward and backward passes of one update. A backward pass counts as two forward passes. The
    /// targets of the consistency loss have no backward pass.
    pub(super) fn update(self, counts: &RunCounts) -> u64 {
        let step = self.recurrent() + self.projector + self.predictor;
        let online = self.initial() + counts.unroll * step;
        let target = match self.projector {
            0 => 0,
            projector => counts.unroll * (self.representation + projector),
        };
        counts.batch * (3 * online + target)
    }

    /// The reanalysis of one update without cached targets.
    pub(super) fn reanalysis(self, counts: &RunCounts) -> u64 {
        counts.valued * self.initial() + counts.roots * self.searched(counts.simulations)
    }
}

/// The countable cost of a whole run. For reanalysis it is an upper bound.
pub(super) fn forecast(
    counts: &RunCounts,
    context: &Context,
    flops: Flops,
) -> BTreeMap<Phase, PhaseCost> {
    let searches = |roots: u64, flops: u64| PhaseCost {
        imagined_steps: roots * counts.simulations,
        simulations: roots * counts.simulations,
        flops,
        ..PhaseCost::default()
    };
    let (decisions, updates) = (counts.decisions, counts.updates);
    BTreeMap::from([
        (
            Phase::Acting,
            PhaseCost {
                real_steps: context.real_steps,
                ..searches(decisions, decisions * flops.searched(counts.simulations))
            },
        ),
        (Phase::Reanalysis, searches(updates * counts.roots, updates * flops.reanalysis(counts))),
        (
            Phase::Learning,
            PhaseCost { updates, flops: updates * flops.update(counts), ..PhaseCost::default() },
        ),
    ])
}

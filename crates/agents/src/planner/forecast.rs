//! What a planner's run will cost, as far as it can be counted beforehand (`questions.md` §8.1 in words:
//! each acting decision and each reanalysed state is one initial and `N` recurrent inferences).

use std::collections::BTreeMap;

use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Part;

use super::work::Work;
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

    /// Forward and backward passes of one update; a backward pass counts as two forward ones, and the
    /// target's branch of the consistency loss has none.
    pub(super) fn update(self, work: &Work) -> u64 {
        let step = self.recurrent() + self.projector + self.predictor;
        let online = self.initial() + work.unroll * step;
        let target = match self.projector {
            0 => 0,
            projector => work.unroll * (self.representation + projector),
        };
        work.batch * (3 * online + target)
    }

    /// Fresh targets of one update, of which nothing is known from before.
    pub(super) fn reanalysis(self, work: &Work) -> u64 {
        work.judged * self.initial() + work.roots * self.searched(work.simulations)
    }
}

/// The countable cost of a whole run; of reanalysis, the most that it can be.
pub(super) fn forecast(work: &Work, context: &Context, flops: Flops) -> BTreeMap<Phase, PhaseCost> {
    let searches = |roots: u64, flops: u64| PhaseCost {
        imagined_steps: roots * work.simulations,
        simulations: roots * work.simulations,
        flops,
        ..PhaseCost::default()
    };
    let (decisions, updates) = (work.decisions, work.updates);
    BTreeMap::from([
        (
            Phase::Acting,
            PhaseCost {
                real_steps: context.real_steps,
                ..searches(decisions, decisions * flops.searched(work.simulations))
            },
        ),
        (Phase::Reanalysis, searches(updates * work.roots, updates * flops.reanalysis(work))),
        (
            Phase::Learning,
            PhaseCost { updates, flops: updates * flops.update(work), ..PhaseCost::default() },
        ),
    ])
}

//! What a planner's run will cost, as far as it can be counted beforehand (`questions.md` §8.1 in words:
//! each acting decision and each reanalysed state is one initial and `N` recurrent inferences).
//!
//! Of reanalysis it is what is spent at most: chance decides how often a batch meets states whose values or
//! searches are known from before. With `reanalyse.reuse = 0` its searches are counted exactly.

use std::collections::BTreeMap;

use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Part;

use super::settings::{Settings, ValueTarget};
use crate::agent::Context;

impl Settings {
    /// States of one update's batch whose values complete returns, where those are found by searches.
    pub(super) fn searched_bootstraps(&self) -> u64 {
        if self.reanalyse.values == ValueTarget::SearchedBootstrap {
            (self.training.batch_size * (self.training.unroll_steps + 1)) as u64
        } else {
            0
        }
    }

    /// States that one update searches from, at most.
    pub(super) fn searched_roots(&self) -> u64 {
        let reanalysed = self.reanalysed_samples() * (self.training.unroll_steps + 1);
        reanalysed as u64 + self.searched_bootstraps()
    }
}

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
    pub(crate) fn update(self, settings: &Settings) -> u64 {
        let unroll = settings.training.unroll_steps as u64;
        let online = self.initial() + unroll * (self.recurrent() + self.projector + self.predictor);
        let target =
            if self.projector > 0 { unroll * (self.representation + self.projector) } else { 0 };
        settings.training.batch_size as u64 * (3 * online + target)
    }

    /// Fresh targets of one update, of which nothing is known from before.
    pub(crate) fn reanalysis(self, settings: &Settings) -> u64 {
        let states = settings.training.unroll_steps as u64 + 1;
        let batch = settings.training.batch_size as u64;
        let roots = settings.searched_roots();
        let judged = states * batch - settings.searched_bootstraps();
        judged * self.initial() + roots * self.searched(u64::from(settings.search.simulations))
    }
}

/// The countable cost of a whole run; of reanalysis, the most that it can be.
pub(crate) fn forecast(
    settings: &Settings,
    context: &Context,
    flops: Flops,
) -> BTreeMap<Phase, PhaseCost> {
    let simulations = u64::from(settings.search.simulations);
    let pace = settings.pace();
    let updates = pace.due(context.real_steps);
    let decisions = context.real_steps - pace.random_steps(context.real_steps, context.lanes);
    let roots = updates * settings.searched_roots();
    let searches = |roots: u64, flops: u64| PhaseCost {
        imagined_steps: roots * simulations,
        simulations: roots * simulations,
        flops,
        ..PhaseCost::default()
    };
    BTreeMap::from([
        (
            Phase::Acting,
            PhaseCost {
                real_steps: context.real_steps,
                ..searches(decisions, decisions * flops.searched(simulations))
            },
        ),
        (Phase::Reanalysis, searches(roots, updates * flops.reanalysis(settings))),
        (
            Phase::Learning,
            PhaseCost { updates, flops: updates * flops.update(settings), ..PhaseCost::default() },
        ),
    ])
}

//! What a planner's run will cost, as far as it can be counted beforehand (`questions.md` §8.1 in words:
//! each acting decision and each reanalysed state is one initial and `N` recurrent inferences).

use std::collections::BTreeMap;

use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Part;

use super::settings::Settings;
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
    pub(crate) fn update(self, settings: &Settings) -> u64 {
        let unroll = settings.training.unroll_steps as u64;
        let online = self.initial() + unroll * (self.recurrent() + self.projector + self.predictor);
        let target =
            if self.projector > 0 { unroll * (self.representation + self.projector) } else { 0 };
        settings.training.batch_size as u64 * (3 * online + target)
    }

    /// Fresh targets of one update.
    pub(crate) fn reanalysis(self, settings: &Settings) -> u64 {
        let states = settings.training.unroll_steps as u64 + 1;
        let batch = settings.training.batch_size as u64;
        let searched = self.searched(u64::from(settings.search.simulations));
        states * (batch * self.initial() + settings.reanalysed_samples() as u64 * searched)
    }
}

/// The countable cost of a whole run.
pub(crate) fn forecast(
    settings: &Settings,
    context: &Context,
    flops: Flops,
) -> BTreeMap<Phase, PhaseCost> {
    let simulations = u64::from(settings.search.simulations);
    let pace = settings.pace();
    let updates = pace.due(context.real_steps);
    let decisions = context.real_steps - pace.random_steps(context.real_steps, context.lanes);
    let roots = updates
        * settings.reanalysed_samples() as u64
        * (settings.training.unroll_steps as u64 + 1);
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

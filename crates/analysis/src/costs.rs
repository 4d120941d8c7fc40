//! The cost of a run with all that follows from it, and its mean over the runs of a group.

use std::collections::BTreeMap;

use zerolab_metrics::statistics::mean;
use zerolab_metrics::{CostRecord, DerivedCost, Phase, PriceSheet};

use crate::groups::Group;
use crate::prices::{REAL_STEPS_PER_SECOND, price_sheet};
use crate::results::Run;

/// A run's account and what follows from it.
pub(crate) struct RunCost<'a> {
    pub cost: &'a CostRecord,
    pub derived: DerivedCost,
    /// Training FLOPs.
    pub flops: f64,
    pub prices: Option<PriceSheet>,
}

impl<'a> RunCost<'a> {
    /// Nothing if the run never wrote its account.
    pub fn of(run: &'a Run) -> Option<Self> {
        let cost = run.cost()?;
        let prices =
            run.manifest.as_ref().and_then(|manifest| price_sheet(&manifest.provenance.device));
        let flops = cost.training().flops as f64;
        Some(Self { cost, derived: cost.derived(REAL_STEPS_PER_SECOND), flops, prices })
    }

    pub fn dollars(&self) -> Option<f64> {
        self.prices.as_ref().map(|prices| prices.dollars(self.cost.wall_seconds))
    }

    pub fn kilowatt_hours(&self) -> Option<f64> {
        self.prices.as_ref().map(|prices| prices.kilowatt_hours(self.cost.wall_seconds))
    }
}

/// The mean cost of a group's finished runs.
pub(crate) struct GroupCost {
    /// The group's place.
    pub group: usize,
    pub runs: usize,
    pub real_steps: f64,
    pub updates: f64,
    /// Of training.
    pub imagined_steps: f64,
    pub wall_seconds: f64,
    /// Nothing where a run does not tell.
    pub processor_seconds: Option<f64>,
    /// Mean seconds and FLOPs by phase.
    pub phases: BTreeMap<Phase, PhaseMean>,
    pub flops: f64,
    pub peak_memory_bytes: f64,
    pub imagined_steps_per_real_step: Option<f64>,
    pub flops_per_real_second: Option<f64>,
    pub flops_per_environment_operation: Option<f64>,
    /// Operations that the environments themselves took.
    pub environment_operations: f64,
    pub dollars: Option<f64>,
    pub kilowatt_hours: Option<f64>,
}

/// What one phase spent, in the mean over runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PhaseMean {
    pub wall_seconds: f64,
    pub flops: f64,
}

/// The mean cost of every group that has a finished run with an account.
pub(crate) fn group_costs(groups: &[Group], runs: &[Run]) -> Vec<GroupCost> {
    let costs = groups.iter().enumerate().filter_map(|(place, group)| {
        let costs: Vec<RunCost> = group.finished(runs).filter_map(RunCost::of).collect();
        (!costs.is_empty()).then(|| group_cost(place, &costs))
    });
    costs.collect()
}

fn group_cost(group: usize, costs: &[RunCost]) -> GroupCost {
    let over_runs = |of: &dyn Fn(&RunCost) -> f64| mean(&costs.iter().map(of).collect::<Vec<_>>());
    let over_known = |of: &dyn Fn(&RunCost) -> Option<f64>| {
        let known: Vec<f64> = costs.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| mean(&known))
    };
    GroupCost {
        group,
        runs: costs.len(),
        real_steps: over_runs(&|run| run.cost.real_steps as f64),
        updates: over_runs(&|run| run.cost.updates as f64),
        imagined_steps: over_runs(&|run| run.cost.training().imagined_steps as f64),
        wall_seconds: over_runs(&|run| run.cost.wall_seconds),
        phases: phase_means(costs),
        flops: over_runs(&|run| run.flops),
        processor_seconds: over_known(&|run| {
            Some(run.cost.processor_seconds).filter(|seconds| *seconds > 0.0)
        }),
        peak_memory_bytes: over_runs(&|run| run.cost.peak_memory_bytes as f64),
        imagined_steps_per_real_step: over_known(&|run| run.derived.imagined_steps_per_real_step),
        flops_per_real_second: over_known(&|run| run.derived.flops_per_real_second),
        flops_per_environment_operation: over_known(&|run| {
            run.derived.flops_per_environment_operation
        }),
        environment_operations: over_runs(&|run| run.cost.environment_operations as f64),
        dollars: over_known(&|run| run.dollars()),
        kilowatt_hours: over_known(&|run| run.kilowatt_hours()),
    }
}

fn phase_means(costs: &[RunCost]) -> BTreeMap<Phase, PhaseMean> {
    let mut means: BTreeMap<Phase, PhaseMean> = BTreeMap::new();
    for (phase, spent) in costs.iter().flat_map(|run| &run.cost.phases) {
        let mean = means.entry(*phase).or_default();
        mean.wall_seconds += spent.wall_seconds / costs.len() as f64;
        mean.flops += spent.flops as f64 / costs.len() as f64;
    }
    means
}

//! The cost of a run with its derived quantities, and the mean cost of a group of runs.

use std::collections::BTreeMap;

use zerolab_metrics::statistics::mean;
use zerolab_metrics::{CostRecord, DerivedCost, Phase, PriceSheet};

use crate::groups::Group;
use crate::prices::{REAL_STEPS_PER_SECOND, price_sheet};
use crate::results::RunResults;
use crate::spending::SpentQuantity;

/// A run's last cost record, and the quantities derived from it.
pub(crate) struct RunCost<'a> {
    pub cost: &'a CostRecord,
    pub derived: DerivedCost,
    /// Training FLOPs.
    pub flops: f64,
    pub prices: Option<PriceSheet>,
}

impl<'a> RunCost<'a> {
    /// Nothing if the run has no cost record.
    pub fn of(run: &'a RunResults) -> Option<Self> {
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
    /// The index of the group in [`Findings::groups`](crate::findings::Findings).
    pub group: usize,
    pub runs: usize,
    pub real_steps: f64,
    pub updates: f64,
    /// During training.
    pub imagined_steps: f64,
    pub wall_seconds: f64,
    /// Nothing if no run has recorded it.
    pub processor_seconds: Option<f64>,
    /// Mean seconds and FLOPs by phase.
    pub phases: BTreeMap<Phase, PhaseMean>,
    /// Training FLOPs.
    pub flops: f64,
    pub peak_memory_bytes: f64,
    pub imagined_steps_per_real_step: Option<f64>,
    pub flops_per_real_second: Option<f64>,
    pub flops_per_environment_operation: Option<f64>,
    /// Operations of the environments themselves.
    pub environment_operations: f64,
    pub dollars: Option<f64>,
    pub kilowatt_hours: Option<f64>,
}

impl GroupCost {
    /// The mean of `quantity` over the group's finished runs; nothing if it is not known.
    pub fn spent(&self, quantity: SpentQuantity) -> Option<f64> {
        match quantity {
            SpentQuantity::RealSteps => Some(self.real_steps),
            SpentQuantity::WallSeconds => Some(self.wall_seconds),
            SpentQuantity::Updates => Some(self.updates),
            SpentQuantity::ImaginedSteps => Some(self.imagined_steps),
            SpentQuantity::Flops => Some(self.flops),
            SpentQuantity::Dollars => self.dollars,
        }
    }
}

/// The cost of one phase, mean over runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PhaseMean {
    pub wall_seconds: f64,
    pub flops: f64,
}

/// The mean cost of every group that has a finished run with a cost record.
pub(crate) fn group_costs(groups: &[Group], runs: &[RunResults]) -> Vec<GroupCost> {
    let costs = groups.iter().enumerate().filter_map(|(index, group)| {
        let costs: Vec<RunCost> = group.finished(runs).filter_map(RunCost::of).collect();
        (!costs.is_empty()).then(|| group_cost(index, &costs))
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

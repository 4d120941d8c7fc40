//! `costs`: the cost of every run by phase, and the quantities derived from it.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::{CostRecord, PhaseCost};

use crate::costs::RunCost;
use crate::findings::Findings;
use crate::groups::written_axes;
use crate::results::RunResults;

/// The cost of one phase of a run, or the total of the run with derived quantities.
struct CostRow<'a> {
    run: &'a RunResults,
    phase: &'static str,
    spent: PhaseCost,
    total: Option<RunCost<'a>>,
}

/// One row per run and phase, then one for the run's `total`. Only totals have the derived columns.
///
/// Real steps and updates of a total are those of training; its wall seconds are those of the whole run.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let rows: Vec<CostRow> = findings.runs.iter().flat_map(rows_of).collect();
    let texts = |of: &dyn Fn(&RunResults) -> String| -> Vec<String> {
        rows.iter().map(|row| of(row.run)).collect()
    };
    let counts = |of: &dyn Fn(&PhaseCost) -> u64| -> Vec<u64> {
        rows.iter().map(|row| of(&row.spent)).collect()
    };
    let totals = |of: &dyn Fn(&CostRecord) -> u64| -> Vec<Option<u64>> {
        rows.iter().map(|row| row.total.as_ref().map(|total| of(total.cost))).collect()
    };
    let derived = |of: &dyn Fn(&RunCost) -> Option<f64>| -> Vec<Option<f64>> {
        rows.iter().map(|row| row.total.as_ref().and_then(of)).collect()
    };
    df![
        "run" => texts(&|run| run.reference.id.clone()),
        "environment" => texts(&|run| run.reference.environment.clone()),
        "agent" => texts(&|run| run.reference.agent.clone()),
        "axes" => texts(&|run| written_axes(&run.reference)),
        "seed" => rows.iter().map(|row| row.run.reference.seed).collect::<Vec<_>>(),
        "phase" => rows.iter().map(|row| row.phase).collect::<Vec<_>>(),
        "wall_seconds" => rows.iter().map(|row| row.spent.wall_seconds).collect::<Vec<_>>(),
        "processor_seconds" => derived(&|total| Some(total.cost.processor_seconds)),
        "imagined_steps" => counts(&|spent| spent.imagined_steps),
        "simulations" => counts(&|spent| spent.simulations),
        "real_steps" => counts(&|spent| spent.real_steps),
        "updates" => counts(&|spent| spent.updates),
        "flops" => counts(&|spent| spent.flops),
        "environment_operations" => totals(&|cost| cost.environment_operations),
        "peak_memory_bytes" => totals(&|cost| cost.peak_memory_bytes),
        "imagined_steps_per_real_step" => derived(&|total| total.derived.imagined_steps_per_real_step),
        "flops_per_real_second" => derived(&|total| total.derived.flops_per_real_second),
        "flops_per_environment_operation" => derived(&|total| total.derived.flops_per_environment_operation),
        "dollars" => derived(&|total| total.dollars()),
        "kilowatt_hours" => derived(&|total| total.kilowatt_hours()),
    ]
}

fn rows_of(run: &RunResults) -> Vec<CostRow<'_>> {
    let Some(total) = RunCost::of(run) else {
        return Vec::new();
    };
    let cost = total.cost;
    let mut rows: Vec<CostRow> = cost
        .phases
        .iter()
        .map(|(phase, spent)| CostRow { run, phase: phase.name(), spent: *spent, total: None })
        .collect();
    let mut spent = PhaseCost::default();
    for phase in cost.phases.values() {
        spent.add(phase);
    }
    spent = PhaseCost {
        wall_seconds: cost.wall_seconds,
        real_steps: cost.real_steps,
        updates: cost.updates,
        ..spent
    };
    rows.push(CostRow { run, phase: "total", spent, total: Some(total) });
    rows
}

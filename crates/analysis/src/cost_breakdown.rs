//! The FLOPs of training as a product of factors: the simulator's own operations, the learned model instead
//! of the simulator, acting with planning, and learning.

use zerolab_metrics::Phase;

use crate::costs::GroupCost;
use crate::findings::Findings;
use crate::prices::REAL_STEPS_PER_SECOND;

/// The cost breakdown of a group: means over its finished runs, per real second of play.
pub(crate) struct CostBreakdown {
    /// The index of the group in [`Findings::groups`].
    pub group: usize,
    /// Simple operations of the environment.
    pub simulator: f64,
    /// FLOPs of stepping the learned model as often, per operation of the simulator; nothing without a
    /// learned model.
    pub model: Option<f64>,
    /// FLOPs of acting, planning included, per FLOP of the model, or per operation of the simulator if
    /// there is no model; nothing if acting takes no FLOPs.
    pub acting: Option<f64>,
    /// FLOPs of training per FLOP of acting.
    pub learning: Option<f64>,
    /// FLOPs of training.
    pub training: f64,
}

/// The breakdown of each group whose training takes FLOPs and whose simulator counts its operations.
pub(crate) fn cost_breakdowns(findings: &Findings) -> Vec<CostBreakdown> {
    findings.costs.iter().filter_map(|cost| cost_breakdown(findings, cost)).collect()
}

fn cost_breakdown(findings: &Findings, cost: &GroupCost) -> Option<CostBreakdown> {
    let positive = |value: f64| Some(value).filter(|value| *value > 0.0);
    let seconds = positive(cost.real_steps / REAL_STEPS_PER_SECOND)?;
    let simulator = positive(cost.environment_operations / seconds)?;
    let training = positive(cost.flops / seconds)?;
    let run = findings.groups[cost.group].runs.first()?;
    let networks = findings.runs[*run].reference.networks;
    let step = networks.and_then(|networks| networks.imagined_step_flops);
    let model = step.map(|step| step as f64 * REAL_STEPS_PER_SECOND);
    let acting =
        cost.phases.get(&Phase::Acting).and_then(|acting| positive(acting.flops / seconds));
    Some(CostBreakdown {
        group: cost.group,
        simulator,
        model: model.map(|model| model / simulator),
        acting: acting.map(|acting| acting / model.unwrap_or(simulator)),
        learning: acting.map(|acting| training / acting),
        training,
    })
}

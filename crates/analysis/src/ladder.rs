//! The ladder from what a simulator itself costs to what the training costs, a rung a factor (`questions.md` §8.5): where
//! the FLOPs of an agent that learns its own model and plans with it go.

use zerolab_metrics::Phase;

use crate::costs::GroupCost;
use crate::findings::Findings;
use crate::prices::REAL_STEPS_PER_SECOND;

/// The ladder of a group: means over its finished runs, for a real second of play.
pub(crate) struct Ladder {
    /// The group's place.
    pub group: usize,
    /// Simple operations of the environment.
    pub simulator: f64,
    /// FLOPs to step the learned model as often, for each of them; nothing without a learned model.
    pub model: Option<f64>,
    /// FLOPs of acting, planning included, for each of the model's, or of the simulator where there is none; nothing where acting takes
    /// none.
    pub acting: Option<f64>,
    /// FLOPs of training for each of acting.
    pub learning: Option<f64>,
    /// FLOPs of training.
    pub training: f64,
}

/// The ladder of each group whose training takes any FLOPs and whose simulator counts its operations.
pub(crate) fn ladders(findings: &Findings) -> Vec<Ladder> {
    findings.costs.iter().filter_map(|cost| ladder(findings, cost)).collect()
}

fn ladder(findings: &Findings, cost: &GroupCost) -> Option<Ladder> {
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
    Some(Ladder {
        group: cost.group,
        simulator,
        model: model.map(|model| model / simulator),
        acting: acting.map(|acting| acting / model.unwrap_or(simulator)),
        learning: acting.map(|acting| training / acting),
        training,
    })
}

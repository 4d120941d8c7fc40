//! The learned model unrolled along given actions.

use zerolab_models::networks::PlannerNetworks;
use zerolab_search::{Evaluations, Expansion, Model};

use super::model::{LearnedModel, TreeShape};
use super::settings::Settings;
use super::step_runner::StepRunner;
use crate::agent::{AgentError, Observations};
use crate::imagination::{Imagination, ImaginedState};

/// What the model predicts from each row along the row's actions. It takes the steps of a search that follows this path,
/// so all numbers are those of the search.
pub(super) fn imagine(
    networks: &PlannerNetworks,
    settings: &Settings,
    seen: &Observations<'_>,
    plans: &[&[usize]],
) -> Result<Vec<Imagination>, AgentError> {
    // The networks need at least one row.
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let length = plans.iter().map(|plan| plan.len()).max().unwrap_or(0);
    let horizon = settings.value_prefix.enabled.then_some(settings.value_prefix.horizon);
    let shape = TreeShape { nodes: length + 1, prefix_horizon: settings.value_prefix.horizon };
    let mut steps = StepRunner::of_any_size();
    let rows = networks.rows(seen.observations)?;
    let (mut model, roots) = LearnedModel::new(networks, &rows, shape, &mut steps)?;
    let first = states_of(model.latents(0)?, roots.values);
    let mut imagined: Vec<Imagination> = first.map(Imagination::at).collect();
    let mut out = Evaluations::default();
    out.rewards.resize(plans.len(), 0.0);
    for depth in 1..=length {
        // A prefix includes that of the step before, except where the model starts a new one.
        let continues = horizon.is_some_and(|horizon| !(depth - 1).is_multiple_of(horizon));
        let before = if continues { out.rewards.clone() } else { vec![0.0; plans.len()] };
        // A row whose plan has ended goes on with any action, and is not looked at.
        let action = |plan: &&[usize]| plan.get(depth - 1).copied().unwrap_or(0) as u32;
        let expansion = Expansion {
            node: depth,
            parents: &vec![depth as u32 - 1; plans.len()],
            actions: &plans.iter().map(action).collect::<Vec<_>>(),
            depths: &vec![depth as u32; plans.len()],
        };
        model.recurrent(&expansion, &mut out)?;
        let states = states_of(model.latents(depth)?, out.values.clone());
        for (row, state) in states.enumerate().filter(|(row, _)| depth <= plans[*row].len()) {
            imagined[row].rewards.push(out.rewards[row] - before[row]);
            imagined[row].states.push(state);
        }
    }
    Ok(imagined)
}

/// The states of all rows, from their latent states `[B · L]` and values `[B]`.
fn states_of(latents: Vec<f32>, values: Vec<f32>) -> impl Iterator<Item = ImaginedState> {
    let width = latents.len() / values.len().max(1);
    values.into_iter().enumerate().map(move |(row, value)| ImaginedState {
        value,
        latent: latents[row * width..(row + 1) * width].to_vec(),
    })
}

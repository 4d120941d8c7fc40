//! Tells environments with a predictor what the agent would do, before they are stepped.

use zerolab_agents::{Agent, Mode};

use crate::error::RunError;
use crate::plan::resolved::ResolvedRun;
use crate::training::evaluation::choose_actions;
use crate::training::lane::{Lane, LaneBatch};

/// Asks the agent what it would do where the environments of `lanes` ask for it, and tells them. The cost account does not
/// count it: a predictor belongs to the world.
///
/// # Errors
/// If the agent fails.
pub fn foretell(
    run: &ResolvedRun,
    agent: &mut dyn Agent,
    lanes: &mut [&mut Lane],
    mode: Mode,
) -> Result<(), RunError> {
    let questions: Vec<Option<Lane>> = lanes.iter().map(|lane| lane.question()).collect();
    if questions.iter().all(Option::is_none) {
        return Ok(());
    }
    let asked = lanes.iter().zip(&questions).map(|(lane, other)| other.as_ref().unwrap_or(lane));
    let batch = LaneBatch::gather(asked);
    let before = agent.account().clone();
    let answers = choose_actions(run, agent, &batch.observations(), mode)?;
    *agent.account() = before;
    for ((lane, question), answer) in lanes.iter_mut().zip(&questions).zip(answers) {
        if question.is_some() {
            lane.foretell(answer);
        }
    }
    Ok(())
}

//! Checks of actions that must be refused, and of the opponent's.

use super::finding::Objection;
use super::script::Script;
use super::subject::Subject;
use super::trace::{Reading, in_steps};
use crate::environment::{Environment, StepError};

pub(super) fn illegal_refused(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let illegal = |reading: &Reading| {
        let actions = (0..reading.legal.len()).filter(|&action| !reading.legal[action]);
        actions.map(|action| (action, StepError::IllegalAction { action })).collect()
    };
    refused(subject, script, illegal)
}

pub(super) fn unknown_refused(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let num_actions = subject.description.num_actions;
    let unknown = [num_actions, usize::MAX];
    refused(subject, script, |_| {
        unknown.map(|action| (action, StepError::NoSuchAction { action, num_actions })).into()
    })
}

/// Tries actions with the errors that they must have. Then the environment must continue as one in which
/// nothing was tried.
fn refused(
    subject: &Subject,
    script: &Script,
    tried: impl Fn(&Reading) -> Vec<(usize, StepError)>,
) -> Result<(), Objection> {
    let Script { seed, before, after, .. } = script;
    let place = format!("with seed {seed}, after {}", in_steps(before.len()));
    let mut environment = subject.prepare(script)?;
    let tried = tried(&Reading::of(environment.as_ref()));
    if tried.is_empty() {
        return Err(Objection::not_applicable("every action was legal"));
    }
    for (action, expected) in tried {
        insist(subject, environment.as_mut(), action, &expected, &place)?;
    }
    let mut other = subject.prepare(script)?;
    let trace = subject.play(environment.as_mut(), *seed, after);
    let expected = subject.play(other.as_mut(), *seed, after);
    trace.difference(&expected).map_or(Ok(()), |difference| {
        let details = format!(
            "{place} refused actions change what follows. With and without them, {difference}"
        );
        Err(Objection::broken(details))
    })
}

/// Takes an action, which must be refused with this error.
pub(super) fn insist(
    subject: &Subject,
    environment: &mut dyn Environment,
    action: usize,
    expected: &StepError,
    place: &str,
) -> Result<(), Objection> {
    let details = match environment.step(action) {
        Err(error) if error == *expected => return Ok(()),
        Err(StepError::Failed { message }) => {
            subject.witness.borrow_mut().see_failure(&message);
            return Ok(());
        }
        Err(error) => {
            format!(
                "{place}: action {action} is refused with another error ({expected:?}): {error}"
            )
        }
        Ok(_) => format!("{place}: action {action} is accepted"),
    };
    Err(Objection::broken(details))
}

/// With two players, the fixed opponent always has a legal action; with one there is none.
pub(super) fn turns(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let environment = subject.prepare(script)?;
    let place = format!("with seed {}, after {}", script.seed, in_steps(script.before.len()));
    let players = subject.description.num_players;
    let legal = Reading::of(environment.as_ref()).legal;
    let details = match (environment.opponent_action(), players) {
        (None, 1) => return Err(Objection::not_applicable("one player")),
        (Some(action), 1) => {
            format!("{place}: the opponent takes action {action}, and there is one player")
        }
        (None, _) => format!("{place}: the opponent has no action"),
        (Some(action), _) if legal.get(action) == Some(&true) => return Ok(()),
        (Some(action), _) => format!("{place}: action {action} of the opponent is illegal"),
    };
    Err(Objection::broken(details))
}

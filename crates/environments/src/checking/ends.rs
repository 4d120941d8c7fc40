//! Checks of the ends of episodes.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::actions::insist;
use super::finding::Objection;
use super::script::Script;
use super::subject::{Stop, Subject};
use super::trace::{Reading, in_steps};
use crate::environment::{Environment, StepError};

/// An episode that is longer is not played to its end.
const LONGEST: usize = 10_000;

impl Subject<'_> {
    /// The limit of the description, and the number of steps after which the check stops.
    fn limits(&self) -> (Option<usize>, usize) {
        let limit = self.description.max_episode_steps;
        let limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        (limit, limit.unwrap_or(LONGEST).min(LONGEST))
    }

    fn play_randomly(&self, environment: &mut dyn Environment, seed: u64) -> (usize, Stop) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        self.play_to_end(environment, seed, self.limits().1, || random.random())
    }
}

/// An episode of random actions ends, and one in which the first legal action is repeated. The second one often
/// lasts until the limit.
pub(super) fn ends(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let seed = script.seed;
    let (limit, most) = subject.limits();
    let mut environment = subject.make()?;
    let plays = [
        ("random actions", subject.play_randomly(environment.as_mut(), seed)),
        ("the first legal action", subject.play_to_end(environment.as_mut(), seed, most, || 0)),
    ];
    for (which, (steps, stop)) in plays {
        let steps = in_steps(steps);
        match (stop, limit) {
            (Stop::Ended, _) => {}
            (Stop::Stuck, _) => return Err(Objection::not_checked("an episode cannot go on")),
            (Stop::Time, _) => {
                let details = format!("no end in {steps} of {which}, then the time was over");
                return Err(Objection::not_checked(details));
            }
            (Stop::Limit, Some(limit)) if limit > most => {
                let details = format!("no end in {steps} of {which}; the limit is {limit}");
                return Err(Objection::not_checked(details));
            }
            (Stop::Limit, Some(limit)) => {
                let details = format!(
                    "with seed {seed}, the episode of {which} goes on after {steps}; the limit is {limit}"
                );
                return Err(Objection::broken(details));
            }
            (Stop::Limit, None) => {
                let details = format!(
                    "with seed {seed}, the episode of {which} goes on after {steps}, and no limit is set"
                );
                return Err(Objection::broken(details));
            }
        }
    }
    Ok(())
}

/// Before the first reset and after the end a step is refused; after the next reset it is not.
pub(super) fn outside_refused(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let seed = script.seed;
    let mut environment = subject.make()?;
    insist(subject, environment.as_mut(), 0, &StepError::EpisodeOver, "before the first reset")?;
    let (steps, stop) = subject.play_randomly(environment.as_mut(), seed);
    if stop != Stop::Ended {
        return Err(Objection::not_checked("no episode ended"));
    }
    let place = format!("with seed {seed}, after the end of an episode of {}", in_steps(steps));
    let reading = Reading::of(environment.as_ref());
    insist(subject, environment.as_mut(), 0, &StepError::EpisodeOver, &place)?;
    if let Some(difference) = reading.difference(&Reading::of(environment.as_ref())) {
        let details = format!("{place} a step was refused. Before and after it, {difference}");
        return Err(Objection::broken(details));
    }
    environment.reset(seed);
    if subject.play(environment.as_mut(), seed, &[0]).has_failed() {
        return Err(Objection::broken(format!("{place}, and after a reset, a step fails")));
    }
    Ok(())
}

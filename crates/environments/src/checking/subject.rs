//! The environment under check: how it is made and played, and what was seen of it.

use std::cell::RefCell;
use std::time::Instant;

use zerolab_settings::SettingsError;

use super::finding::Objection;
use super::rule::Rule;
use super::script::{Script, chosen};
use super::trace::{Moment, Reading, Trace};
use super::witness::{Place, Witness};
use crate::environment::{Description, Environment, Step, StepError};

/// Makes instances of one environment, always with the same settings.
pub type Maker<'a> = &'a dyn Fn() -> Result<Box<dyn Environment>, SettingsError>;

/// An environment under check.
pub struct Subject<'a> {
    pub(super) make: Maker<'a>,
    pub(super) description: Description,
    pub(super) witness: RefCell<Witness>,
    /// When a search for the end of an episode stops.
    pub(super) deadline: Option<Instant>,
}

/// How a play to the end of an episode stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The episode has ended.
    Ended,
    /// It goes on after the greatest number of steps.
    Limit,
    /// It goes on, and the time is over.
    Time,
    /// No action is legal, or a step failed.
    Stuck,
}

impl<'a> Subject<'a> {
    /// Makes one instance, for its description.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(make: Maker<'a>) -> Result<Self, SettingsError> {
        let description = make()?.description().clone();
        Ok(Self { make, description, witness: RefCell::default(), deadline: None })
    }

    /// The first fault of a rule that every play shows to be kept or broken.
    pub fn fault(&self, rule: Rule) -> Option<String> {
        self.witness.borrow().fault(rule).map(str::to_owned)
    }

    /// A new instance, before its first episode.
    pub(super) fn make(&self) -> Result<Box<dyn Environment>, Objection> {
        (self.make)().map_err(|error| {
            let fault = || format!("one instance can be made, and then another one not: {error}");
            self.witness.borrow_mut().note(Rule::Made, fault);
            Objection::not_checked("an instance cannot be made")
        })
    }

    /// A new instance in an episode.
    pub(super) fn begin(&self, seed: u64) -> Result<Box<dyn Environment>, Objection> {
        let mut environment = self.make()?;
        environment.reset(seed);
        Ok(environment)
    }

    /// A new instance at the moment that the check of a script looks at.
    pub(super) fn prepare(&self, script: &Script) -> Result<Box<dyn Environment>, Objection> {
        let mut environment = self.begin(script.seed)?;
        let trace = self.play(environment.as_mut(), script.seed, &script.before);
        if trace.has_failed() {
            return Err(Objection::not_checked("a step failed before"));
        }
        if trace.is_stuck() {
            return Err(Objection::not_checked("no action was legal"));
        }
        Ok(environment)
    }

    /// Takes the legal actions that `choices` pick. An ended episode is followed by one with the next seed.
    /// Stops earlier where no action is legal, and where a legal action is refused.
    pub fn play(&self, environment: &mut dyn Environment, seed: u64, choices: &[u32]) -> Trace {
        let mut place = Place { seed, steps: 0 };
        let mut reading = self.read(environment, place);
        let mut trace = Trace(vec![Moment::Begin(reading.clone())]);
        for &choice in choices {
            let Some(action) = chosen(choice, &reading.legal) else {
                self.witness.borrow_mut().see_no_legal_action(place);
                break;
            };
            let result = environment.step(action);
            place.steps += 1;
            reading = self.read(environment, place);
            let ends = self.see(action, &result, place);
            trace.0.push(Moment::Step { action, result, reading: reading.clone() });
            match ends {
                None => break,
                Some(false) => {}
                Some(true) => {
                    place = Place { seed: place.seed.wrapping_add(1), steps: 0 };
                    environment.next_episode(place.seed);
                    reading = self.read(environment, place);
                    trace.0.push(Moment::Begin(reading.clone()));
                }
            }
        }
        trace
    }

    /// Plays an episode to its end, with at most `most` steps. Returns how many there were.
    pub(super) fn play_to_end(
        &self,
        environment: &mut dyn Environment,
        seed: u64,
        most: usize,
        mut choose: impl FnMut() -> u32,
    ) -> (usize, Stop) {
        environment.reset(seed);
        let mut legal = vec![false; self.description.num_actions];
        for steps in 0..most {
            if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return (steps, Stop::Time);
            }
            environment.legal_actions(&mut legal);
            let place = Place { seed, steps };
            let Some(action) = chosen(choose(), &legal) else {
                self.witness.borrow_mut().see_no_legal_action(place);
                return (steps, Stop::Stuck);
            };
            let result = environment.step(action);
            match self.see(action, &result, Place { seed, steps: steps + 1 }) {
                None => return (steps, Stop::Stuck),
                Some(false) => {}
                Some(true) => return (steps + 1, Stop::Ended),
            }
        }
        (most, Stop::Limit)
    }

    /// Whether the step ended the episode; `None` if it failed.
    fn see(&self, action: usize, result: &Result<Step, StepError>, place: Place) -> Option<bool> {
        let mut witness = self.witness.borrow_mut();
        match result {
            Ok(step) => {
                witness.see_step(&self.description, step, place);
                Some(step.ends())
            }
            Err(error) => {
                witness.see_refusal(action, error, place);
                None
            }
        }
    }

    fn read(&self, environment: &dyn Environment, place: Place) -> Reading {
        let reading = Reading::of(environment);
        self.witness.borrow_mut().see_reading(&self.description, &reading, place);
        reading
    }
}

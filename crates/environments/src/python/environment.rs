//! A lane of the process as an environment.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::failure::{Failure, Raised};
use super::fleet::Fleet;
use super::found::Found;
use super::frames::{FrameMaker, Frames};
use super::messages::{Taken, View};
use super::settings::Settings;
use crate::environment::{Description, Environment, Events, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};

const TAG: &str = "python 1";

const NOT_FINITE: &str = "the observation has a number that is not finite (NaN or infinite)";

/// An environment in Python.
pub(super) struct PythonEnvironment {
    fleet: Arc<Fleet>,
    lane: u32,
    description: Description,
    reward_scale: f64,
    saves_state: bool,
    has_opponent: bool,
    maker: FrameMaker,
    state: State,
    /// Why the environment cannot go on. A reset cannot tell it, so the next step does.
    failure: Option<String>,
}

/// What this side knows of the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct State {
    seed: u32,
    /// The actions since the reset. With them the state can be reached again.
    actions: Vec<u32>,
    /// The hash of all that was seen since the reset, by which it is known whether the same state was reached again.
    seen: u64,
    episode: Episode,
    to_play: u32,
    legal: Vec<bool>,
    frames: Frames,
}

/// A state as it is saved.
#[derive(Serialize, Deserialize)]
enum Saved {
    /// A state that is reached by its actions.
    Replayed(State),
    /// A state with the environment's own one.
    Own(State, Vec<u8>),
    /// The environment could not tell its own state.
    Failed(String),
}

/// A state with its checksum. A damaged one must not reach the environment.
#[derive(Serialize, Deserialize)]
struct Sealed {
    checksum: [u8; 8],
    state: Vec<u8>,
}

impl Sealed {
    fn of(saved: &Saved) -> Self {
        let state = encode_state(TAG, saved);
        Self { checksum: checksum(&state), state }
    }

    fn is_whole(&self) -> bool {
        self.checksum == checksum(&self.state)
    }

    fn open(&self) -> Result<Saved, RestoreError> {
        decode_state(TAG, &self.state, |_| None)
    }
}

fn checksum(state: &[u8]) -> [u8; 8] {
    let hash = blake3::hash(state);
    std::array::from_fn(|place| hash.as_bytes()[place])
}

impl PythonEnvironment {
    /// A new lane of the fleet, before its first episode.
    pub fn new(fleet: &Arc<Fleet>, settings: &Settings, found: &Found) -> Self {
        let description = found.description(settings);
        let legal = vec![true; description.num_actions];
        Self {
            lane: fleet.open(),
            fleet: Arc::clone(fleet),
            reward_scale: settings.reward_scale,
            saves_state: found.saves_state,
            has_opponent: found.has_opponent,
            maker: FrameMaker::new(found, settings),
            state: State { legal, ..State::default() },
            description,
            failure: None,
        }
    }

    /// The state after a reset with this view.
    fn first(&mut self, seed: u32, view: View) -> State {
        let seen = view.hash(0);
        let View { to_play, legal, observation } = view;
        let frames = self.maker.first(observation);
        State { seed, actions: Vec::new(), seen, episode: Episode::begin(), to_play, legal, frames }
    }

    fn see(&mut self, state: &mut State, view: View) {
        state.seen = view.hash(state.seen);
        self.maker.push(&mut state.frames, view.observation);
        (state.to_play, state.legal) = (view.to_play, view.legal);
    }

    /// Takes the environment to a saved state.
    fn reach(&mut self, saved: Saved) -> Result<State, RestoreError> {
        let failed = |reason: String| RestoreError::Failed { reason };
        let error = |failure: Failure| match failure {
            Failure::Start { .. } | Failure::Changed(_) => {
                RestoreError::Absent { reason: failure.to_string() }
            }
            _ => failed(failure.to_string()),
        };
        match saved {
            Saved::Failed(why) => Err(failed(why)),
            Saved::Own(state, own) => {
                let steps = state.episode.steps();
                self.fleet.restore(self.lane, state.seed, steps, &own).map_err(error)?;
                Ok(state)
            }
            Saved::Replayed(state) if state == self.before() => Ok(state),
            Saved::Replayed(state) => {
                let views = self.fleet.replay(self.lane, state.seed, &state.actions);
                let mut views = views.map_err(error)?.into_iter();
                let missing = || failed("its process sent no observation".to_owned());
                let mut reached = self.first(state.seed, views.next().ok_or_else(missing)?);
                views.for_each(|view| self.see(&mut reached, view));
                if reached.seen != state.seen {
                    return Err(failed(format!(
                        "the seed {} and the same {} actions led to other observations, so the environment is not \
                         deterministic; give it `get_state` and `set_state`, or take its randomness from the seed of \
                         `reset` alone",
                        state.seed,
                        state.actions.len()
                    )));
                }
                Ok(state)
            }
        }
    }

    /// The state before the first episode.
    fn before(&self) -> State {
        State { legal: vec![true; self.description.num_actions], ..State::default() }
    }

    /// Takes an action. Returns the step with its observed reward, or where it failed and why.
    fn take(&self, action: u32) -> Result<(Taken, f32), String> {
        let step = self.state.episode.steps() + 1;
        let place = |seed: u32, step: u32| format!("at step {step} of an episode (seed {seed})");
        let own = || format!("in a step {}", place(self.state.seed, step));
        let taken = self.fleet.step(self.lane, action).map_err(|failure| {
            let when = match &failure {
                // It may be of another lane, whose step was in the same message.
                Failure::Raised(Raised { seed: Some(seed), step: Some(step), .. }) => {
                    format!("in a step {}", place(*seed, *step))
                }
                _ if self.fleet.together() > 1 => {
                    format!(
                        "in steps of {} episodes at once, this one {}",
                        self.fleet.together(),
                        place(self.state.seed, step)
                    )
                }
                _ => own(),
            };
            format!("{when}: {failure}")
        })?;
        let reward = (taken.reward * self.reward_scale) as f32;
        if !reward.is_finite() || !(taken.performance as f32).is_finite() {
            return Err(format!("{}: a reward is too large for single precision", own()));
        }
        match taken.view.is_finite() {
            true => Ok((taken, reward)),
            false => Err(format!("{}: {NOT_FINITE}", own())),
        }
    }

    fn fail(&mut self, message: String) -> StepError {
        self.failure = Some(message.clone());
        StepError::Failed { message }
    }

    fn fail_reset(&mut self, failure: impl Display) {
        self.fail(format!("in a reset (seed {}): {failure}", self.state.seed));
    }
}

/// The part of a seed that Python's generators and those of old numpy take.
fn short(seed: u64) -> u32 {
    ((seed ^ (seed >> 32)) & 0x7fff_ffff) as u32
}

impl Environment for PythonEnvironment {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let seed = short(seed);
        self.state = State { seed, episode: Episode::begin(), ..self.before() };
        self.failure = None;
        match self.fleet.reset(self.lane, seed) {
            Ok(view) if !view.is_finite() => self.fail_reset(NOT_FINITE),
            Ok(view) => self.state = self.first(seed, view),
            Err(failure) => self.fail_reset(failure),
        }
    }

    fn announce(&mut self, action: usize) {
        if self.failure.is_none() && self.refusal(action).is_none() {
            self.fleet.announce(self.lane, action as u32);
        }
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        if let Some(message) = &self.failure {
            return Err(StepError::Failed { message: message.clone() });
        }
        if let Some(refusal) = self.refusal(action) {
            return Err(refusal);
        }
        let (taken, reward) = match self.take(action as u32) {
            Ok(taken) => taken,
            Err(message) => return Err(self.fail(message)),
        };
        let mut state = std::mem::take(&mut self.state);
        self.see(&mut state, taken.view);
        if !self.saves_state {
            state.actions.push(action as u32);
        }
        let ends = taken.terminated || taken.truncated;
        let limit = state.episode.advance(ends, &self.description);
        self.state = state;
        Ok(Step {
            reward: Some(reward),
            performance: taken.performance as f32,
            events: Events::of_bits(taken.events),
            terminated: taken.terminated,
            truncated: !taken.terminated && (taken.truncated || limit),
        })
    }

    fn observe(&self, observation: &mut [f32]) {
        assert_eq!(
            observation.len(),
            self.description.observation_len(),
            "numbers of an observation"
        );
        self.maker.observe(&self.state.frames, observation);
    }

    fn legal_actions(&self, legal: &mut [bool]) {
        legal.copy_from_slice(&self.state.legal);
    }

    fn to_play(&self) -> usize {
        self.state.to_play as usize
    }

    fn opponent_action(&self) -> Option<usize> {
        if !self.has_opponent || self.state.episode.is_over() || self.failure.is_some() {
            return None;
        }
        // A failure is seen in the next step.
        self.fleet.opponent(self.lane).ok().map(|action| action as usize)
    }

    fn save(&self) -> Vec<u8> {
        let state = self.state.clone();
        let has_begun = !state.episode.is_over() || state.episode.steps() > 0;
        let saved = match &self.failure {
            Some(message) => Saved::Failed(message.clone()),
            None if !self.saves_state || !has_begun => Saved::Replayed(state),
            None => match self.fleet.save(self.lane) {
                Ok(own) => Saved::Own(state, own),
                Err(failure) => Saved::Failed(self.cannot_save(&failure)),
            },
        };
        encode_state(TAG, &Sealed::of(&saved))
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let wrong = "its checksum is wrong";
        let sealed: Sealed =
            decode_state(TAG, state, |it: &Sealed| (!it.is_whole()).then_some(wrong))?;
        let saved = sealed.open()?;
        let reached = self.reach(saved)?;
        (self.state, self.failure) = (reached, None);
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        let mut copy = Self {
            fleet: Arc::clone(&self.fleet),
            lane: self.fleet.open(),
            description: self.description.clone(),
            maker: self.maker.clone(),
            state: self.before(),
            failure: self.failure.clone(),
            ..*self
        };
        if copy.failure.is_none()
            && let Err(error) = copy.restore(&self.save())
        {
            copy.failure = Some(error.to_string());
        }
        Box::new(copy)
    }
}

impl PythonEnvironment {
    /// Says once that a run cannot be resumed, long before somebody tries.
    fn cannot_save(&self, failure: &Failure) -> String {
        let message = format!("it cannot tell its state: {failure}");
        if self.fleet.is_first_loss() {
            let _ = writeln!(
                io::stderr(),
                "environment `python`: {message}\na run goes on without it, but cannot be resumed exactly"
            );
        }
        message
    }

    /// Why an action may not be taken now.
    fn refusal(&self, action: usize) -> Option<StepError> {
        let refused = self.state.episode.check(action, &self.description).err();
        refused
            .or_else(|| (!self.state.legal[action]).then_some(StepError::IllegalAction { action }))
    }
}

impl Drop for PythonEnvironment {
    fn drop(&mut self) {
        self.fleet.close(self.lane);
    }
}

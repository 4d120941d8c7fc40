//! The environments of several lanes in one process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use super::messages::{Layout, Request, Taken, View, number};
use super::process::Process;
use super::settings::Settings;

/// Actions of one lane in one message, when an episode is replayed.
const REPLAYED_AT_ONCE: usize = 256;

/// The environments of several lanes. Their process starts with the first request.
#[derive(Debug)]
pub(super) struct Fleet(Mutex<State>);

#[derive(Debug)]
struct State {
    settings: Settings,
    process: Option<Process>,
    /// After the process has failed, or a step of several lanes, there are only failures: the lanes are not where they
    /// should be.
    failure: Option<Failure>,
    lanes: u32,
    /// How many lanes were stepped by the last message.
    together: usize,
    /// Whether the state of a lane could not be saved.
    has_lost: bool,
    /// The next action of each lane that has told it.
    announced: BTreeMap<u32, u32>,
    /// The steps that were taken for lanes that have not asked yet: the action, and what came of it.
    taken: BTreeMap<u32, (u32, Taken)>,
}

impl Fleet {
    /// A fleet of environments with these settings, in no process yet.
    pub fn shared(settings: &Settings) -> Arc<Self> {
        let settings = settings.clone();
        let (announced, taken) = (BTreeMap::new(), BTreeMap::new());
        let state = State {
            settings,
            process: None,
            failure: None,
            lanes: 0,
            together: 0,
            has_lost: false,
            announced,
            taken,
        };
        Arc::new(Self(Mutex::new(state)))
    }

    /// The number of a new lane.
    pub fn open(&self) -> u32 {
        let mut state = self.state();
        state.lanes += 1;
        state.lanes
    }

    /// Forgets a lane.
    pub fn close(&self, lane: u32) {
        let mut state = self.state();
        if state.process.is_some() && state.failure.is_none() {
            // Nobody needs the answer. A failure stops the next request.
            let _ = state.ask(&Request::Close { lane });
        }
    }

    /// Begins an episode.
    pub fn reset(&self, lane: u32, seed: u32) -> Result<View, Failure> {
        let mut state = self.state();
        state.forget(lane);
        let answer = state.ask(&Request::Reset { lane, seed })?;
        let layout = state.layout()?;
        let view = layout.view(&mut &answer[..]);
        state.noted(view)
    }

    /// Says that the lane's next step will be this action, so that the steps of all lanes are one message.
    pub fn announce(&self, lane: u32, action: u32) {
        self.state().announced.insert(lane, action);
    }

    /// Takes the step of a lane, together with those that were announced.
    pub fn step(&self, lane: u32, action: u32) -> Result<Taken, Failure> {
        let mut state = self.state();
        match state.taken.remove(&lane) {
            Some((announced, taken)) if announced == action => return Ok(taken),
            Some(_) => {
                let failure = Failure::Garbled("a step that was announced otherwise".to_owned());
                return state.noted(Err(failure));
            }
            None => {}
        }
        state.announced.insert(lane, action);
        let announced = std::mem::take(&mut state.announced);
        let steps: Vec<(u32, u32)> = announced.into_iter().collect();
        state.together = steps.len();
        let taken = state.steps(&steps)?;
        state.taken.extend(
            steps.iter().zip(taken).map(|((lane, action), taken)| (*lane, (*action, taken))),
        );
        let own = state.taken.remove(&lane);
        own.map(|(_, taken)| taken)
            .ok_or_else(|| Failure::Garbled("no answer for a lane".to_owned()))
    }

    /// How many lanes were stepped by the last message of [`step`](Self::step).
    pub fn together(&self) -> usize {
        self.state().together
    }

    /// Begins the episode of a lane again and takes its actions. Returns the views, that of the reset first.
    pub fn replay(&self, lane: u32, seed: u32, actions: &[u32]) -> Result<Vec<View>, Failure> {
        let mut views = vec![self.reset(lane, seed)?];
        let mut state = self.state();
        for actions in actions.chunks(REPLAYED_AT_ONCE) {
            let steps: Vec<(u32, u32)> = actions.iter().map(|action| (lane, *action)).collect();
            views.extend(state.steps(&steps)?.into_iter().map(|taken| taken.view));
        }
        Ok(views)
    }

    /// The environment's own state.
    pub fn save(&self, lane: u32) -> Result<Vec<u8>, Failure> {
        self.state().ask(&Request::State { lane })
    }

    /// Whether nobody has asked this before.
    pub fn is_first_loss(&self) -> bool {
        !std::mem::replace(&mut self.state().has_lost, true)
    }

    /// Sets the environment's own state, after a reset and so many steps.
    pub fn restore(&self, lane: u32, seed: u32, steps: u32, own: &[u8]) -> Result<(), Failure> {
        self.reset(lane, seed)?;
        self.state().ask(&Request::SetState { lane, steps, state: own }).map(drop)
    }

    /// The action of the environment's opponent.
    pub fn opponent(&self, lane: u32) -> Result<u32, Failure> {
        number(&self.state().ask(&Request::Opponent { lane })?)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn steps(&mut self, steps: &[(u32, u32)]) -> Result<Vec<Taken>, Failure> {
        let answer = self.ask(&Request::Steps(steps));
        let answer = if steps.len() > 1 { self.noted(answer) } else { answer }?;
        let layout = self.layout()?;
        let mut rest = &answer[..];
        let taken = steps.iter().map(|_| layout.taken(&mut rest)).collect();
        self.noted(taken)
    }

    fn ask(&mut self, request: &Request<'_>) -> Result<Vec<u8>, Failure> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let answer = self.process().and_then(|process| process.ask(request));
        match answer {
            // Of one lane alone: the others can go on.
            Err(Failure::Raised(_)) => answer,
            _ => self.noted(answer),
        }
    }

    /// The process, which is started if there is none.
    fn process(&mut self) -> Result<&mut Process, Failure> {
        match &mut self.process {
            Some(process) => Ok(process),
            missing => {
                let (process, now) = Process::start(&self.settings)?;
                let planned = self.settings.found.as_ref();
                if let Some(change) = planned.and_then(|planned| planned.difference(&now)) {
                    return Err(Failure::Changed(change));
                }
                Ok(missing.insert(process))
            }
        }
    }

    fn layout(&self) -> Result<Layout, Failure> {
        let unknown = || Failure::Garbled("an environment that nothing is known of".to_owned());
        self.settings.found.as_ref().map(Layout::of).ok_or_else(unknown)
    }

    fn noted<T>(&mut self, result: Result<T, Failure>) -> Result<T, Failure> {
        result.inspect_err(|failure| self.failure = Some(failure.clone()))
    }

    fn forget(&mut self, lane: u32) {
        self.announced.remove(&lane);
        self.taken.remove(&lane);
    }
}

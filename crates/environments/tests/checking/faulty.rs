//! A small environment that keeps every rule, and variants of it that break one rule each.
//!
//! A walk on a line of five cells: 0 left, 1 right, 2 stay, which is legal on even cells only. Each episode begins on a
//! random cell and ends at the right end, or after 20 steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use zerolab_environments::{Description, Environment, RestoreError, Step, StepError};

/// The rule that a variant breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    WrongShape,
    SecondInstance,
    Panics,
    GlobalCounter,
    ForgetsOnReset,
    IgnoresSeed,
    NanObservation,
    OutOfRange,
    InfiniteReward,
    NoLegalAction,
    RefusesLegal,
    AcceptsIllegal,
    IllegalChangesState,
    AcceptsUnknown,
    ForgetsField,
    SharedState,
    AcceptsDamaged,
    NeverEnds,
    NeverEndsWithoutLimit,
    TwoEnds,
    StepAfterEnd,
    WrongPlayer,
    OpponentOfOne,
}

const TAG: &str = "faulty 1";
const CELLS: u8 = 5;
const LIMIT: u32 = 20;

/// Counts the steps of all instances: the fault of a global random generator.
static STEPS: AtomicU64 = AtomicU64::new(0);

/// Counts the instances of [`Fault::SecondInstance`].
static INSTANCES: AtomicU64 = AtomicU64::new(0);

#[derive(Clone, Debug)]
pub struct Faulty {
    fault: Fault,
    description: Description,
    cell: u8,
    steps: u32,
    over: bool,
    /// How often action 1 was taken. It decides the reward, and no observation shows it.
    rights: u8,
    /// The state of [`Fault::SharedState`], which copies share.
    shared: Arc<AtomicU64>,
}

/// Makes a variant.
pub fn make(fault: Fault) -> Result<Box<dyn Environment>, zerolab_environments::SettingsError> {
    if fault == Fault::SecondInstance && INSTANCES.fetch_add(1, Relaxed) > 3 {
        let message = "the port is in use".to_owned();
        return Err(zerolab_environments::SettingsError::new("port", message));
    }
    let shape = if fault == Fault::WrongShape { vec![5, 1] } else { vec![5] };
    let limit = (fault != Fault::NeverEndsWithoutLimit).then_some(LIMIT);
    let description =
        Description { max_episode_steps: limit, ..Description::new("faulty", shape, 3) };
    let (cell, steps, over, rights) = (0, 0, true, 0);
    let shared = Arc::default();
    Ok(Box::new(Faulty { fault, description, cell, steps, over, rights, shared }))
}

impl Faulty {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn is_legal(&self, action: usize) -> bool {
        action < 2 || self.cell.is_multiple_of(2)
    }

    fn reward(&self) -> f32 {
        match self.fault {
            Fault::GlobalCounter => (STEPS.fetch_add(1, Relaxed) % 7) as f32,
            Fault::SharedState => (self.shared.fetch_add(1, Relaxed) % 7) as f32,
            Fault::InfiniteReward if self.cell == 2 => f32::INFINITY,
            _ => f32::from(self.rights % 3),
        }
    }
}

impl Environment for Faulty {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.cell = if self.is(Fault::IgnoresSeed) { 1 } else { (seed % 4) as u8 };
        if !self.is(Fault::ForgetsOnReset) {
            self.rights = 0;
        }
        self.shared.store(0, Relaxed);
        (self.steps, self.over) = (0, false);
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        if self.over && !self.is(Fault::StepAfterEnd) {
            return Err(StepError::EpisodeOver);
        }
        if action >= 3 && !self.is(Fault::AcceptsUnknown) {
            return Err(StepError::NoSuchAction { action, num_actions: 3 });
        }
        if self.is(Fault::IllegalChangesState) && !self.is_legal(action) {
            self.rights += 1;
        }
        let refuses = self.is(Fault::RefusesLegal) && self.cell == 3 && action == 0;
        if refuses || !self.is_legal(action) && !self.is(Fault::AcceptsIllegal) && action < 3 {
            return Err(StepError::IllegalAction { action });
        }
        assert!(!(self.is(Fault::Panics) && self.steps == 7), "the cart left the track");
        self.steps += 1;
        let endless = matches!(self.fault, Fault::NeverEnds | Fault::NeverEndsWithoutLimit);
        let last = if endless { CELLS - 2 } else { CELLS - 1 };
        match action {
            0 => self.cell = self.cell.saturating_sub(1),
            1 => {
                (self.cell, self.rights) = ((self.cell + 1).min(last), self.rights.wrapping_add(1))
            }
            _ => {}
        }
        let terminated = self.cell == CELLS - 1;
        let truncated = !terminated && self.steps >= LIMIT && !endless;
        self.over = terminated || truncated;
        let both = self.is(Fault::TwoEnds) && self.over;
        Ok(Step::new(self.reward(), terminated || both, truncated || both))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        observation[usize::from(self.cell)] = match self.fault {
            Fault::NanObservation if self.cell == 3 => f32::NAN,
            Fault::OutOfRange if self.cell == 3 => 1.5,
            _ => 1.0,
        };
    }

    fn legal_actions(&self, legal: &mut [bool]) {
        let stuck = self.is(Fault::NoLegalAction) && self.cell == 2;
        for (action, legal) in legal.iter_mut().enumerate() {
            *legal = self.is_legal(action) && !stuck;
        }
    }

    fn to_play(&self) -> usize {
        usize::from(self.is(Fault::WrongPlayer))
    }

    fn opponent_action(&self) -> Option<usize> {
        self.is(Fault::OpponentOfOne).then_some(0)
    }

    fn save(&self) -> Vec<u8> {
        let shared = self.shared.load(Relaxed).to_le_bytes();
        let [steps, ..] = self.steps.to_le_bytes();
        [&[self.cell, steps, u8::from(self.over), self.rights], &shared[..]].concat()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let damaged = || RestoreError::Damaged { environment: TAG, reason: "length".to_owned() };
        if state.len() != 12 && self.is(Fault::AcceptsDamaged) {
            return Ok(());
        }
        let (own, shared) = state.split_first_chunk::<4>().ok_or_else(damaged)?;
        let shared: [u8; 8] = shared.try_into().map_err(|_| damaged())?;
        let [cell, steps, over, rights] = *own;
        self.cell = cell;
        self.steps = u32::from(steps);
        self.over = over == 1;
        if !self.is(Fault::ForgetsField) {
            self.rights = rights;
        }
        self.shared.store(u64::from_le_bytes(shared), Relaxed);
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        let mut copy = self.clone();
        if !self.is(Fault::SharedState) {
            copy.shared = Arc::new(AtomicU64::new(self.shared.load(Relaxed)));
        }
        Box::new(copy)
    }
}

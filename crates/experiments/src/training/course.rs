//! Where a training is in its phases, and what comes next.
//!
//! A phase is: its real steps, then its updates without real steps, then the next phase.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zerolab_agents::{PhaseStart, saved};

use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::phases::TrainingPhase;
use crate::plan::resolved::{EnvironmentChoice, ResolvedRun};

/// The updates without real steps after which a training can be saved.
const UPDATES_AT_ONCE: u64 = 10;

/// The file of a checkpoint with the [`Position`]. A run with a single phase has none.
const FILE: &str = "phase.bin";

/// What comes next in a training, apart from evaluations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A round of real steps.
    Steps,
    /// So many updates without real steps.
    Updates(u64),
    /// The next phase.
    Phase,
    /// Nothing.
    End,
}

/// How far a training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Progress {
    /// Real steps so far.
    pub real_steps: u64,
    /// What was done so far without real steps: updates after phases, and starts of phases.
    pub further: u64,
}

impl Progress {
    /// All that was done, as one number.
    pub fn total(self) -> u64 {
        self.real_steps.saturating_add(self.further)
    }
}

/// The phases of a training and where it is.
pub(super) struct Course {
    phases: Vec<CoursePhase>,
    position: Position,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// The index of the current phase.
    phase: usize,
    /// Its updates without real steps so far.
    updates: u64,
}

struct CoursePhase {
    phase: TrainingPhase,
    environment: EnvironmentChoice,
    operations_per_step: u64,
    /// Real steps of the run at its start and at its end.
    begin: u64,
    end: u64,
}

impl Course {
    /// The course of a run, at its start.
    pub fn new(run: &ResolvedRun) -> Result<Self, RunError> {
        let mut begin = 0;
        let mut phases = Vec::new();
        for (phase, end) in run.training_phases().into_iter().zip(run.phase_ends()) {
            let name = run.environment.name.clone();
            let environment = EnvironmentChoice { name, options: phase.environment.clone() };
            let description = instantiate::description_of(&environment)?;
            let operations_per_step = description.operations_per_step;
            phases.push(CoursePhase { phase, environment, operations_per_step, begin, end });
            begin = end;
        }
        Ok(Self { phases, position: Position::default() })
    }

    fn current(&self) -> &CoursePhase {
        &self.phases[self.position.phase]
    }

    fn has_further(&self) -> bool {
        self.position.phase + 1 < self.phases.len()
    }

    /// The environment of the current phase.
    pub fn environment(&self) -> &EnvironmentChoice {
        &self.current().environment
    }

    /// Operations of a step of the current phase.
    pub fn operations_per_step(&self) -> u64 {
        self.current().operations_per_step
    }

    /// Operations of the first `real_steps` real steps.
    pub fn operations(&self, real_steps: u64) -> u64 {
        let of_phase = |it: &CoursePhase| {
            real_steps.clamp(it.begin, it.end).saturating_sub(it.begin) * it.operations_per_step
        };
        self.phases.iter().map(of_phase).sum()
    }

    /// Real steps left in the current phase.
    pub fn steps_left(&self, real_steps: u64) -> u64 {
        self.current().end.saturating_sub(real_steps)
    }

    /// Whether a phase other than the first has begun and has taken no real step.
    pub fn is_at_begin(&self, real_steps: u64) -> bool {
        self.position.phase > 0 && real_steps == self.current().begin
    }

    /// Whether the current phase has no step left and another one follows.
    pub fn phase_follows_after(&self, real_steps: u64) -> bool {
        self.steps_left(real_steps) == 0 && self.has_further()
    }

    /// What comes after `real_steps` real steps.
    pub fn next(&self, real_steps: u64) -> Next {
        let updates = self.current().phase.updates.saturating_sub(self.position.updates);
        match updates {
            _ if self.steps_left(real_steps) > 0 => Next::Steps,
            1.. => Next::Updates(updates.min(UPDATES_AT_ONCE)),
            0 if self.has_further() => Next::Phase,
            0 => Next::End,
        }
    }

    /// Counts updates of the current phase without real steps.
    pub fn count_updates(&mut self, updates: u64) {
        self.position.updates += updates;
    }

    /// Updates without real steps and starts of phases so far.
    pub fn done_without_steps(&self) -> u64 {
        let Position { phase, updates } = self.position;
        let before = self.phases[..phase].iter().map(|it| it.phase.updates).sum::<u64>();
        phase as u64 + before + updates
    }

    /// Goes on to the next phase, which [`Course::next`] said.
    pub fn begin_next(&mut self) -> PhaseStart {
        self.position = Position { phase: self.position.phase + 1, updates: 0 };
        self.current().phase.start(self.position.phase)
    }

    /// Writes where the training is.
    pub fn save(&self, folder: &Path) -> Result<(), RunError> {
        if self.position == Position::default() {
            return Ok(());
        }
        saved::write(&folder.join(FILE), &self.position).map_err(RunError::State)
    }

    /// Reads what [`Course::save`] wrote. Returns whether the training is in a further phase.
    pub fn load(&mut self, folder: &Path) -> Result<bool, RunError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(false);
        }
        let found: Position = saved::read(&path).map_err(RunError::State)?;
        if found.phase >= self.phases.len() {
            let message = "it belongs to a run with other phases".to_owned();
            return Err(RunError::State(zerolab_agents::AgentError::State { path, message }));
        }
        self.position = found;
        Ok(found.phase > 0)
    }
}

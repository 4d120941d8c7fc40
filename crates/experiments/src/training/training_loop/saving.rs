//! A training in the files of a checkpoint.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zerolab_agents::{AgentError, saved};
use zerolab_environments::RestoreError;

use super::{Training, evaluator, lanes};
use crate::error::RunError;
use crate::training::clock::{Clock, ResourceUse};
use crate::training::lane::{Lane, SavedLane};

/// The state of a training without its agent, in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Saved {
    lanes: Vec<SavedLane>,
    episodes_begun: Vec<u64>,
    real_steps: u64,
    evaluation_due: bool,
    spent: ResourceUse,
}

/// The file of a checkpoint with [`Saved`]. The files of the agent are in the same folder.
const FILE: &str = "training.bin";

/// The file of a checkpoint with the events of the lanes' episodes so far, if the environment has any.
const EVENTS_FILE: &str = "events.bin";

impl Training<'_> {
    /// Writes the complete state into `folder`. `previous` is an earlier checkpoint of this training.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&mut self, folder: &Path, previous: Option<&Path>) -> Result<(), RunError> {
        let state = Saved {
            lanes: self.lanes.iter().map(Lane::save).collect(),
            episodes_begun: self.episodes_begun.clone(),
            real_steps: self.real_steps,
            evaluation_due: self.evaluation_due,
            spent: self.clock.now(),
        };
        saved::write(&folder.join(FILE), &state).map_err(RunError::State)?;
        self.course.save(folder)?;
        if self.has_events {
            let counts = |lane: &Lane| lane.events().map(|(_, steps)| steps).collect();
            let counts: Vec<Vec<u32>> = self.lanes.iter().map(counts).collect();
            saved::write(&folder.join(EVENTS_FILE), &counts).map_err(RunError::State)?;
        }
        self.agent.save(folder, previous).map_err(RunError::State)
    }

    /// Continues from what [`Training::save`] wrote. After an error the training must not be used.
    ///
    /// # Errors
    /// If a file cannot be read, or it belongs to another run.
    pub fn load(&mut self, folder: &Path) -> Result<(), RunError> {
        let path = folder.join(FILE);
        let state: Saved = saved::read(&path).map_err(RunError::State)?;
        let misfit =
            |message: String| RunError::State(AgentError::State { path: path.clone(), message });
        let counts = [state.lanes.len(), state.episodes_begun.len()];
        if counts != [self.lanes.len(); 2] || state.real_steps > self.run.budget.real_steps {
            return Err(misfit("it belongs to a run with another budget".to_owned()));
        }
        if self.course.load(folder)? {
            self.lanes = lanes(self.run, &self.course)?;
            self.evaluator = evaluator(self.run, &self.course)?;
        }
        let mut lost = Vec::new();
        for (index, (lane, saved)) in self.lanes.iter_mut().zip(&state.lanes).enumerate() {
            match lane.restore(saved) {
                Ok(()) => {}
                Err(RestoreError::Failed { .. }) if !self.run.checkpoint.exact => lost.push(index),
                Err(RestoreError::Failed { reason }) => return Err(RunError::Inexact { reason }),
                Err(RestoreError::Absent { reason }) => {
                    return Err(RunError::Absent {
                        name: self.run.environment.name.clone(),
                        reason,
                    });
                }
                Err(error) => return Err(misfit(error.to_string())),
            }
        }
        if self.has_events {
            let counts: Vec<Vec<u32>> =
                saved::read(&folder.join(EVENTS_FILE)).map_err(RunError::State)?;
            self.lanes
                .iter_mut()
                .zip(&counts)
                .for_each(|(lane, counts)| lane.restore_events(counts));
        }
        self.agent.load(folder).map_err(RunError::State)?;
        self.episodes_begun = state.episodes_begun;
        self.real_steps = state.real_steps;
        self.evaluation_due = state.evaluation_due;
        self.clock = Clock::after(state.spent);
        self.begun_anew = lost.len();
        lost.into_iter().for_each(|lane| self.begin_episode(lane));
        Ok(())
    }

    /// Writes the weights that the agent acts with. Returns false if it has none.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_weights(&self, path: &Path) -> Result<bool, RunError> {
        let Some(weights) = self.agent.weights() else { return Ok(false) };
        saved::tensors(path, |path| weights.save(path)).map_err(RunError::State)?;
        Ok(true)
    }
}

//! The phases of a training: the task changes in the middle of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zerolab_agents::{PhaseStart, PhasedUpdates};

use crate::plan::hashed_settings::hashed_environment;
use crate::plan::resolved::{EnvironmentChoice, ResolvedRun};

/// A phase of a training, with everything filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingPhase {
    /// Its real steps, summed over all lanes.
    pub real_steps: u64,
    /// The options of the environment in it, complete and checked.
    pub environment: toml::Table,
    /// What becomes of the experience of the phases before.
    pub replay: EarlierExperience,
    /// The layers whose weights are drawn anew at its start.
    pub reset: Vec<String>,
    /// Updates after its real steps, without new experience.
    pub updates: u64,
}

/// What becomes of the experience of the phases before when a phase begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EarlierExperience {
    /// The replay buffer keeps it.
    #[default]
    Keep,
    /// It is dropped.
    Forget,
}

impl EarlierExperience {
    /// As it is written in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Forget => "forget",
        }
    }
}

impl ResolvedRun {
    /// The phases of the training; one if the spec has none.
    pub fn training_phases(&self) -> Vec<TrainingPhase> {
        if !self.phases.is_empty() {
            return self.phases.clone();
        }
        vec![TrainingPhase {
            real_steps: self.budget.real_steps,
            environment: self.environment.options.clone(),
            replay: EarlierExperience::default(),
            reset: Vec::new(),
            updates: 0,
        }]
    }

    /// The real steps after which the phases end, in order.
    pub fn phase_ends(&self) -> Vec<u64> {
        let sum = |end: &mut u64, phase: TrainingPhase| {
            *end += phase.real_steps;
            Some(*end)
        };
        self.training_phases().into_iter().scan(0, sum).collect()
    }

    /// The real steps after which a further phase begins.
    pub fn changes(&self) -> Vec<u64> {
        let mut ends = self.phase_ends();
        ends.pop();
        ends
    }

    /// The environment of the last phase.
    pub fn last_environment(&self) -> EnvironmentChoice {
        let options = self.phases.last().map_or(&self.environment.options, |it| &it.environment);
        EnvironmentChoice { name: self.environment.name.clone(), options: options.clone() }
    }

    /// A run of one phase with the same agent: that of the last phase.
    #[must_use]
    pub fn in_last_phase(&self) -> Self {
        Self { environment: self.last_environment(), phases: Vec::new(), ..self.clone() }
    }

    /// How the phases change the number of updates.
    pub fn phased_updates(&self) -> PhasedUpdates {
        let changes = self.changes().into_iter().zip(self.phases.iter().skip(1));
        let forgets = changes.filter(|(_, phase)| phase.replay == EarlierExperience::Forget);
        PhasedUpdates {
            forgets_after: forgets.map(|(at, _)| at).collect(),
            offline: self.phases.iter().map(|phase| phase.updates).sum(),
        }
    }

    /// The phases, for the hash of the run.
    pub(super) fn hashed_phases(&self) -> Vec<serde_json::Value> {
        let hashed = |phase: &TrainingPhase| {
            let TrainingPhase { real_steps, environment, replay, reset, updates } = phase;
            let environment = hashed_environment(&self.environment.name, environment);
            json!({
                "real_steps": real_steps,
                "environment": environment,
                "replay": replay,
                "reset": reset,
                "updates": updates,
            })
        };
        self.phases.iter().map(hashed).collect()
    }
}

impl TrainingPhase {
    /// What its start asks of an agent, if `phase` phases came before.
    pub fn start(&self, phase: usize) -> PhaseStart {
        let forget = self.replay == EarlierExperience::Forget;
        PhaseStart { phase, forget, reset: self.reset.clone() }
    }
}

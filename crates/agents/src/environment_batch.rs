//! The environments behind a batch of observations. Agents may only search in copies of them. A copy gives
//! observed rewards only, and has random numbers of its own, so it does not reveal the future.

use std::fmt;

use zerolab_environments::{Environment, StepError};

use crate::agent::AgentError;

/// The environments of a batch, in its order. They are copied only on demand.
#[derive(Clone, Copy, Default)]
pub struct EnvironmentBatch<'a> {
    environments: &'a [&'a dyn Environment],
}

impl<'a> EnvironmentBatch<'a> {
    /// The batch of these environments.
    #[must_use]
    pub fn new(environments: &'a [&'a dyn Environment]) -> Self {
        Self { environments }
    }

    /// The environments, in the order of the batch.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a dyn Environment> {
        self.environments.iter().copied()
    }

    /// A copy of each environment, with random numbers from its seed. Error messages name `agent`.
    pub(crate) fn copies(
        self,
        agent: &str,
        seeds: impl ExactSizeIterator<Item = u64>,
    ) -> Result<Vec<EnvironmentCopy>, AgentError> {
        if self.environments.len() != seeds.len() {
            return Err(AgentError::Message(format!(
                "`{agent}` searches in copies of its environments, but got {} for {} rows",
                self.environments.len(),
                seeds.len()
            )));
        }
        let copy_of = |(environment, seed): (&&dyn Environment, u64)| {
            let name = &environment.description().name;
            let copy = environment.simulator(seed).ok_or_else(|| {
                AgentError::Message(format!(
                    "`{name}` cannot be copied, but `{agent}` searches in copies of its environment: \
                     use an agent that learns a model, such as `muzero`"
                ))
            })?;
            Ok(EnvironmentCopy { environment: copy, cut: false })
        };
        self.environments.iter().zip(seeds).map(copy_of).collect()
    }
}

impl fmt::Debug for EnvironmentBatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.environments.iter().map(|environment| &environment.description().name);
        f.debug_list().entries(names).finish()
    }
}

/// A copy of an environment: a state to search from.
pub(crate) struct EnvironmentCopy {
    environment: Box<dyn Environment>,
    /// Whether the episode was truncated here.
    cut: bool,
}

/// The result of a step in a copy.
pub(crate) struct SimulatedStep {
    /// The observed reward of the player who acted.
    pub(crate) reward: f32,
    /// The next state; `None` after a termination.
    pub(crate) next: Option<EnvironmentCopy>,
}

impl EnvironmentCopy {
    /// Takes `action` in a copy of this state.
    pub(crate) fn step(&self, action: usize) -> Result<SimulatedStep, StepError> {
        let mut environment = self.environment.clone_box();
        let step = environment.step(action)?;
        let next = (!step.terminated).then_some(Self { environment, cut: step.truncated });
        Ok(SimulatedStep { reward: step.reward.unwrap_or(0.0), next })
    }

    /// Whether the episode was truncated here: there is no step, but the state has a value.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// A copy of this state.
    pub(crate) fn duplicate(&self) -> Self {
        Self { environment: self.environment.clone_box(), cut: self.cut }
    }

    /// Whose turn it is.
    pub(crate) fn to_play(&self) -> usize {
        self.environment.to_play()
    }

    /// Appends the observation to `rows`.
    pub(crate) fn observe(&self, rows: &mut Vec<f32>) {
        let from = rows.len();
        rows.resize(from + self.environment.description().observation_len(), 0.0);
        self.environment.observe(&mut rows[from..]);
    }

    /// Writes which actions are legal, `[A]`.
    pub(crate) fn legal(&self, legal: &mut [bool]) {
        self.environment.legal_actions(legal);
    }
}

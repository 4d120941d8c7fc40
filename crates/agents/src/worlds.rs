//! The environments behind what an agent sees, as far as an agent may know them: copies to look ahead in, which tell
//! observed rewards only and foretell nothing of what chance will bring.

use std::fmt;

use zerolab_environments::{Environment, StepError};

use crate::agent::AgentError;

/// The environments of a batch, in its order. Nothing is copied until an agent asks.
#[derive(Clone, Copy, Default)]
pub struct Worlds<'a> {
    environments: &'a [&'a dyn Environment],
}

impl<'a> Worlds<'a> {
    /// Those that `environments` refers to.
    #[must_use]
    pub fn new(environments: &'a [&'a dyn Environment]) -> Self {
        Self { environments }
    }

    /// A copy of each, whose chance comes from the seed given for it. `agent` is who asks.
    pub(crate) fn simulators(
        self,
        agent: &str,
        seeds: impl ExactSizeIterator<Item = u64>,
    ) -> Result<Vec<Simulator>, AgentError> {
        if self.environments.len() != seeds.len() {
            return Err(AgentError::Message(format!(
                "`{agent}` looks ahead in copies of its environments, and was shown {} for {} rows",
                self.environments.len(),
                seeds.len()
            )));
        }
        let simulator = |(environment, seed): (&&dyn Environment, u64)| {
            let name = &environment.description().name;
            let copy = environment.simulator(seed).ok_or_else(|| {
                AgentError::Message(format!(
                    "`{name}` cannot be copied, and `{agent}` looks ahead in copies of its environment: \
                     take an agent that learns a model, such as `muzero`"
                ))
            })?;
            Ok(Simulator { environment: copy, cut: false })
        };
        self.environments.iter().zip(seeds).map(simulator).collect()
    }
}

impl fmt::Debug for Worlds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.environments.iter().map(|world| &world.description().name);
        f.debug_list().entries(names).finish()
    }
}

/// A state of an environment to go on from in thought.
pub(crate) struct Simulator {
    environment: Box<dyn Environment>,
    /// The episode was cut off here.
    cut: bool,
}

/// What a step in a simulator leads to.
pub(crate) struct Simulated {
    /// The observed reward, of the player who acted.
    pub(crate) reward: f32,
    /// `None` where the episode ended in the world.
    pub(crate) next: Option<Simulator>,
}

impl Simulator {
    /// The state that `action` leads to; this one stays.
    pub(crate) fn step(&self, action: usize) -> Result<Simulated, StepError> {
        let mut environment = self.environment.clone_box();
        let step = environment.step(action)?;
        let next = (!step.terminated).then_some(Self { environment, cut: step.truncated });
        Ok(Simulated { reward: step.reward, next })
    }

    /// Whether the episode was cut off here, so that there is no step but still a value.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The same state once more.
    pub(crate) fn again(&self) -> Self {
        Self { environment: self.environment.clone_box(), cut: self.cut }
    }

    /// Whose turn it is.
    pub(crate) fn to_play(&self) -> usize {
        self.environment.to_play()
    }

    /// Adds what is seen to `rows`.
    pub(crate) fn observe(&self, rows: &mut Vec<f32>) {
        let from = rows.len();
        rows.resize(from + self.environment.description().observation_len(), 0.0);
        self.environment.observe(&mut rows[from..]);
    }

    /// `[A]`: which actions may be taken.
    pub(crate) fn legal(&self, legal: &mut [bool]) {
        self.environment.legal_actions(legal);
    }
}

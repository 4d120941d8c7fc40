//! Known dynamics as the model of a search, as in AlphaZero (Silver et al. 2018).

use crate::model::{Evaluations, Expansion, Model, Roots};

/// The rules of an environment, with a network that evaluates its states.
pub trait Dynamics {
    /// A state: all that decides what comes next.
    type State;
    /// Errors of a step or an evaluation; they end the search.
    type Error;

    /// Takes one step.
    ///
    /// # Errors
    /// Any error of the environment.
    fn step(
        &mut self,
        state: &Self::State,
        action: u32,
    ) -> Result<Transition<Self::State>, Self::Error>;

    /// Fills in the values, `[S]`, and policy logits, `[S, A]`, of `S` states. A logit of -∞ marks an
    /// illegal action.
    ///
    /// # Errors
    /// Any error of the network.
    fn evaluate(
        &mut self,
        states: &[&Self::State],
        values: &mut [f32],
        logits: &mut [f32],
    ) -> Result<(), Self::Error>;
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition<S> {
    /// Reward of the player who took the step.
    pub reward: f32,
    /// The next state; `None` if the episode is over.
    pub state: Option<S>,
    /// Discount of the next state's value. `None` stands for the search's discount. Negative if the
    /// other player moves next.
    pub discount: Option<f32>,
}

/// A [`Model`] made of known dynamics. It keeps the states of all nodes of a batch of trees. After the
/// end of an episode every reward and value is 0.
#[derive(Debug)]
pub struct SimulatorModel<D: Dynamics> {
    dynamics: D,
    num_actions: usize,
    /// `[N, B]`; `None` from the end of the episode on.
    states: Vec<Option<D::State>>,
    values: Vec<f32>,
    logits: Vec<f32>,
}

impl<D: Dynamics> SimulatorModel<D> {
    /// A model of dynamics with `num_actions` actions.
    pub fn new(dynamics: D, num_actions: usize) -> Self {
        Self { dynamics, num_actions, states: Vec::new(), values: Vec::new(), logits: Vec::new() }
    }

    /// The dynamics, which may count their steps.
    pub fn dynamics(&self) -> &D {
        &self.dynamics
    }

    /// The roots of a batch of searches from these states, with one seed each, for
    /// [`crate::Search::run`].
    ///
    /// # Errors
    /// Those of [`Dynamics::evaluate`].
    pub fn roots(&mut self, states: Vec<D::State>, seeds: Vec<u64>) -> Result<Roots, D::Error> {
        self.states.clear();
        self.states.extend(states.into_iter().map(Some));
        self.evaluate_last(seeds.len())?;
        Ok(Roots {
            num_actions: self.num_actions,
            values: self.values.clone(),
            logits: self.logits.clone(),
            legal: None,
            seeds,
        })
    }

    /// Evaluates those of the last `batch` states that are not over, in one call.
    fn evaluate_last(&mut self, batch: usize) -> Result<(), D::Error> {
        let states = &self.states[self.states.len() - batch..];
        let states: Vec<&D::State> = states.iter().flatten().collect();
        self.values.resize(states.len(), 0.0);
        self.logits.resize(states.len() * self.num_actions, 0.0);
        self.dynamics.evaluate(&states, &mut self.values, &mut self.logits)
    }
}

impl<D: Dynamics> Model for SimulatorModel<D> {
    type Error = D::Error;

    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), D::Error> {
        let batch = expansion.parents.len();
        // Drops the states of an earlier search.
        self.states.truncate(expansion.node * batch);
        for (row, (parent, action)) in expansion.parents.iter().zip(expansion.actions).enumerate() {
            let state = match &self.states[*parent as usize * batch + row] {
                None => {
                    (out.rewards[row], out.discounts[row]) = (0.0, 0.0);
                    None
                }
                Some(state) => {
                    let step = self.dynamics.step(state, *action)?;
                    let discount = step.discount.unwrap_or(out.discounts[row]);
                    out.rewards[row] = step.reward;
                    out.discounts[row] = if step.state.is_some() { discount } else { 0.0 };
                    step.state
                }
            };
            self.states.push(state);
        }
        self.evaluate_last(batch)?;
        out.values.fill(0.0);
        out.logits.fill(0.0);
        let rows = out.values.iter_mut().zip(out.logits.chunks_mut(self.num_actions));
        let rows = rows.zip(&self.states[expansion.node * batch..]);
        let evaluated = self.values.iter().zip(self.logits.chunks(self.num_actions));
        for (((value, logits), _), evaluated) in
            rows.filter(|(_, state)| state.is_some()).zip(evaluated)
        {
            *value = *evaluated.0;
            logits.copy_from_slice(evaluated.1);
        }
        Ok(())
    }
}

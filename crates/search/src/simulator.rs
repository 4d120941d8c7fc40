//! A true simulator as the model of a search, as in AlphaZero (Silver et al. 2018).

use crate::model::{Evaluations, Expansion, Model, Roots};

/// A world whose steps are known, with a network that judges its states.
pub trait World {
    /// All that decides what comes next.
    type State;
    /// What can go wrong in a step or a judgement; it ends the search.
    type Error;

    /// Takes one step.
    ///
    /// # Errors
    /// Whatever the world reports.
    fn step(&mut self, state: &Self::State, action: u32) -> Result<Step<Self::State>, Self::Error>;

    /// Fills in the values, `[S]`, and policy logits, `[S, A]`, of states. A logit of -∞ says that
    /// the action cannot be taken there.
    ///
    /// # Errors
    /// Whatever the network reports.
    fn judge(
        &mut self,
        states: &[&Self::State],
        values: &mut [f32],
        logits: &mut [f32],
    ) -> Result<(), Self::Error>;
}

/// A step of a world.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<S> {
    /// Of the step, for the player who took it.
    pub reward: f32,
    /// The state that it leads to; `None` where the episode is over.
    pub state: Option<S>,
    /// Discount of what comes after, where it is not the search's: negative where the other player
    /// moves next.
    pub discount: Option<f32>,
}

/// The states of all nodes of a batch of trees. Nothing happens after the end of an episode.
#[derive(Debug)]
pub struct Simulator<W: World> {
    world: W,
    num_actions: usize,
    /// `[N, B]`; `None` from the end of the episode on.
    states: Vec<Option<W::State>>,
    values: Vec<f32>,
    logits: Vec<f32>,
}

impl<W: World> Simulator<W> {
    /// A simulator of a world of so many actions.
    pub fn new(world: W, num_actions: usize) -> Self {
        Self { world, num_actions, states: Vec::new(), values: Vec::new(), logits: Vec::new() }
    }

    /// The world, which may have kept count of what was asked of it.
    pub fn world(&self) -> &W {
        &self.world
    }

    /// Starts a batch of searches from these states, one seed each: what [`crate::Search::run`] takes
    /// as its roots.
    ///
    /// # Errors
    /// Those of the world's judgement.
    pub fn roots(&mut self, states: Vec<W::State>, seeds: Vec<u64>) -> Result<Roots, W::Error> {
        self.states.clear();
        self.states.extend(states.into_iter().map(Some));
        self.judge_last(seeds.len())?;
        Ok(Roots {
            num_actions: self.num_actions,
            values: self.values.clone(),
            logits: self.logits.clone(),
            legal: None,
            seeds,
        })
    }

    /// Judges the last `batch` states that are not over, in one call.
    fn judge_last(&mut self, batch: usize) -> Result<(), W::Error> {
        let states = &self.states[self.states.len() - batch..];
        let states: Vec<&W::State> = states.iter().flatten().collect();
        self.values.resize(states.len(), 0.0);
        self.logits.resize(states.len() * self.num_actions, 0.0);
        self.world.judge(&states, &mut self.values, &mut self.logits)
    }
}

impl<W: World> Model for Simulator<W> {
    type Error = W::Error;

    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), W::Error> {
        let batch = expansion.parents.len();
        // What an earlier search left.
        self.states.truncate(expansion.node * batch);
        for (row, (parent, action)) in expansion.parents.iter().zip(expansion.actions).enumerate() {
            let state = match &self.states[*parent as usize * batch + row] {
                None => {
                    (out.rewards[row], out.discounts[row]) = (0.0, 0.0);
                    None
                }
                Some(state) => {
                    let step = self.world.step(state, *action)?;
                    let discount = step.discount.unwrap_or(out.discounts[row]);
                    out.rewards[row] = step.reward;
                    out.discounts[row] = if step.state.is_some() { discount } else { 0.0 };
                    step.state
                }
            };
            self.states.push(state);
        }
        self.judge_last(batch)?;
        out.values.fill(0.0);
        out.logits.fill(0.0);
        let rows = out.values.iter_mut().zip(out.logits.chunks_mut(self.num_actions));
        let lasting = rows.zip(&self.states[expansion.node * batch..]);
        let judged = self.values.iter().zip(self.logits.chunks(self.num_actions));
        for (((value, logits), _), judged) in
            lasting.filter(|(_, state)| state.is_some()).zip(judged)
        {
            *value = *judged.0;
            logits.copy_from_slice(judged.1);
        }
        Ok(())
    }
}

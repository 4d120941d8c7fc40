//! The best policy of a listed environment, as a table over times and states.

use super::environment::decode;
use super::model::Model;
use super::outcome::Tabular;
use super::solution::{Expected, Objective, Solution, SolvedState};
use crate::environment::RestoreError;

/// The action and the value of every state at every time.
#[derive(Clone, Debug)]
pub(super) struct Solved<T: Tabular> {
    table: T,
    model: Model<T>,
    objective: Objective,
    discount: f64,
    /// `[time, state]`
    actions: Vec<u8>,
    /// `[time, state]`
    values: Vec<f64>,
    expected: Expected,
}

impl<T: Tabular> Solved<T> {
    pub(super) fn new(table: &T, objective: Objective, discount: f64) -> Self {
        let model = Model::new(table);
        let states = model.num_states();
        let decisions = states * table.horizon() as usize;
        let mut actions = vec![0; decisions];
        let mut values = vec![0.0; decisions];
        let expected = model.best(objective, discount, |decision| {
            let at = decision.time as usize * states + decision.place;
            actions[at] = decision.action as u8;
            values[at] = decision.value;
        });
        let table = table.clone();
        Self { table, model, objective, discount, actions, values, expected }
    }

    /// The place of a saved state in the tables; `None` after the end of an episode.
    fn place(&self, saved: &[u8]) -> Result<Option<usize>, RestoreError> {
        let playing = decode(&self.table, saved)?;
        let foreign =
            RestoreError::Impossible { environment: T::TAG, reason: "no episode can reach it" };
        let place = self.model.place(&playing.current);
        if playing.episode.is_over() {
            return Ok(None);
        }
        let time = playing.episode.steps() as usize;
        place.map(|place| Some(time * self.model.num_states() + place)).ok_or(foreign)
    }
}

impl<T: Tabular> Solution for Solved<T> {
    fn action(&self, saved: &[u8]) -> Result<usize, RestoreError> {
        Ok(self.place(saved)?.map_or(0, |place| usize::from(self.actions[place])))
    }

    fn value(&self, saved: &[u8]) -> Result<f64, RestoreError> {
        Ok(self.place(saved)?.map_or(0.0, |place| self.values[place]))
    }

    fn action_values(&self, saved: &[u8]) -> Result<Vec<f64>, RestoreError> {
        let Some(at) = self.place(saved)? else {
            return Ok(vec![0.0; self.table.num_actions()]);
        };
        let states = self.model.num_states();
        let (time, place) = (at / states, at % states);
        // After the last step there are no values in the table.
        let later =
            |place: usize| self.values.get((time + 1) * states + place).copied().unwrap_or(0.0);
        Ok(self.model.action_values(place, self.objective, self.discount, &later))
    }

    fn expected(&self) -> Expected {
        self.expected
    }

    fn states(&self) -> Box<dyn Iterator<Item = SolvedState> + '_> {
        let states = self.model.states();
        let decisions = self.actions.iter().zip(&self.values).enumerate();
        Box::new(decisions.map(|(at, (&action, &value))| SolvedState {
            time: (at / states.len()) as u32,
            state: format!("{:?}", states[at % states.len()]),
            action: action.into(),
            value,
        }))
    }
}

//! A game of two players: take one or two matches; who takes the last one wins. The player to move loses if
//! the number of matches is a multiple of three, and otherwise wins by leaving such a number.

use zerolab_environments::{Description, Environment, RestoreError, Step, StepError};

pub const MOST: usize = 5;

#[derive(Clone)]
pub struct Nim {
    description: Description,
    matches: usize,
    player: usize,
    /// Whether agents may search in copies of it.
    open: bool,
}

impl Nim {
    pub fn new() -> Self {
        let description = Description { num_players: 2, ..Description::new("nim", [MOST + 1], 2) };
        Self { description, matches: MOST, player: 0, open: true }
    }

    /// A game with so many matches left.
    pub fn of(matches: usize) -> Self {
        Self { matches, ..Self::new() }
    }

    /// A game without copies for search.
    pub fn closed() -> Self {
        Self { open: false, ..Self::new() }
    }
}

impl Environment for Nim {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.matches = MOST - (seed % 2) as usize;
        self.player = 0;
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        if action + 1 > self.matches {
            return Err(StepError::NoSuchAction { action, num_actions: self.matches.min(2) });
        }
        self.matches -= action + 1;
        self.player = 1 - self.player;
        let won = self.matches == 0;
        Ok(Step::new(f32::from(won), won, false))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        observation[self.matches] = 1.0;
    }

    fn legal_actions(&self, legal: &mut [bool]) {
        legal.copy_from_slice(&[true, self.matches >= 2]);
    }

    fn to_play(&self) -> usize {
        self.player
    }

    fn save(&self) -> Vec<u8> {
        vec![self.matches as u8, self.player as u8]
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let &[matches, player] = state else {
            let reason = "not two bytes".to_owned();
            return Err(RestoreError::Damaged { environment: "nim", reason });
        };
        (self.matches, self.player) = (matches.into(), player.into());
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }
    fn simulator(&self, _seed: u64) -> Option<Box<dyn Environment>> {
        self.open.then(|| self.clone_box())
    }
}

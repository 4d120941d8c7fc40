//! An environment that is defined with the public interface alone, outside of the registry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_environments::{
    Description, Environment, EnvironmentEntry, EnvironmentSettings, Episode, RestoreError,
    SettingsError, Step, StepError, decode_state, encode_state,
};

/// A corridor; the reward is at its right end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Number of cells.
    length: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { length: 5 }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "corridor";
    const SUMMARY: &'static str = "walk to the right end of a corridor, +1";

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let description = Description {
            max_episode_steps: Some(100),
            ..Description::new(Self::NAME, [self.length], 2)
        };
        Ok(Box::new(Corridor { description, state: State::default() }))
    }
}

#[derive(Clone)]
struct Corridor {
    description: Description,
    state: State,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct State {
    cell: usize,
    episode: Episode,
}

const TAG: &str = "corridor 1";

impl Environment for Corridor {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, _seed: u64) {
        self.state = State { cell: 0, episode: Episode::begin() };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { cell, episode } = &mut self.state;
        episode.check(action, &self.description)?;
        *cell = if action == 1 { *cell + 1 } else { cell.saturating_sub(1) };
        let end = *cell == self.description.observation_len() - 1;
        let truncated = episode.advance(end, &self.description);
        Ok(Step::new(f32::from(end), end, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        observation[self.state.cell] = 1.0;
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let length = self.description.observation_len();
        let fault = |state: &State| (state.cell >= length).then_some("outside of the corridor");
        self.state = decode_state(TAG, state, fault)?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, _seed: u64) -> Option<Box<dyn Environment>> {
        Some(self.clone_box())
    }
}

#[test]
fn an_entry_outside_of_the_registry_makes_its_environment() {
    let entry = EnvironmentEntry::of::<Settings>();
    assert_eq!((entry.name, entry.missing_feature), ("corridor", None));
    let mut environment = (entry.make)(&"length = 3".parse().unwrap()).unwrap();
    environment.reset(0);
    assert_eq!(environment.step(1), Ok(Step::new(0.0, false, false)));
    let saved = environment.save();
    assert_eq!(environment.step(1), Ok(Step::new(1.0, true, false)));
    assert_eq!(environment.step(1), Err(StepError::EpisodeOver));
    environment.restore(&saved).unwrap();
    let mut observation = [0.0; 3];
    environment.observe(&mut observation);
    assert_eq!(observation, [0.0, 1.0, 0.0]);
    let mut shorter = (entry.make)(&"length = 1".parse().unwrap()).unwrap();
    assert!(matches!(shorter.restore(&saved), Err(RestoreError::Impossible { .. })));
}

#[test]
fn a_description_has_defaults() {
    let description = Description::new("any", [3, 8, 8], 4);
    assert_eq!(description.observation_len(), 192);
    assert_eq!((description.frames, description.num_players), (1, 1));
    assert_eq!(description.observation_range, (0.0, 1.0));
    assert_eq!((description.max_episode_steps, description.operations_per_step), (None, 0));
}

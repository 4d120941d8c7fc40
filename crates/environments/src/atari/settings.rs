//! The settings of a game.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::games::GAMES;
use super::image::Image;
use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment};
use zerolab_settings::SettingsError;
use zerolab_settings::range::{at_least_one, share};

/// Upper bound of `no_op_max`.
const MOST_NO_OPS: u32 = 1000;

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Probability, at each frame, that the last executed action is repeated in place of the chosen one
    /// (Machado et al. 2018 recommend 0.25).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sticky_action_probability: f64,
    /// Whether a lost life ends an episode in training. The next episode then continues the same game.
    pub episodic_life: bool,
    /// A game begins with 1 to this many frames of no-ops; 0 has none.
    #[schemars(range(max = 1000))]
    pub no_op_max: u32,
    /// The images of an observation, of which there are four: `rgb96`, 96 × 96 pixels in red, green and blue,
    /// or `grey84`, 84 × 84 pixels in grey.
    pub image: Image,
    /// Number of steps after which a game is truncated in training.
    #[schemars(range(min = 1))]
    pub max_steps: u32,
    /// Number of steps after which a game is truncated in an evaluation.
    #[schemars(range(min = 1))]
    pub evaluation_max_steps: u32,
}

impl Default for Settings {
    /// The settings of EfficientZero's paper.
    fn default() -> Self {
        Self {
            sticky_action_probability: 0.0,
            episodic_life: true,
            no_op_max: 30,
            image: Image::Rgb96,
            max_steps: 3000,
            evaluation_max_steps: 27_000,
        }
    }
}

/// The settings of the game with this index in [`GAMES`]. All games have the same ones.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct GameSettings<const GAME: usize>(Settings);

/// The schema of [`Settings`]. A derived one would only refer to it.
impl<const GAME: usize> JsonSchema for GameSettings<GAME> {
    fn schema_name() -> Cow<'static, str> {
        Settings::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Settings::json_schema(generator)
    }
}

impl<const GAME: usize> EnvironmentSettings for GameSettings<GAME> {
    const NAME: &'static str = GAMES[GAME].name;
    const SUMMARY: &'static str = GAMES[GAME].summary;
    const MISSING_FEATURE: Option<&'static str> =
        if cfg!(feature = "atari") { None } else { Some("atari") };

    fn check(&self) -> Result<(), SettingsError> {
        let settings = &self.0;
        share("sticky_action_probability", settings.sticky_action_probability)?;
        if settings.no_op_max > MOST_NO_OPS {
            let message = format!("must be at most {MOST_NO_OPS}, not {}", settings.no_op_max);
            return Err(SettingsError::new("no_op_max", message));
        }
        at_least_one("max_steps", settings.max_steps.into())?;
        at_least_one("evaluation_max_steps", settings.evaluation_max_steps.into())
    }

    fn describe(&self) -> Result<Description, SettingsError> {
        Ok(GAMES[GAME].description(&self.0))
    }

    #[cfg(feature = "atari")]
    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let game = &GAMES[GAME];
        Ok(Box::new(super::Atari::new(game, game.load()?, &self.0)))
    }

    #[cfg(not(feature = "atari"))]
    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let message =
            "this program was built without the feature `atari`; build it with `just atari`";
        Err(SettingsError::new("", message))
    }

    /// Whole games with the limit of evaluations.
    fn for_evaluation(self) -> Self {
        let Self(settings) = self;
        let max_steps = settings.evaluation_max_steps;
        Self(Settings { episodic_life: false, max_steps, ..settings })
    }
}

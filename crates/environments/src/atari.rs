//! The games of the Atari 2600 that Atari-100k is about, in the Arcade Learning Environment 0.12.1.
//!
//! As EfficientZero (Ye et al., "Mastering Atari Games with Limited Data", 2021) has them: a step is four frames of
//! one action, its reward the sum of their points; a game begins with 1 to 30 frames in which nothing is done; an
//! agent sees four images of 96 × 96 pixels, `[12, 96, 96]`, the oldest first ([`Image`]); in training a lost life
//! ends an episode. Rewards are the game's points: an agent clips them if it wants to.
//!
//! Where it differs:
//! - Its code lets an agent see images that were compressed as JPEG; here they are what the screen shows.
//! - It takes a time limit for an end of the game; here that is a truncation.
//! - Every game begins as when the machine was switched on. ALE leaves the memory as the last game left it, and four
//!   games (Amidar, Assault, Frostbite, Q*bert) look at it, so that there an episode depends on those before it.
//!
//! ALE and the ROMs are not part of this repository: `ale/toolchain` gets them.
//!
//! What a game is to an agent is known in every build; only one with the feature `atari` can play it.

pub mod games;
mod image;
mod settings;

#[cfg(feature = "atari")]
mod camera;
#[cfg(feature = "atari")]
pub mod emulator;
#[cfg(feature = "atari")]
mod environment;
#[cfg(feature = "atari")]
pub mod resize;
#[cfg(feature = "atari")]
mod rom;

#[cfg(feature = "atari")]
pub use environment::Atari;
pub use games::{GAMES, Game};
pub use image::Image;
pub use settings::Settings;

use crate::environment::Description;

/// Frames of a step.
const FRAME_SKIP: usize = 4;

/// [`Description::operations_per_step`], estimated: a frame has 262 lines of 76 cycles of the processor, of about ten
/// operations each, and of 228 clocks of the video chip, of about three.
const OPERATIONS: u64 = FRAME_SKIP as u64 * 262 * (76 * 10 + 228 * 3);

impl Game {
    /// What an agent is told of the game before it plays.
    pub fn description(&self, settings: &Settings) -> Description {
        Description {
            name: self.name.to_owned(),
            observation_shape: settings.image.observation_shape().to_vec(),
            frames: image::STACK,
            observation_range: (0.0, 1.0),
            num_actions: self.num_actions,
            num_players: 1,
            max_episode_steps: Some(settings.max_steps),
            operations_per_step: OPERATIONS,
        }
    }
}

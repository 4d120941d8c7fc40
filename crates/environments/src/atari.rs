//! The Atari 2600 games of Atari-100k, in the Arcade Learning Environment (ALE) 0.12.1.
//!
//! The setup is that of EfficientZero (Ye et al., "Mastering Atari Games with Limited Data", 2021). A step is
//! four frames with the same action, and its reward is the sum of their points. A game begins with 1 to 30
//! frames of no-ops. An observation is four images of 96 × 96 pixels, `[12, 96, 96]`, the oldest first
//! ([`Image`]). In training a lost life ends an episode. Rewards are the game's points; clipping is up to the
//! agent.
//!
//! Differences from EfficientZero's code:
//! - It compresses images as JPEG; here they are exact.
//! - It treats a time limit as the end of the game; here that is a truncation.
//! - Here every game begins in the state after power-on. ALE keeps the memory of the last game, and four
//!   games
//!   (Amidar, Assault, Frostbite, Q*bert) read it, so that an episode depends on those before it.
//!
//! ALE and the ROMs are not part of this repository: `ale/toolchain` downloads them.
//!
//! Every build knows the descriptions of the games; only a build with the feature `atari` can play them.

pub mod games;
mod image;
mod settings;

#[cfg(feature = "atari")]
pub mod emulator;
#[cfg(feature = "atari")]
mod environment;
#[cfg(feature = "atari")]
mod frame_stack;
#[cfg(feature = "atari")]
mod rom;

#[cfg(feature = "atari")]
pub use environment::Atari;
pub use games::{AtariGame, GAMES};
pub use image::Image;
pub use settings::Settings;

use crate::environment::Description;

/// Number of frames per step.
const FRAME_SKIP: usize = 4;

/// An estimate for [`Description::operations_per_step`]. A frame has 262 lines. A line has 76 processor
/// cycles of about ten operations each, and 228 clocks of the video chip of about three operations each.
const OPERATIONS: u64 = FRAME_SKIP as u64 * 262 * (76 * 10 + 228 * 3);

impl AtariGame {
    /// The description of the game with these settings.
    pub fn description(&self, settings: &Settings) -> Description {
        Description {
            frames: image::STACK,
            max_episode_steps: Some(settings.max_steps),
            operations_per_step: OPERATIONS,
            ..Description::new(self.name, settings.image.observation_shape(), self.num_actions)
        }
    }
}

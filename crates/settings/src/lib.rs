//! Settings: from a TOML table to a typed value and back, checks of ranges, and one error for all of them.
//!
//! Every crate that has settings uses this one. A type of settings derives serde's traits, states its defaults, and
//! has a method `check` that calls the checks of [`range`]. The error names the key, so that a spec can show its line.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use zerolab_settings::{SettingsError, range, read, within};
//!
//! #[derive(Deserialize, Serialize)]
//! #[serde(deny_unknown_fields, default)]
//! struct Optimizer {
//!     learning_rate: f32,
//! }
//!
//! impl Default for Optimizer {
//!     fn default() -> Self {
//!         Self { learning_rate: 1e-3 }
//!     }
//! }
//!
//! impl Optimizer {
//!     fn check(&self) -> Result<(), SettingsError> {
//!         range::positive("learning_rate", self.learning_rate)
//!     }
//! }
//!
//! let table = toml::toml! { learning_rate = 0.0 };
//! let optimizer: Optimizer = read(&table)?;
//! let error = within("optimizer", optimizer.check()).unwrap_err();
//! assert_eq!(error.to_string(), "`optimizer.learning_rate`: must be above 0, not 0");
//! # Ok::<(), SettingsError>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod error;
pub mod range;
mod table;

pub use error::{SettingsError, within};
pub use table::{read, write};

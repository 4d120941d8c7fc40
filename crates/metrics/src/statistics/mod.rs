//! Statistics over the scores of runs: point estimates, seeded bootstrap intervals, profiles, comparisons,
//! times to a threshold.
//!
//! Definitions follow rliable (Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the
//! Statistical Precipice"), except that every interval takes a seed and tasks may have unequal numbers of
//! runs ([`ScoreMatrix`]). All functions are pure; an estimate of no scores is NaN. Not here: which runs
//! belong together, and which estimate suits how many of them.

mod bootstrap;
mod comparisons;
mod curves;
mod distributions;
mod estimates;
mod normalisation;
mod profiles;
mod scores;
mod survival;

pub use bootstrap::{Bootstrap, Ends, Interval, Resample};
pub use comparisons::Comparison;
pub use curves::{area_under_curve, time_to_threshold};
pub use estimates::{iqm, mean, median, quantile, standard_deviation};
pub use normalisation::{Normalisation, NormalisationError};
pub use profiles::{Profile, ProfilePoint};
pub use scores::{ScoreMatrix, ScoresError};
pub use survival::{Survival, Time, TimesError, TimesToThreshold};

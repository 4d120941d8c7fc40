//! Statistics over the scores of runs: point estimates, seeded bootstrap intervals, profiles, comparisons,
//! times to a threshold.
//!
//! Definitions follow rliable (Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the
//! Statistical Precipice"), except that every interval takes a seed and tasks may have unequal numbers of
//! runs ([`ScoreMatrix`]). All functions are pure. Not here: which runs belong together, and which estimate
//! suits how many of them.
//!
//! # What intervals of few runs are worth
//!
//! How often, in percent, a 95 % interval of [`Bootstrap`] (2,000 resamples) contains what infinitely many
//! runs would give, by [`Ends`]; simulated by the example `coverage`, each number ± 0.3 (26 tasks: ± 0.6).
//!
#![doc = include_str!("coverage.md")]
//!
//! * Percentile intervals, those of rliable, fall short by about 10 points at 5 runs of one task and by 5 at 10:
//!   a resample's variance is (n − 1) / n of the sample's and is taken for certain, so that a mean of normal
//!   scores is covered as often as |t| ≤ 1.96 √((n − 1) / n) with n − 1 degrees of freedom: 84.6 % and 90.4 %.
//! * Over 26 tasks the second fault goes and the first stays: about 91 % at 5 runs, and 93 % at 10.
//! * Expanded ends make up for most of it. They cover an interquartile mean of 10 runs somewhat too often.
//! * Nothing makes up for what the runs do not show: where 7 of 10 runs succeed, 5 of 5 do in one experiment of
//!   six, and an interval of those five has no width. No ends reach 84 % there. More seeds do.
//! * Bias-corrected and accelerated ends (BCa; Efron 1987) were tried: at 5 runs they cover 0 to 3 points more
//!   than percentile ends. Studentised ones cover a mean as they should, but an interquartile mean of 5 runs has
//!   none that are finite: too many resamples have no spread. Neither is here.

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

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
//! runs would give, by [`Ends`]; simulated by the example `coverage`, each number ± 0.4 (26 tasks: ± 0.7). Two
//! agents are equal: what is missing from 100 is how often a difference is seen that is not there.
//!
#![doc = include_str!("coverage.md")]
//!
//! * Percentile intervals, those of rliable, fall short at 5 runs of one task: a mean is in them in 80 to 85 %, an
//!   interquartile mean in 80 to 91 %; at 10 runs, in 89 to 96 %. A resample's variance is (n − 1) / n of the
//!   sample's and is taken for certain, so that a mean of normal scores is covered as often as
//!   |t| ≤ 1.96 √((n − 1) / n) with n − 1 degrees of freedom: 84.6 % and 90.4 %.
//! * At 3 runs no percentile interval reaches beyond the least and the greatest of them, and all three lie on one side
//!   of the truth in a quarter of the cases or more: at most 75 % contain it.
//! * Over 26 tasks the second fault goes and the first stays: 90 to 92 % at 5 runs, 93 % at 10. What pairs of runs
//!   differ by is one task's scores again.
//! * Differences between independent agents fare better: of means 88 % at 5 and 5 runs, of interquartile means 93 %.
//! * Expanded ends make up for most of it. They cover interquartile means of 10 runs somewhat too often.
//! * Nothing makes up for what the runs do not show: where 7 of 10 runs succeed, 5 of 5 do in one experiment of
//!   six, and an interval of those five has no width. No ends cover more than 84 % there. More runs do.
//! * Bias-corrected and accelerated ends (BCa; Efron 1987) were tried: at 5 runs they cover at most 3 points more
//!   than percentile ends. Studentised ones cover a mean as they should, but an interquartile mean of 5 runs has
//!   none that are finite: too many resamples have no spread. Neither is here.

mod bootstrap;
mod comparisons;
mod coverage;
mod curves;
mod distributions;
mod estimates;
mod normalisation;
mod profiles;
mod scores;
mod survival;

pub use bootstrap::{Bootstrap, Ends, Interval, Resample};
pub use comparisons::Comparison;
pub use coverage::simulated_coverage;
pub use curves::{area_under_curve, time_to_threshold};
pub use estimates::{iqm, mean, median, quantile, standard_deviation};
pub use normalisation::{Normalisation, NormalisationError};
pub use profiles::{Profile, ProfilePoint};
pub use scores::{ScoreMatrix, ScoresError};
pub use survival::{Survival, Time, TimesError, TimesToThreshold};

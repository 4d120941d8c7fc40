//! Statistics over the scores of runs: point estimates, seeded bootstrap intervals, performance profiles, the
//! probability of improvement, and times to a threshold.
//!
//! Definitions follow rliable (Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the
//! Statistical Precipice"), with two differences: every interval takes a seed, and tasks may have unequal
//! numbers of runs ([`ScoreMatrix`]). All functions are pure. The choice of runs and of estimates is made
//! elsewhere.
//!
//! # Coverage of intervals of few runs
//!
//! The table shows how often, in percent, a 95 % interval of [`Bootstrap`] (2,000 resamples) contains the
//! true value, which infinitely many runs would give, for each [`IntervalMethod`]. The example `coverage`
//! simulates it; each number is ± 0.4 (26 tasks: ± 0.7). Where two agents are compared they are equal, so the
//! missing percentage is how often a difference is found that does not exist.
//!
#![doc = include_str!("coverage.md")]
//!
//! * Percentile intervals, which rliable uses, are too narrow for few runs. At 5 runs of one task they
//!   contain a mean in 80 to 85 % of cases and an interquartile mean in 80 to 91 %; at 10 runs in 89 to 96 %.
//!   There are two reasons. The variance of a resample is (n − 1) / n of the sample's, and it is treated as
//!   known. So a mean of normal scores is covered as often as |t| ≤ 1.96 √((n − 1) / n) with n − 1 degrees of
//!   freedom: 84.6 % and 90.4 %.
//! * At 3 runs no percentile interval reaches beyond the lowest and the highest run. All three lie on one
//!   side of the true value in at least a quarter of cases, so at most 75 % of intervals contain it.
//! * Over 26 tasks the second reason disappears and the first stays: 90 to 92 % at 5 runs, 93 % at 10.
//!   Differences of paired runs behave like scores of one task.
//! * Differences between independent agents do better: 88 % for means of 5 and 5 runs, 93 % for interquartile
//!   means.
//! * Expanded intervals correct most of the error. For interquartile means of 10 runs they are slightly too
//!   wide.
//! * No method corrects for what the runs do not show. If 7 of 10 runs succeed, 5 of 5 succeed in one
//!   experiment of six, and an interval of those five has no width. No method covers more than 84 % there;
//!   more runs do.
//! * Two more methods were tried and are not included. Bias-corrected and accelerated intervals (BCa; Efron
//!   1987) cover at most 3 points more than percentile intervals at 5 runs. Studentised intervals cover a
//!   mean correctly, but have no finite ends for an interquartile mean of 5 runs: too many resamples have no
//!   variance.
//!
//! # False verdicts
//!
//! Shares of simulated experiments in percent. Two equal agents are said to differ in at most 2.7 % of cases
//! in each direction, from 5 runs on ([`Verdict`]). The example `coverage verdicts` simulates it; each number
//! of equal agents is ± 0.2 (P(improvement) and the last column: ± 0.4, with 26 tasks ± 0.5).
//!
#![doc = include_str!("verdicts.md")]
//!
//! # Exchange rates
//!
//! Intervals of [`ExchangeRate`] in simulated experiments, in percent. The true rate is 0.5, between 10 and 1,000
//! imagined steps per real step. "Too late" is the share of runs with the least imagination that do not reach the level
//! within the budget. The rate is "fitted" if three variants reach it, and its interval is "unbounded" if one end is
//! infinite. The example `coverage exchange` simulates it; each number is ± 0.7.
//!
#![doc = include_str!("exchange_rates.md")]
//!
//! * From 5 runs each on, a percentile interval contains the true rate in 94 to 99 % of cases. The median of a resample
//!   of few runs varies more than that of new runs, so these intervals are rather too wide. With 3 runs each it is 89 %
//!   for three variants and 94 % for five. Expanded intervals are wider than necessary.
//! * Few evaluations make the rate too low (0.46): a time is rounded up to the next evaluation, which matters most for
//!   fast agents.
//! * Censored runs make the rate slightly too low (0.49): a variant of which only half of the runs reach the level was
//!   often lucky. Half to two thirds of the intervals then have no upper end. If censored resamples were left out, the
//!   interval would have two ends, but it would claim what the runs do not show.
//! * A variant that does not reach the level is left out. If the true line is not straight and the slowest variants are
//!   left out, the rate is that of the rest.

mod bootstrap;
mod comparisons;
mod coverage;
mod curves;
mod distributions;
mod estimates;
mod exchange_rate;
mod normalisation;
mod profiles;
mod scores;
mod survival;
mod verdict;

pub use bootstrap::{Bootstrap, Interval, IntervalMethod, Resample};
pub use comparisons::AgentPair;
pub use coverage::{simulated_coverage, simulated_false_verdicts};
pub use curves::{area_under_curve, time_to_threshold};
pub use estimates::{iqm, mean, median, quantile, standard_deviation};
pub use exchange_rate::{ExchangeRate, ExchangeVariant};
pub use normalisation::{Normalisation, NormalisationError};
pub use profiles::{Profile, ProfilePoint};
pub use scores::{ScoreMatrix, ScoresError};
pub use survival::{EventTime, SurvivalStep, TimesError, TimesToThreshold};
pub use verdict::{MIN_RUNS_TO_JUDGE, MeanDifference, Verdict};

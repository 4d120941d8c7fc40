//! How much real experience imagined experience replaces: the exchange rate of a model-based agent.
//!
//! A variant is an agent with its settings. Its runs imagine x steps for each real step, and need y real steps to
//! reach a level of the return. Over variants that reach the level,
//!
//! log y = a − χ · log x
//!
//! is fitted by least squares. χ is the exchange rate: with ten times the imagination, real steps fall to 10^−χ of what
//! they were. It is 0 if imagination saves nothing.
//!
//! x and y of a variant are medians over its runs; that of y is the estimate of Kaplan & Meier
//! ([`TimesToThreshold`]). A variant of which fewer than half of the runs reach the level has no y and is left out.

use super::bootstrap::{Bootstrap, Interval, Resample};
use super::estimates::{mean, median};
use super::survival::{EventTime, TimesError, TimesToThreshold};

/// The least number of variants that are fitted.
const MIN_VARIANTS: usize = 3;
/// The greatest x is at least this many times the least one. A smaller range gives no slope: x of equal settings
/// differs by a few percent.
const MIN_RANGE: f64 = 1.1;

/// The runs of a variant, at one level of the return.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeVariant {
    /// Imagined steps per real step, one for each run.
    imagined: Vec<f64>,
    times: TimesToThreshold,
}

/// The fitted exchange rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExchangeRate {
    /// χ.
    pub rate: f64,
    /// Its interval. `None` if a variant has a single run.
    ///
    /// An end that the runs do not bound is infinite: where the median of a variant is not reached in too many
    /// resamples.
    pub interval: Option<Interval>,
    /// The number of variants that are fitted.
    pub variants: usize,
    /// The number of their runs.
    pub runs: usize,
}

impl ExchangeVariant {
    /// The runs of a variant: imagined steps per real step, and the real steps to the level.
    ///
    /// # Errors
    /// If there are no runs, or a time is negative or not finite.
    pub fn new(runs: impl IntoIterator<Item = (f64, EventTime)>) -> Result<Self, TimesError> {
        let (imagined, times): (Vec<f64>, Vec<EventTime>) = runs.into_iter().unzip();
        Ok(Self { imagined, times: TimesToThreshold::new(times)? })
    }

    /// The median of imagined steps per real step.
    pub fn imagined(&self) -> f64 {
        median(&self.imagined)
    }

    /// The real steps to the level.
    pub fn times(&self) -> &TimesToThreshold {
        &self.times
    }

    /// The number of runs.
    pub fn runs(&self) -> usize {
        self.imagined.len()
    }

    /// Whether it can be fitted: it imagines, and half of its runs reach the level after some real steps.
    fn is_fitted(&self) -> bool {
        let imagines = self.imagined() > 0.0 && self.imagined().is_finite();
        imagines && self.times.median().is_some_and(|time| time > 0.0)
    }

    /// log y: equal ends, or from the last observation to infinity if the median is not reached.
    fn log_time(&self) -> (f64, f64) {
        match self.times.median() {
            Some(time) => (time.ln(), time.ln()),
            None => (self.times.last_observation().ln(), f64::INFINITY),
        }
    }
}

impl ExchangeRate {
    /// The exchange rate over the variants that imagine and reach the level.
    ///
    /// `None` for fewer than 3 of them, or if their imagined steps per real step are equal.
    ///
    /// The interval is that of a bootstrap over the runs within each variant. The median of a variant may not be reached
    /// in a resample. It is then only known to be later than the last run, and the rate of the resample lies between
    /// two bounds. The ends of the interval are quantiles of these bounds.
    pub fn of(variants: &[ExchangeVariant], bootstrap: &Bootstrap) -> Option<Self> {
        let fitted = variants.iter().filter(|variant| variant.is_fitted()).cloned();
        let fitted = FittedVariants(fitted.collect());
        let imagined = || fitted.0.iter().map(ExchangeVariant::imagined);
        let range = imagined().fold(0.0, f64::max) / imagined().fold(f64::INFINITY, f64::min);
        if fitted.0.len() < MIN_VARIANTS || range < MIN_RANGE {
            return None;
        }
        let bounds = bootstrap.intervals_of(&fitted, |drawn| {
            let (low, high) = drawn.rates();
            vec![low, high]
        });
        let interval = match bounds.as_deref() {
            Some([of_low, of_high]) => Some(Interval { low: of_low.low, high: of_high.high }),
            _ => None,
        };
        Some(Self {
            rate: fitted.rates().0,
            interval,
            variants: fitted.0.len(),
            runs: fitted.0.iter().map(ExchangeVariant::runs).sum(),
        })
    }
}

/// The variants of a fit. Each is a stratum.
#[derive(Clone)]
struct FittedVariants(Vec<ExchangeVariant>);

impl FittedVariants {
    /// The least and the greatest χ that agree with the times of all variants.
    fn rates(&self) -> (f64, f64) {
        let logs: Vec<f64> = self.0.iter().map(|variant| variant.imagined().ln()).collect();
        let centre = mean(&logs);
        let squares: f64 = logs.iter().map(|log| (log - centre).powi(2)).sum();
        let (mut low, mut high) = (0.0, 0.0);
        for (variant, log) in self.0.iter().zip(&logs) {
            // χ is the sum of log y with these weights.
            let weight = (centre - log) / squares;
            let (early, late) = variant.log_time();
            if weight > 0.0 {
                low += weight * early;
                high += weight * late;
            } else if weight < 0.0 {
                low += weight * late;
                high += weight * early;
            }
        }
        (low, high)
    }
}

impl Resample for FittedVariants {
    fn strata(&self) -> Vec<usize> {
        self.0.iter().map(ExchangeVariant::runs).collect()
    }

    fn resample_from(&mut self, from: &Self, indices: &[usize]) {
        let mut rest = indices;
        for (variant, from) in self.0.iter_mut().zip(&from.0) {
            let (own, others) = rest.split_at(from.runs());
            for (imagined, index) in variant.imagined.iter_mut().zip(own) {
                *imagined = from.imagined[*index];
            }
            variant.times.resample_from(&from.times, own);
            rest = others;
        }
    }
}

//! An axis that is linear or logarithmic. One type for both, so that charts need no variants.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;
use zerolab_metrics::labels::short_number;

use super::scales::snap_to_zero;
use super::text::{LABEL, width};
use crate::numbers::{prefixed, score};

/// An axis is logarithmic if its greatest value is at least this many times its least.
const DECADE: f64 = 10.0;
const MAX_TICKS: usize = 8;
/// The least space between two labels in pixels.
const LABEL_SPACING: i32 = 50;
/// The margin beyond the outermost values, as a fraction of their span.
const MARGIN: f64 = 0.05;
/// The least margin of a logarithmic axis, as a factor.
const MIN_LOG_MARGIN: f64 = 1.05;
/// The width of the column of 0, as a fraction of the span of the values above 0.
const ZERO_COLUMN: f64 = 0.12;
/// Steps of an axis of less than a decade, the finest first.
const WITHIN_DECADE: [&[f64]; 2] =
    [&[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &[1.0, 2.0, 3.0, 5.0, 7.0]];

/// The ends of an axis, and whether it is logarithmic.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// The right end of a column at the left end of a logarithmic axis, whose middle stands for 0.
    zero_column: Option<f64>,
}

/// A linear axis with these ends.
impl From<(f64, f64)> for Axis {
    fn from((low, high): (f64, f64)) -> Self {
        Self::linear(low, high)
    }
}

impl Axis {
    /// From `low` to `high`.
    pub fn linear(low: f64, high: f64) -> Self {
        Self { low, high, logarithmic: false, zero_column: None }
    }

    /// From the least to the greatest of `values`: logarithmic if all are above 0 and span a decade or more.
    pub fn between(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let logarithmic = low > 0.0 && high >= DECADE * low;
        Self { low, high, logarithmic, zero_column: None }
    }

    /// Logarithmic, from the least to the greatest of the `values` above 0, with a margin.
    pub fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let Self { low, high, .. } = Self::between(values.filter(|value| *value > 0.0));
        let (low, high) = if low.is_finite() { (low, high) } else { (1.0, DECADE) };
        let margin = (high / low).powf(MARGIN).max(MIN_LOG_MARGIN);
        Self { low: low / margin, high: high * margin, logarithmic: true, zero_column: None }
    }

    /// A logarithmic axis with a column for the value 0 at its left end.
    pub fn with_zero_column(self) -> Self {
        let low = self.low / (self.high / self.low).powf(ZERO_COLUMN);
        Self { low, zero_column: Some(self.low), ..self }
    }

    /// The right end of the column for the value 0.
    pub fn zero_column(&self) -> Option<f64> {
        self.zero_column
    }

    /// As [`Axis::between`], with a margin beyond the outermost values.
    pub fn around(values: impl Iterator<Item = f64>) -> Self {
        let Self { low, high, logarithmic, .. } = Self::between(values);
        if logarithmic {
            return Self::logarithmic([low, high].into_iter());
        }
        let span = match high - low {
            0.0 if high == 0.0 => 1.0,
            0.0 => high.abs(),
            span => span,
        };
        Self::linear(low - MARGIN * span, high + MARGIN * span)
    }

    pub fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// The greatest number of ticks to ask for, so that their labels fit into `available` pixels.
    pub fn ticks_within(&self, available: i32) -> usize {
        let fits = |max: &usize| {
            let labels: Vec<String> = self.key_points(*max).into_iter().map(label).collect();
            let widest = labels.iter().map(|label| width(label, LABEL)).max().unwrap_or(0);
            labels.len() as i32 * (widest + LABEL_SPACING) <= available
        };
        (2..=MAX_TICKS).rev().find(fits).unwrap_or(2)
    }

    fn position(&self, value: f64) -> f64 {
        match self.zero_column {
            Some(end) if value == 0.0 => f64::midpoint(self.low.log10(), end.log10()),
            _ if self.logarithmic => value.log10(),
            _ => value,
        }
    }

    fn linear_coordinates(&self) -> RangedCoordf64 {
        RangedCoordf64::from(self.position(self.low)..self.position(self.high))
    }

    /// At most `max` round values: 1, 2 and 5 times powers of ten, or 1 and 3 times, or every n-th power; more within one
    /// decade.
    fn round_values(&self, max: usize) -> Vec<f64> {
        let low = self.zero_column.unwrap_or(self.low);
        let inside = |value: &f64| (low..=self.high).contains(value);
        let first = low.log10().floor() as i32;
        let powers: Vec<i32> = (first..=self.high.log10().ceil() as i32).collect();
        let times = |factors: &[f64]| -> Vec<f64> {
            let all = powers
                .iter()
                .flat_map(|power| factors.iter().map(|factor| factor * 10_f64.powi(*power)));
            all.filter(inside).collect()
        };
        let is_short = self.high < DECADE * low;
        let within_decade = WITHIN_DECADE.into_iter().filter(|_| is_short).map(times);
        let fine = within_decade.chain([times(&[1.0, 2.0, 5.0]), times(&[1.0, 3.0])]);
        let found = fine.into_iter().find(|values| values.len() <= max);
        found.unwrap_or_else(|| {
            let values = times(&[1.0]);
            let step = values.len().div_ceil(max.max(1)).max(1);
            values.into_iter().step_by(step).collect()
        })
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.linear_coordinates().map(&self.position(*value), limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if self.logarithmic {
            let zero = self.zero_column.map(|_| 0.0);
            let max = hint.max_num_points().saturating_sub(zero.iter().count());
            return zero.into_iter().chain(self.round_values(max)).collect();
        }
        let points = self.linear_coordinates().key_points(hint);
        points.into_iter().map(|point| snap_to_zero(point, self.high - self.low)).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// A value along x: with an SI prefix, or in digits if it is small.
pub(super) fn label(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.1 { short_number(&score(value)) } else { prefixed(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decade_makes_an_axis_logarithmic_and_zero_does_not() {
        let pixel = |values: &[f64], value: f64| {
            Axis::around(values.iter().copied()).map(&value, (0, 1_000))
        };
        // The middle of a logarithmic axis from 1 to 100 is 10, that of a linear one is 50.5.
        assert_eq!(pixel(&[1.0, 100.0], 10.0), 500);
        assert_eq!(pixel(&[51.0, 100.0], 75.5), 500);
        assert_eq!(pixel(&[0.0, 100.0], 50.0), 500);
    }

    #[test]
    fn a_logarithmic_axis_can_have_a_column_for_zero() {
        let axis = Axis::logarithmic([1.0, 1e6].into_iter()).with_zero_column();
        let pixels = [0.0, 1.0, 10.0, 1e6].map(|value| axis.map(&value, (0, 1_000)));
        assert!(pixels[0] > 0 && pixels.is_sorted(), "{pixels:?}");
        assert_eq!(axis.key_points(5), [0.0, 1.0, 100.0, 1e4, 1e6]);
        let narrow = Axis::logarithmic([2_200.0, 4_300.0].into_iter());
        assert_eq!(narrow.key_points(6), [3_000.0, 4_000.0]);
        assert!(Axis::logarithmic(std::iter::empty()).key_points(6).len() > 2);
    }

    #[test]
    fn labels_of_a_logarithmic_axis_are_round_and_not_many() {
        let points = |low: f64, high: f64| Axis::around([low, high].into_iter()).key_points(6);
        assert_eq!(points(2.0, 50.0), [2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(points(1e-5, 1e-2).len(), 4);
        assert!(points(1.0, 1e12).len() <= 6);
        // Steps by a fraction miss 0 by a rounding error.
        assert!(points(-0.04, 0.04).contains(&0.0));
    }
}

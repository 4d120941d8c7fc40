//! An x axis that is linear or logarithmic. One type for both, so that charts need no variants.

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

/// The ends of an axis, and whether it is logarithmic.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    /// From `low` to `high`.
    pub fn linear(low: f64, high: f64) -> Self {
        Self { low, high, logarithmic: false }
    }

    /// From the least to the greatest of `values`: logarithmic if all are above 0 and span a decade or more.
    pub fn between(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        Self { low, high, logarithmic: low > 0.0 && high >= DECADE * low }
    }

    /// As [`Axis::between`], with a margin beyond the outermost values.
    pub fn around(values: impl Iterator<Item = f64>) -> Self {
        let Self { low, high, logarithmic } = Self::between(values);
        if logarithmic {
            let margin = (high / low).powf(MARGIN);
            return Self { low: low / margin, high: high * margin, logarithmic };
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
        if self.logarithmic { value.log10() } else { value }
    }

    fn linear_coordinates(&self) -> RangedCoordf64 {
        RangedCoordf64::from(self.position(self.low)..self.position(self.high))
    }

    /// At most `max` round values: 1, 2 and 5 times powers of ten, or 1 and 3 times, or every n-th power.
    fn round_values(&self, max: usize) -> Vec<f64> {
        let inside = |value: &f64| (self.low..=self.high).contains(value);
        let first = self.low.log10().floor() as i32;
        let powers: Vec<i32> = (first..=self.high.log10().ceil() as i32).collect();
        let times = |factors: &[f64]| -> Vec<f64> {
            let all = powers
                .iter()
                .flat_map(|power| factors.iter().map(|factor| factor * 10_f64.powi(*power)));
            all.filter(inside).collect()
        };
        let fine = [times(&[1.0, 2.0, 5.0]), times(&[1.0, 3.0])];
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
            return self.round_values(hint.max_num_points());
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
    fn labels_of_a_logarithmic_axis_are_round_and_not_many() {
        let points = |low: f64, high: f64| Axis::around([low, high].into_iter()).key_points(6);
        assert_eq!(points(2.0, 50.0), [2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(points(1e-5, 1e-2).len(), 4);
        assert!(points(1.0, 1e12).len() <= 6);
        // Steps by a fraction miss 0 by a rounding error.
        assert!(points(-0.04, 0.04).contains(&0.0));
    }
}

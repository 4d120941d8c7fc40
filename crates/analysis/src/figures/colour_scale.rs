//! Colours for numbers: perceptually even steps, also for colour-blind people and in grey print.
//!
//! Viridis, with the dark end for the greatest values, because readers expect darker to mean more: K. B.
//! Schloss and others, "Mapping Color to Meaning in Colormap Data Visualizations", IEEE TVCG 25 (2019).

use plotters::element::Rectangle;
use plotters::style::{Color, RGBColor, WHITE};

use super::canvas::{Area, DrawResult};

/// Every sixteenth colour of viridis, by S. van der Walt, N. J. Smith and E. Firing (2015,
/// <https://bids.github.io/colormap>, CC0). Linear interpolation stays within 6 of 255 of all 256 colours.
const VIRIDIS: [RGBColor; 17] = [
    RGBColor(0x44, 0x01, 0x54),
    RGBColor(0x48, 0x18, 0x6A),
    RGBColor(0x47, 0x2D, 0x7B),
    RGBColor(0x42, 0x40, 0x86),
    RGBColor(0x3B, 0x52, 0x8B),
    RGBColor(0x33, 0x63, 0x8D),
    RGBColor(0x2C, 0x72, 0x8E),
    RGBColor(0x26, 0x82, 0x8E),
    RGBColor(0x21, 0x91, 0x8C),
    RGBColor(0x1F, 0x9F, 0x88),
    RGBColor(0x27, 0xAD, 0x81),
    RGBColor(0x3D, 0xBC, 0x74),
    RGBColor(0x5C, 0xC8, 0x63),
    RGBColor(0x81, 0xD3, 0x4D),
    RGBColor(0xAA, 0xDC, 0x32),
    RGBColor(0xD5, 0xE2, 0x1A),
    RGBColor(0xFD, 0xE7, 0x25),
];

/// Looks black, but differs from the text colour that the page replaces in dark mode: cells keep their
/// colour there.
const BLACK: RGBColor = RGBColor(0x01, 0x01, 0x01);

/// The number of steps of a colour bar.
const STEPS: i32 = 128;

/// Maps numbers between `low` and `high` to colours.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColourScale {
    pub low: f64,
    pub high: f64,
}

impl ColourScale {
    /// From the least to the greatest of `values`.
    pub fn over(values: impl Iterator<Item = f64>) -> Self {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = values.fold(ends, |(low, high), value| (low.min(value), high.max(value)));
        Self { low, high }
    }

    /// The position of a value, from 0 (the least) to 1 (the greatest); 0.5 if all are equal.
    pub fn position(&self, value: f64) -> f64 {
        if self.high > self.low { (value - self.low) / (self.high - self.low) } else { 0.5 }
    }

    /// The colour of a value.
    pub fn colour(&self, value: f64) -> RGBColor {
        colour(self.position(value))
    }
}

/// The colour of a position from 0 to 1.
fn colour(position: f64) -> RGBColor {
    let steps = VIRIDIS.len() - 1;
    let along = (1.0 - position.clamp(0.0, 1.0)) * steps as f64;
    let step = (along as usize).min(steps - 1);
    let (from, to, part) = (VIRIDIS[step], VIRIDIS[step + 1], along - step as f64);
    let between = |from: u8, to: u8| {
        (f64::from(from) + part * (f64::from(to) - f64::from(from))).round() as u8
    };
    RGBColor(between(from.0, to.0), between(from.1, to.1), between(from.2, to.2))
}

/// Black or white, whichever has the greater contrast to `colour`.
pub(super) fn text_on(colour: RGBColor) -> RGBColor {
    if contrast(BLACK, colour) > contrast(WHITE, colour) { BLACK } else { WHITE }
}

/// The contrast of two colours, from 1 to 21: WCAG 2.2, <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>.
fn contrast(one: RGBColor, other: RGBColor) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The relative luminance of a colour, from 0 to 1: WCAG 2.2,
/// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>.
pub(super) fn luminance(colour: RGBColor) -> f64 {
    let linear = |part: u8| match f64::from(part) / 255.0 {
        part if part <= 0.04045 => part / 12.92,
        part => ((part + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
}

/// Fills a rectangle with the scale along its longer side, from the corner of the least to that of the
/// greatest value.
pub(super) fn draw_bar(area: &Area<'_>, least: (i32, i32), greatest: (i32, i32)) -> DrawResult {
    let (right, down) = (greatest.0 - least.0, greatest.1 - least.1);
    let along = right.abs() > down.abs();
    for step in 0..STEPS {
        // Each step extends under the next one, so that no gap is visible between them.
        let (start, end) = (step, (step + 2).min(STEPS));
        let corners = if along {
            [
                (least.0 + right * start / STEPS, least.1),
                (least.0 + right * end / STEPS, greatest.1),
            ]
        } else {
            [(least.0, least.1 + down * start / STEPS), (greatest.0, least.1 + down * end / STEPS)]
        };
        let colour = colour(f64::from(step) / f64::from(STEPS - 1));
        area.draw(&Rectangle::new(corners, colour.filled()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions() -> impl Iterator<Item = f64> {
        (0..=1_000).map(|step| f64::from(step) / 1_000.0)
    }

    #[test]
    fn contrasts_are_those_that_wcag_names() {
        assert!((contrast(RGBColor(0, 0, 0), WHITE) - 21.0).abs() < 1e-9);
        // The lightest grey with enough contrast on white, according to contrast checkers.
        assert!((contrast(RGBColor(0x76, 0x76, 0x76), WHITE) - 4.54).abs() < 0.005);
        assert!((contrast(RGBColor(0x77, 0x77, 0x77), WHITE) - 4.48).abs() < 0.005);
    }

    #[test]
    fn greater_is_darker_in_grey_print_too() {
        // The steps of a bar; finer ones would show the rounding to 256 levels.
        let positions = (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS));
        let lights: Vec<f64> = positions.map(|position| luminance(colour(position))).collect();
        assert!(lights.windows(2).all(|pair| pair[0] > pair[1]));
        // In perceived lightness (CIE 1976 L*, above its linear part) all eighths are about equal.
        let lightness: Vec<f64> = lights.iter().map(|light| 116.0 * light.cbrt() - 16.0).collect();
        let mut eighths =
            lightness.windows(STEPS as usize / 8 + 1).map(|part| part[0] - part[part.len() - 1]);
        assert!(eighths.all(|eighth| (8.5..11.0).contains(&eighth)));
    }

    #[test]
    fn text_can_be_read_on_every_colour() {
        for position in positions() {
            let behind = colour(position);
            assert!(contrast(text_on(behind), behind) >= 4.5, "{position}: {behind:?}");
        }
    }

    #[test]
    fn equal_values_lie_in_the_middle_and_ends_at_the_ends() {
        let position =
            |values: &[f64], value| ColourScale::over(values.iter().copied()).position(value);
        assert_eq!(position(&[3.0, 3.0], 3.0), 0.5);
        assert_eq!(position(&[-1.0, 3.0], -1.0), 0.0);
        assert_eq!(position(&[-1.0, 3.0], 2.0), 0.75);
        assert_eq!((colour(0.0), colour(1.0)), (VIRIDIS[16], VIRIDIS[0]));
    }
}

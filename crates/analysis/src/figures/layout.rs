//! The layout that figures share: their widths, and the number of panels side by side.
//!
//! A figure is drawn for a width. Texts always have the same size in pixels, so that all figures of a page have one
//! text size: a narrower figure has fewer panels side by side and more lines of text.

/// Pixels per millimetre: 1,200 pixels fill a column of 3.25 inches.
pub(super) const PIXELS_PER_MILLIMETRE: f64 = 1_200.0 / 82.55;
/// The size of a pixel in a PDF, whose unit is 1/72 inch.
pub(super) const POINTS_PER_PIXEL: f32 = 3.25 * 72.0 / 1_200.0;
/// The width in pixels of a figure on a page or a screen.
pub(crate) const PAGE: i32 = 2_160;
/// The width in pixels of a figure on a phone.
pub(crate) const PHONE: i32 = 900;

/// How many panels stand side by side in `available` pixels, if each needs `least`: as few as rows allow.
pub(super) fn columns(panels: usize, available: i32, least: i32) -> usize {
    let most = usize::try_from(available / least.max(1)).unwrap_or(0).max(1);
    let rows = panels.div_ceil(most).max(1);
    panels.div_ceil(rows).max(1)
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn panels_are_stacked_on_a_phone_and_spread_evenly_on_a_page() {
        assert_eq!(columns(4, 900, 700), 1);
        assert_eq!(
            [1, 2, 3, 4, 5, 26].map(|panels| columns(panels, 2_160, 700)),
            [1, 2, 3, 2, 3, 3]
        );
        assert_eq!(columns(3, 600, 700), 1);
    }
}

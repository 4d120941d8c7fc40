//! A legend in rows below the panels. There it covers no curve. Long labels have several lines.

use plotters::style::text_anchor::HPos;

use super::canvas::{Area, DrawResult};
use super::palette::INK;
use super::text::{LABEL, style};
use super::tooltip::Tooltip;
use super::wrapped::WrappedText;

const SAMPLE: i32 = 90;
const GAP: i32 = 20;
const SPACING: i32 = 56;
/// The space between two rows.
const LEADING: i32 = 14;
const MARGIN: i32 = 20;

/// An entry of a legend: its text, and the whole label, which the page shows on hover.
#[derive(Clone, Debug)]
pub(super) struct LegendEntry {
    pub text: String,
    pub whole: String,
}

impl LegendEntry {
    /// An entry whose text is the whole label.
    pub fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), whole: text.to_owned() }
    }
}

/// The entries of a legend, in rows for a width.
pub(super) struct Legend<'a> {
    rows: Vec<Vec<PlacedEntry<'a>>>,
}

struct PlacedEntry<'a> {
    index: usize,
    entry: &'a LegendEntry,
    text: WrappedText,
    left: i32,
}

impl PlacedEntry<'_> {
    fn right(&self) -> i32 {
        self.left + SAMPLE + GAP + self.text.width()
    }
}

impl<'a> Legend<'a> {
    /// Distributes `entries` over rows of `width` pixels, in columns of equal width.
    pub fn new(entries: &'a [LegendEntry], width: i32) -> Self {
        let available = width - 2 * MARGIN;
        let text =
            |entry: &LegendEntry| WrappedText::new(&entry.text, available - SAMPLE - GAP, LABEL);
        let texts: Vec<WrappedText> = entries.iter().map(text).collect();
        let needed = |text: &WrappedText| SAMPLE + GAP + text.width() + SPACING;
        let widest = texts.iter().map(needed).max().unwrap_or(1);
        let columns = ((available + SPACING) / widest).clamp(1, entries.len().max(1) as i32);
        let total: i32 = texts.iter().map(needed).sum();
        // One row needs no equal columns.
        let in_one_row = total - SPACING <= available;
        let mut rows: Vec<Vec<PlacedEntry<'_>>> = Vec::new();
        let mut left = MARGIN;
        for (index, (entry, text)) in entries.iter().zip(texts).enumerate() {
            if index == 0 || (!in_one_row && index as i32 % columns == 0) {
                rows.push(Vec::new());
                left = MARGIN;
            }
            let step = if in_one_row { needed(&text) } else { widest };
            if let Some(row) = rows.last_mut() {
                row.push(PlacedEntry { index, entry, text, left });
            }
            left += step;
        }
        Self { rows }
    }

    /// Its height in pixels.
    pub fn height(&self) -> i32 {
        self.rows.iter().map(|row| row_height(row)).sum::<i32>() + GAP
    }

    /// Draws it from the top of `area`. `sample` draws the sample of one entry, given its index, the left and right
    /// ends and the height.
    pub fn draw(
        &self,
        area: &Area<'_>,
        sample: impl Fn(&Area<'_>, usize, (i32, i32), i32) -> DrawResult,
    ) -> DrawResult {
        let mut top = 0;
        for row in &self.rows {
            let height = row_height(row);
            for placed in row {
                let (left, middle) = (placed.left, top + height / 2);
                sample(area, placed.index, (left, left + SAMPLE), middle)?;
                let at = (left + SAMPLE + GAP, middle);
                placed.text.write_around(area, &style(LABEL, INK, HPos::Left), at)?;
                let LegendEntry { text, whole } = placed.entry;
                if text != whole {
                    area.draw(&Tooltip::of_bar(left, placed.right(), middle, &[whole]))?;
                }
            }
            top += height;
        }
        Ok(())
    }
}

fn row_height(row: &[PlacedEntry<'_>]) -> i32 {
    row.iter().map(|placed| placed.text.height()).max().unwrap_or(0) + LEADING
}

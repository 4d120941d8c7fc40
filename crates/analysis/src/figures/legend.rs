//! A legend in rows below the panels, as wide as the figure, so that it never covers a curve.

use plotters::style::text_anchor::HPos;

use super::palette::INK;
use super::paper::{Area, Drawing};
use super::text::{LABEL, style, width, write};

const SAMPLE: i32 = 90;
const GAP: i32 = 20;
const BETWEEN: i32 = 56;
const ROW: i32 = 64;

/// Entries broken into rows.
pub(crate) struct Legend {
    rows: Vec<Vec<(usize, String)>>,
}

impl Legend {
    /// Breaks `labels` into rows no wider than `available` pixels (a single label may be).
    pub fn new(labels: &[String], available: i32) -> Self {
        let mut rows: Vec<Vec<(usize, String)>> = vec![Vec::new()];
        let mut used = 0;
        for (place, label) in labels.iter().enumerate() {
            let needed = entry_width(label);
            if used > 0 && used + BETWEEN + needed > available {
                rows.push(Vec::new());
                used = 0;
            }
            used += needed + if used > 0 { BETWEEN } else { 0 };
            if let Some(row) = rows.last_mut() {
                row.push((place, label.clone()));
            }
        }
        Self { rows }
    }

    /// Its height in pixels.
    pub fn height(&self) -> i32 {
        self.rows.len() as i32 * ROW + GAP
    }

    /// Draws it from the top of `area`, rows centred; `sample` draws the mark of one entry between two
    /// ends at one height.
    pub fn draw(
        &self,
        area: &Area<'_>,
        sample: impl Fn(&Area<'_>, usize, (i32, i32), i32) -> Drawing,
    ) -> Drawing {
        let (total, _) = area.dim_in_pixel();
        for (row, entries) in self.rows.iter().enumerate() {
            let widths: i32 = entries.iter().map(|(_, label)| entry_width(label)).sum();
            let row_width = widths + BETWEEN * (entries.len() as i32 - 1);
            let mut x = ((total as i32 - row_width) / 2).max(0);
            let y = row as i32 * ROW + ROW / 2;
            for (place, label) in entries {
                sample(area, *place, (x, x + SAMPLE), y)?;
                write(area, label, &style(LABEL, INK, HPos::Left), (x + SAMPLE + GAP, y))?;
                x += entry_width(label) + BETWEEN;
            }
        }
        Ok(())
    }
}

fn entry_width(label: &str) -> i32 {
    SAMPLE + GAP + width(label, LABEL)
}

//! A legend in rows below the panels, as wide as the figure. There it covers no curve.

use plotters::style::text_anchor::HPos;

use super::canvas::{Area, DrawResult};
use super::palette::INK;
use super::text::{LABEL, style, width, write};

const SAMPLE: i32 = 90;
const GAP: i32 = 20;
const SPACING: i32 = 56;
const ROW: i32 = 64;

/// The entries of a legend, in rows.
pub(crate) struct Legend {
    rows: Vec<Vec<(usize, String)>>,
}

impl Legend {
    /// Distributes `labels` over rows of at most `available` pixels. A longer label has its own row.
    pub fn new(labels: &[String], available: i32) -> Self {
        let mut rows: Vec<Vec<(usize, String)>> = vec![Vec::new()];
        let mut used = 0;
        for (index, label) in labels.iter().enumerate() {
            let needed = entry_width(label);
            if used > 0 && used + SPACING + needed > available {
                rows.push(Vec::new());
                used = 0;
            }
            used += needed + if used > 0 { SPACING } else { 0 };
            if let Some(row) = rows.last_mut() {
                row.push((index, label.clone()));
            }
        }
        Self { rows }
    }

    /// Its height in pixels.
    pub fn height(&self) -> i32 {
        self.rows.len() as i32 * ROW + GAP
    }

    /// Draws it from the top of `area`, each row centred. `sample` draws the sample of one entry, given its
    /// index, the left and right ends and the height.
    pub fn draw(
        &self,
        area: &Area<'_>,
        sample: impl Fn(&Area<'_>, usize, (i32, i32), i32) -> DrawResult,
    ) -> DrawResult {
        let (total, _) = area.dim_in_pixel();
        for (row, entries) in self.rows.iter().enumerate() {
            let widths: i32 = entries.iter().map(|(_, label)| entry_width(label)).sum();
            let row_width = widths + SPACING * (entries.len() as i32 - 1);
            let mut x = ((total as i32 - row_width) / 2).max(0);
            let y = row as i32 * ROW + ROW / 2;
            for (index, label) in entries {
                sample(area, *index, (x, x + SAMPLE), y)?;
                write(area, label, &style(LABEL, INK, HPos::Left), (x + SAMPLE + GAP, y))?;
                x += entry_width(label) + SPACING;
            }
        }
        Ok(())
    }
}

fn entry_width(label: &str) -> i32 {
    SAMPLE + GAP + width(label, LABEL)
}

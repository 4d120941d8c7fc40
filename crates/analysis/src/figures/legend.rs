//! A legend in rows below the panels, as wide as the figure. There it covers no curve.

use plotters::style::text_anchor::HPos;

use super::canvas::{Area, DrawResult};
use super::palette::INK;
use super::short_labels::{MAX_LABEL, ShortLabels};
use super::text::{LABEL, style, width, write};
use super::tooltip::Tooltip;

const SAMPLE: i32 = 90;
const GAP: i32 = 20;
const SPACING: i32 = 56;
const ROW: i32 = 64;

/// The entries of a legend, in rows.
pub(crate) struct Legend {
    labels: ShortLabels,
    rows: Vec<Vec<(usize, String)>>,
}

impl Legend {
    /// Distributes `labels` over rows of at most `available` pixels. A longer label has its own row, and very long
    /// ones are shortened.
    pub fn new(labels: &[String], available: i32) -> Self {
        let short = ShortLabels::new(labels.iter().map(String::as_str), MAX_LABEL, LABEL);
        let mut rows: Vec<Vec<(usize, String)>> = vec![Vec::new()];
        let mut used = 0;
        for (index, label) in labels.iter().enumerate() {
            let needed = entry_width(short.of(label));
            if used > 0 && used + SPACING + needed > available {
                rows.push(Vec::new());
                used = 0;
            }
            used += needed + if used > 0 { SPACING } else { 0 };
            if let Some(row) = rows.last_mut() {
                row.push((index, label.clone()));
            }
        }
        Self { labels: short, rows }
    }

    /// Its width in pixels: that of its longest row.
    pub fn width(&self) -> i32 {
        self.rows.iter().map(|row| self.row_width(row)).max().unwrap_or(0)
    }

    fn row_width(&self, entries: &[(usize, String)]) -> i32 {
        let widths: i32 = entries.iter().map(|(_, label)| entry_width(self.labels.of(label))).sum();
        widths + SPACING * (entries.len() as i32 - 1)
    }

    /// Its height in pixels.
    pub fn height(&self) -> i32 {
        self.rows.len() as i32 * ROW + GAP
    }

    /// Draws it from the top of `area`, each row centred. `sample` draws the sample of one entry, given its
    /// index, the left and right ends and the height. The page shows the whole of a shortened label on hover.
    pub fn draw(
        &self,
        area: &Area<'_>,
        sample: impl Fn(&Area<'_>, usize, (i32, i32), i32) -> DrawResult,
    ) -> DrawResult {
        let (total, _) = area.dim_in_pixel();
        for (row, entries) in self.rows.iter().enumerate() {
            let mut x = ((total as i32 - self.row_width(entries)) / 2).max(0);
            let y = row as i32 * ROW + ROW / 2;
            for (index, label) in entries {
                sample(area, *index, (x, x + SAMPLE), y)?;
                let text = self.labels.of(label);
                let right = x + entry_width(text);
                write(area, text, &style(LABEL, INK, HPos::Left), (x + SAMPLE + GAP, y))?;
                if text != label {
                    area.draw(&Tooltip::of_bar(x, right, y, &[label]))?;
                }
                x = right + SPACING;
            }
        }
        Ok(())
    }
}

fn entry_width(label: &str) -> i32 {
    SAMPLE + GAP + width(label, LABEL)
}

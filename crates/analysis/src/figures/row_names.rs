//! The names of rows: beside the rows if they leave enough space for the values, otherwise above each row.

use plotters::style::text_anchor::HPos;

use super::canvas::{Area, DrawError};
use super::palette::INK;
use super::text::{LABEL, style};
use super::wrapped::{WrappedText, widest};

const MARGIN: i32 = 30;
/// A column of names takes at most this share of the width of a page, and of a narrower figure.
const MAX_SHARE: f64 = 0.26;
const MAX_SHARE_OF_NARROW: f64 = 0.36;
const NARROW: i32 = 1_500;
/// Names beside their rows have at most this many lines.
const MAX_LINES: i32 = 2;
/// The space between two names.
const LEADING: i32 = 16;

/// The names of some rows.
pub(super) struct RowNames {
    names: Vec<WrappedText>,
    /// The width of the column of names; 0 if they stand above.
    space: i32,
}

impl RowNames {
    /// The width that a column of these names takes in a figure of this width; 0 if they stand above their rows.
    pub fn space<'a>(names: impl Iterator<Item = &'a str>, width: i32) -> i32 {
        let share = if width < NARROW { MAX_SHARE_OF_NARROW } else { MAX_SHARE };
        let most = (share * f64::from(width)) as i32;
        let names: Vec<&str> = names.collect();
        let words = names.iter().flat_map(|name| name.split(' '));
        let one_line = widest(names.iter().copied(), LABEL) + MARGIN;
        if one_line <= most {
            return one_line;
        }
        let max_height = MAX_LINES * WrappedText::new("", most, LABEL).height();
        let fits =
            |name: &&str| WrappedText::new(name, most - MARGIN / 2, LABEL).height() <= max_height;
        let divided = widest(words, LABEL) + MARGIN / 2 > most;
        if divided || !names.iter().all(fits) { 0 } else { most }
    }

    /// Names in a column of the width `space`, or above their rows if that is 0.
    pub fn new(names: &[&str], space: i32, width: i32) -> Self {
        let available = if space > 0 { space - MARGIN / 2 } else { width - 2 * MARGIN };
        let wrapped = names.iter().map(|name| WrappedText::new(name, available, LABEL));
        Self { names: wrapped.collect(), space }
    }

    /// The width of the column of names.
    pub fn column(&self) -> i32 {
        self.space
    }

    /// The height of a row whose values need `values` pixels.
    pub fn row_height(&self, row: usize, values: i32) -> i32 {
        let name = self.names.get(row).map_or(0, WrappedText::height);
        if self.space == 0 { values + name + LEADING } else { values.max(name + LEADING) }
    }

    /// Writes the name of the row that starts at `top`. Returns the height of the middle of its values.
    pub fn draw(
        &self,
        area: &Area<'_>,
        row: usize,
        top: i32,
        values: i32,
    ) -> Result<i32, DrawError> {
        let Some(name) = self.names.get(row) else { return Ok(top) };
        if self.space == 0 {
            name.write(area, &style(LABEL, INK, HPos::Left), (MARGIN, top + LEADING))?;
            return Ok(top + LEADING + name.height() + values / 2);
        }
        let middle = top + self.row_height(row, values) / 2;
        name.write_around(area, &style(LABEL, INK, HPos::Right), (self.space, middle))?;
        Ok(middle)
    }
}

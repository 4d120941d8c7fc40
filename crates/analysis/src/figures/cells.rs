//! Numbers in coloured cells: a map over two settings, its values along both sides, and the bar of its colours.

use plotters::element::Rectangle;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontTransform};

use super::colour_scale::{ColourScale, draw_bar, text_on};
use super::palette::INK;
use super::panels::MARGIN;
use super::paper::{Area, Drawing};
use super::spot::Spot;
use super::text::{LABEL, style, width, write};
use crate::numbers::{counted, exact, score, with_interval};
use crate::scores::Estimate;

/// What the colours are.
const SCORE: &str = "final return";
/// The height of a line of text.
const LINE: i32 = 64;
const CELL: i32 = 104;
/// A cell of few columns is no wider.
const WIDEST_CELL: i32 = 260;
/// Half of what lies between cells.
const GAP: i32 = 2;
/// Width and height of the bar of colours.
const BAR: (i32, i32) = (420, 44);

/// Final scores over two settings.
pub(super) struct Map {
    /// Along x and up y.
    sides: [Side; 2],
    cells: Vec<Cell>,
    /// From the least score to the greatest; maps may share them.
    pub colours: ColourScale,
}

/// A setting and its values.
struct Side {
    setting: String,
    /// As the spec has them, the least first.
    values: Vec<(String, f64)>,
}

/// The score of a pair of values.
struct Cell {
    /// The values of the two settings as written.
    at: [String; 2],
    estimate: Estimate,
}

impl Side {
    fn add(&mut self, (written, number): (&str, f64)) {
        if self.values.iter().all(|(known, _)| known != written) {
            self.values.push((written.to_owned(), number));
            self.values.sort_by(|(_, first), (_, second)| first.total_cmp(second));
        }
    }

    fn widest(&self) -> i32 {
        self.values.iter().map(|(written, _)| width(written, LABEL)).max().unwrap_or(0)
    }
}

impl Map {
    /// Of these settings, along x and up y, still without a cell.
    pub fn new(settings: [&str; 2]) -> Self {
        let side = |setting: &str| Side { setting: setting.to_owned(), values: Vec::new() };
        let colours = ColourScale::over(std::iter::empty());
        Self { sides: settings.map(side), cells: Vec::new(), colours }
    }

    /// Adds the cell of two values, each as the spec has it and as the number that it is.
    pub fn add(&mut self, values: [(&str, f64); 2], estimate: Estimate) {
        for (side, value) in self.sides.iter_mut().zip(values) {
            side.add(value);
        }
        self.cells.push(Cell { at: values.map(|(written, _)| written.to_owned()), estimate });
    }

    /// The names of the settings.
    pub fn settings(&self) -> [&str; 2] {
        self.sides.each_ref().map(|side| side.setting.as_str())
    }

    pub fn scores(&self) -> impl Iterator<Item = f64> {
        self.cells.iter().map(|cell| cell.estimate.value)
    }

    /// The number along x, the value up y and the score of each cell, row by row.
    pub fn rows(&self) -> impl Iterator<Item = (f64, &str, Estimate)> {
        let [along, up] = self.sides.each_ref().map(|side| &side.values);
        up.iter().flat_map(move |(y, _)| {
            along.iter().filter_map(move |(x, number)| {
                Some((*number, y.as_str(), self.cell(x, y)?.estimate))
            })
        })
    }

    /// Whether some value of each setting has come with two of the other.
    pub fn is_grid(&self) -> bool {
        self.sides.iter().enumerate().all(|(place, side)| {
            let has_two = |written: &str| {
                self.cells.iter().filter(|cell| cell.at[place] == written).count() > 1
            };
            side.values.iter().any(|(written, _)| has_two(written))
        })
    }

    fn cell(&self, x: &str, y: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.at == [x, y])
    }

    /// The width of a cell that its number needs.
    fn narrowest_cell(&self) -> i32 {
        let numbers = self.scores().map(|value| width(&score(value), LABEL));
        numbers.max().unwrap_or(0) + MARGIN
    }

    /// The width of a cell in a panel that is so wide.
    fn cell_width(&self, wide: i32) -> i32 {
        let room = wide - 3 * MARGIN - self.sides[1].widest();
        (room / self.sides[0].values.len() as i32).min(WIDEST_CELL).max(self.narrowest_cell())
    }

    /// Whether the values along x stand upright: side by side they have no room.
    fn upright(&self, wide: i32) -> bool {
        self.sides[0].widest() + MARGIN > self.cell_width(wide)
    }

    /// The width that it needs.
    pub fn wide(&self) -> i32 {
        let cells = self.narrowest_cell() * self.sides[0].values.len() as i32;
        let map = self.sides[1].widest() + MARGIN + cells;
        let settings = self.sides.iter().map(|side| width(&side.setting, LABEL) + LINE).max();
        map.max(settings.unwrap_or(0)).max(self.bar_parts().1) + 2 * MARGIN
    }

    /// The height that it needs in a figure that is so wide.
    pub fn high(&self, wide: i32) -> i32 {
        let cells = self.sides[1].values.len() as i32 * CELL;
        LINE + cells + self.foot(wide) + LINE + MARGIN + LINE + MARGIN
    }

    /// The height of the values along x.
    fn foot(&self, wide: i32) -> i32 {
        if self.upright(wide) { self.sides[0].widest() + MARGIN } else { LINE }
    }

    /// The texts left and right of the bar of colours, and how wide they are with it.
    fn bar_parts(&self) -> ([String; 2], i32) {
        let texts = [format!("{SCORE}: {}", score(self.colours.low)), score(self.colours.high)];
        let wide = texts.iter().map(|text| width(text, LABEL) + MARGIN).sum::<i32>() + BAR.0;
        (texts, wide)
    }

    /// Draws it in the middle of `area`.
    pub fn draw(&self, area: &Area<'_>) -> Drawing {
        let wide = area.dim_in_pixel().0 as i32;
        let [columns, rows] = self.sides.each_ref().map(|side| &side.values);
        let (cell, names) = (self.cell_width(wide), self.sides[1].widest());
        let map = names + MARGIN + cell * columns.len() as i32;
        let left = (wide - map) / 2 + names + MARGIN;
        let bottom = LINE + rows.len() as i32 * CELL;
        let text = |side| style(LABEL, INK, side);
        let up = format!("↑ {}", self.sides[1].setting);
        let up_left = (left - MARGIN - names).min(wide - MARGIN - width(&up, LABEL));
        write(area, &up, &text(HPos::Left), (up_left, LINE / 2))?;
        for (row, (y, _)) in rows.iter().enumerate() {
            let top = bottom - (row as i32 + 1) * CELL;
            write(area, y, &text(HPos::Right), (left - MARGIN / 2, top + CELL / 2))?;
            for (column, (x, _)) in columns.iter().enumerate() {
                let corner = (left + column as i32 * cell, top);
                self.draw_cell(area, self.cell(x, y), corner, (corner.0 + cell, top + CELL))?;
            }
        }
        for (column, (x, _)) in columns.iter().enumerate() {
            let middle = left + column as i32 * cell + cell / 2;
            if self.upright(wide) {
                let upright = text(HPos::Right).transform(FontTransform::Rotate270);
                write(area, x, &upright, (middle, bottom + MARGIN / 2))?;
            } else {
                write(area, x, &text(HPos::Center), (middle, bottom + LINE / 2))?;
            }
        }
        let along = format!("{} →", self.sides[0].setting);
        let y = bottom + self.foot(wide) + LINE / 2;
        let half = width(&along, LABEL) / 2 + MARGIN;
        let middle = (left + cell * columns.len() as i32 / 2).max(half).min(wide - half);
        write(area, &along, &text(HPos::Center), (middle, y))?;
        self.draw_bar(area, y + LINE / 2 + MARGIN)
    }

    fn draw_cell(
        &self,
        area: &Area<'_>,
        cell: Option<&Cell>,
        (left, top): (i32, i32),
        (right, bottom): (i32, i32),
    ) -> Drawing {
        let middle = ((left + right) / 2, (top + bottom) / 2);
        let Some(cell) = cell else {
            return write(area, "–", &style(LABEL, INK, HPos::Center), middle);
        };
        let colour = self.colours.colour(cell.estimate.value);
        let corners = [(left + GAP, top + GAP), (right - GAP, bottom - GAP)];
        area.draw(&Rectangle::new(corners, colour.filled()))?;
        let text = style(LABEL, text_on(colour), HPos::Center);
        write(area, &score(cell.estimate.value), &text, middle)?;
        let [along, up] =
            [0, 1].map(|side| format!("{} = {}", self.sides[side].setting, cell.at[side]));
        let Estimate { value, interval, seeds, .. } = cell.estimate;
        let value = format!("{}, {}", with_interval(value, interval, exact), counted(seeds, "run"));
        area.draw(&Spot::along(left, right, middle.1, &[&along, &up, &value]))
    }

    fn draw_bar(&self, area: &Area<'_>, top: i32) -> Drawing {
        let ([before, behind], whole) = self.bar_parts();
        let left = (area.dim_in_pixel().0 as i32 - whole) / 2 + width(&before, LABEL) + MARGIN;
        let (right, middle) = (left + BAR.0, top + LINE / 2);
        write(area, &before, &style(LABEL, INK, HPos::Right), (left - MARGIN, middle))?;
        write(area, &behind, &style(LABEL, INK, HPos::Left), (right + MARGIN, middle))?;
        draw_bar(area, (left, middle - BAR.1 / 2), (right, middle + BAR.1 / 2))
    }
}

//! Scores over two settings as a grid of coloured cells, with the values along both sides and a colour bar.

use plotters::element::Rectangle;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontTransform};
use zerolab_metrics::labels::{short_keys, short_number};

use super::canvas::{Area, DrawResult};
use super::colour_scale::{ColourScale, draw_bar, text_on};
use super::palette::INK;
use super::panels::MARGIN;
use super::text::{LABEL, style, width, write};
use super::tooltip::Tooltip;
use crate::numbers::{counted, exact, score, with_interval};
use crate::scores::Estimate;

/// The name of the colour bar.
const SCORE: &str = "final return";
/// The height of a line of text.
const LINE_HEIGHT: i32 = 64;
const CELL_HEIGHT: i32 = 104;
/// The greatest width of a cell, if there are few columns.
const MAX_CELL_WIDTH: i32 = 260;
/// Half the space between two cells.
const GAP: i32 = 2;
/// The least and the greatest width of the colour bar.
const BAR_WIDTHS: (i32, i32) = (180, 420);
const BAR_HEIGHT: i32 = 44;

/// Final scores over two settings.
pub(super) struct ScoreGrid {
    /// Of the setting along x and of that along y.
    axes: [SettingValues; 2],
    cells: Vec<ScoreCell>,
    /// From the least score to the greatest; several grids can share one scale.
    pub colours: ColourScale,
}

/// A setting and its values.
struct SettingValues {
    setting: String,
    /// The short name of the setting.
    short: String,
    /// As written in the spec, and as numbers, in ascending order.
    values: Vec<(String, f64)>,
}

/// The score of a pair of values.
struct ScoreCell {
    /// The values of the two settings as written in the spec.
    values: [String; 2],
    estimate: Estimate,
}

impl SettingValues {
    fn add(&mut self, (written, number): (&str, f64)) {
        if self.values.iter().all(|(known, _)| known != written) {
            self.values.push((written.to_owned(), number));
            self.values.sort_by(|(_, first), (_, second)| first.total_cmp(second));
        }
    }

    fn widest(&self) -> i32 {
        self.values.iter().map(|(it, _)| width(&short_number(it), LABEL)).max().unwrap_or(0)
    }
}

impl ScoreGrid {
    /// A grid without cells for the settings along x and y.
    pub fn new(settings: [&str; 2]) -> Self {
        let short = short_keys(&settings);
        let axis = |index: usize| SettingValues {
            setting: settings[index].to_owned(),
            short: short[index].clone(),
            values: Vec::new(),
        };
        let colours = ColourScale::over(std::iter::empty());
        Self { axes: [0, 1].map(axis), cells: Vec::new(), colours }
    }

    /// Adds the cell of two values, each as written in the spec and as a number.
    pub fn add(&mut self, values: [(&str, f64); 2], estimate: Estimate) {
        for (axis, value) in self.axes.iter_mut().zip(values) {
            axis.add(value);
        }
        self.cells
            .push(ScoreCell { values: values.map(|(written, _)| written.to_owned()), estimate });
    }

    /// The names of the settings.
    pub fn settings(&self) -> [&str; 2] {
        self.axes.each_ref().map(|axis| axis.setting.as_str())
    }

    pub fn scores(&self) -> impl Iterator<Item = f64> {
        self.cells.iter().map(|cell| cell.estimate.value)
    }

    /// The number along x, the value along y as written, and the score of each cell, row by row.
    pub fn rows(&self) -> impl Iterator<Item = (f64, &str, Estimate)> {
        let [along_x, along_y] = self.axes.each_ref().map(|axis| &axis.values);
        along_y.iter().flat_map(move |(y, _)| {
            along_x.iter().filter_map(move |(x, number)| {
                Some((*number, y.as_str(), self.cell(x, y)?.estimate))
            })
        })
    }

    /// Whether for each setting some value occurs with two values of the other setting.
    pub fn is_grid(&self) -> bool {
        self.axes.iter().enumerate().all(|(index, axis)| {
            let has_two = |written: &str| {
                self.cells.iter().filter(|cell| cell.values[index] == written).count() > 1
            };
            axis.values.iter().any(|(written, _)| has_two(written))
        })
    }

    fn cell(&self, x: &str, y: &str) -> Option<&ScoreCell> {
        self.cells.iter().find(|cell| cell.values == [x, y])
    }

    /// The least width of a cell that all numbers fit into.
    fn min_cell_width(&self) -> i32 {
        let numbers = self.scores().map(|value| width(&score(value), LABEL));
        numbers.max().unwrap_or(0) + MARGIN
    }

    /// The width of a cell in a panel of the given width.
    fn cell_width(&self, panel_width: i32) -> i32 {
        let available = panel_width - 3 * MARGIN - self.axes[1].widest();
        (available / self.axes[0].values.len() as i32)
            .min(MAX_CELL_WIDTH)
            .max(self.min_cell_width())
    }

    /// Whether the values along x are rotated, because they do not fit side by side.
    fn rotates_labels(&self, panel_width: i32) -> bool {
        self.axes[0].widest() + MARGIN > self.cell_width(panel_width)
    }

    /// The least width of its panel.
    pub fn needed_width(&self) -> i32 {
        let cells = self.min_cell_width() * self.axes[0].values.len() as i32;
        let grid = self.axes[1].widest() + MARGIN + cells;
        let settings = self.axes.iter().map(|axis| width(&axis.short, LABEL) + LINE_HEIGHT).max();
        let bar = self.bar_texts().1 + BAR_WIDTHS.0;
        grid.max(settings.unwrap_or(0)).max(bar) + 2 * MARGIN
    }

    /// The height of a panel of the given width.
    pub fn needed_height(&self, panel_width: i32) -> i32 {
        let cells = self.axes[1].values.len() as i32 * CELL_HEIGHT;
        LINE_HEIGHT
            + cells
            + self.x_label_height(panel_width)
            + LINE_HEIGHT
            + MARGIN
            + LINE_HEIGHT
            + MARGIN
    }

    /// The height of the values along x.
    fn x_label_height(&self, panel_width: i32) -> i32 {
        if self.rotates_labels(panel_width) { self.axes[0].widest() + MARGIN } else { LINE_HEIGHT }
    }

    /// The texts left and right of the colour bar, and their width.
    fn bar_texts(&self) -> ([String; 2], i32) {
        let texts = [format!("{SCORE}: {}", score(self.colours.low)), score(self.colours.high)];
        let total = texts.iter().map(|text| width(text, LABEL) + MARGIN).sum();
        (texts, total)
    }

    /// Draws it, horizontally centred in `area`.
    pub fn draw(&self, area: &Area<'_>) -> DrawResult {
        let panel_width = area.dim_in_pixel().0 as i32;
        let [columns, rows] = self.axes.each_ref().map(|axis| &axis.values);
        let (cell, names) = (self.cell_width(panel_width), self.axes[1].widest());
        let grid = names + MARGIN + cell * columns.len() as i32;
        let left = (panel_width - grid) / 2 + names + MARGIN;
        let bottom = LINE_HEIGHT + rows.len() as i32 * CELL_HEIGHT;
        let text = |anchor| style(LABEL, INK, anchor);
        let y_name = format!("↑ {}", self.axes[1].short);
        let y_name_left = (left - MARGIN - names).min(panel_width - MARGIN - width(&y_name, LABEL));
        write(area, &y_name, &text(HPos::Left), (y_name_left, LINE_HEIGHT / 2))?;
        for (row, (y, _)) in rows.iter().enumerate() {
            let top = bottom - (row as i32 + 1) * CELL_HEIGHT;
            write(
                area,
                &short_number(y),
                &text(HPos::Right),
                (left - MARGIN / 2, top + CELL_HEIGHT / 2),
            )?;
            for (column, (x, _)) in columns.iter().enumerate() {
                let corner = (left + column as i32 * cell, top);
                self.draw_cell(
                    area,
                    self.cell(x, y),
                    corner,
                    (corner.0 + cell, top + CELL_HEIGHT),
                )?;
            }
        }
        for (column, (x, _)) in columns.iter().enumerate() {
            let middle = left + column as i32 * cell + cell / 2;
            if self.rotates_labels(panel_width) {
                let rotated = text(HPos::Right).transform(FontTransform::Rotate270);
                write(area, &short_number(x), &rotated, (middle, bottom + MARGIN / 2))?;
            } else {
                write(
                    area,
                    &short_number(x),
                    &text(HPos::Center),
                    (middle, bottom + LINE_HEIGHT / 2),
                )?;
            }
        }
        let x_name = format!("{} →", self.axes[0].short);
        let y = bottom + self.x_label_height(panel_width) + LINE_HEIGHT / 2;
        let half = width(&x_name, LABEL) / 2 + MARGIN;
        let middle = (left + cell * columns.len() as i32 / 2).max(half).min(panel_width - half);
        write(area, &x_name, &text(HPos::Center), (middle, y))?;
        self.draw_bar(area, y + LINE_HEIGHT / 2 + MARGIN)
    }

    fn draw_cell(
        &self,
        area: &Area<'_>,
        cell: Option<&ScoreCell>,
        (left, top): (i32, i32),
        (right, bottom): (i32, i32),
    ) -> DrawResult {
        let middle = ((left + right) / 2, (top + bottom) / 2);
        let Some(cell) = cell else {
            return write(area, "–", &style(LABEL, INK, HPos::Center), middle);
        };
        let colour = self.colours.colour(cell.estimate.value);
        let corners = [(left + GAP, top + GAP), (right - GAP, bottom - GAP)];
        area.draw(&Rectangle::new(corners, colour.filled()))?;
        let text = style(LABEL, text_on(colour), HPos::Center);
        write(area, &score(cell.estimate.value), &text, middle)?;
        let [x, y] =
            [0, 1].map(|axis| format!("{} = {}", self.axes[axis].setting, cell.values[axis]));
        let Estimate { value, interval, seeds, .. } = cell.estimate;
        let value = format!("{}, {}", with_interval(value, interval, exact), counted(seeds, "run"));
        area.draw(&Tooltip::of_bar(left, right, middle.1, &[&x, &y, &value]))
    }

    fn draw_bar(&self, area: &Area<'_>, top: i32) -> DrawResult {
        let ([before, after], texts) = self.bar_texts();
        let panel_width = area.dim_in_pixel().0 as i32;
        let bar = (panel_width - 2 * MARGIN - texts).clamp(BAR_WIDTHS.0, BAR_WIDTHS.1);
        let left = (panel_width - texts - bar) / 2 + width(&before, LABEL) + MARGIN;
        let (right, middle) = (left + bar, top + LINE_HEIGHT / 2);
        write(area, &before, &style(LABEL, INK, HPos::Right), (left - MARGIN, middle))?;
        write(area, &after, &style(LABEL, INK, HPos::Left), (right + MARGIN, middle))?;
        draw_bar(area, (left, middle - BAR_HEIGHT / 2), (right, middle + BAR_HEIGHT / 2))
    }
}

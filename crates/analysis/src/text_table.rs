//! A small table for people: aligned text for the terminal, a `<table>` for the page.

use zerolab_metrics::statistics::Interval;

use crate::numbers::{self, count, score};
use crate::page::escape;

/// A column's heading, and the side its cells keep to.
struct Column {
    heading: String,
    align: Align,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// What a cell says.
#[derive(Clone, Default)]
pub(crate) struct TableCell {
    text: String,
    /// The number behind the text, by which the page sorts; without one it sorts by the text, and last in a column of
    /// numbers.
    number: Option<f64>,
    /// Where a reader of the page is led.
    address: Option<String>,
}

impl TableCell {
    /// A number, as `write` writes it.
    pub fn number(value: f64, write: impl Fn(f64) -> String) -> Self {
        Self { text: write(value), number: Some(value), address: None }
    }

    /// A number, or a dash where it is not known.
    pub fn known(value: Option<f64>, write: impl Fn(f64) -> String) -> Self {
        value.map_or("–".into(), |value| Self::number(value, write))
    }

    /// The ends of an interval, sorted by the lower one, or a dash.
    pub fn interval(interval: Option<Interval>) -> Self {
        interval.map_or("–".into(), |it| Self::number(it.low, |_| numbers::interval(it, score)))
    }

    /// A number of things.
    pub fn count(number: usize) -> Self {
        Self::number(number as f64, |_| count(number as u64))
    }

    /// The same cell as a link.
    pub fn linked(self, address: String) -> Self {
        Self { address: Some(address), ..self }
    }
}

impl From<String> for TableCell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for TableCell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A table of text.
pub(crate) struct TextTable {
    columns: Vec<Column>,
    pub rows: Vec<Vec<TableCell>>,
    /// Rows that stay below, however the others are sorted.
    pub foot: Vec<Vec<TableCell>>,
}

impl TextTable {
    pub fn new<Heading: AsRef<str>>(columns: &[(Heading, Align)]) -> Self {
        let column = |(heading, align): &(Heading, Align)| Column {
            heading: heading.as_ref().to_owned(),
            align: *align,
        };
        let columns = columns.iter().map(column).collect();
        Self { columns, rows: Vec::new(), foot: Vec::new() }
    }

    /// Aligned with spaces, two between columns, headings first; every line ends in a newline.
    pub fn plain(&self) -> String {
        let headings: Vec<&str> =
            self.columns.iter().map(|column| column.heading.as_str()).collect();
        let written = |row: &'_ Vec<TableCell>| -> Vec<String> {
            row.iter().map(|cell| cell.text.clone()).collect()
        };
        let rows: Vec<Vec<String>> = self.rows.iter().chain(&self.foot).map(written).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].as_str()).chain([headings[column]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells = cells.zip(&widths).zip(&self.columns).map(|((cell, width), column)| {
                match column.align {
                    Align::Left => format!("{cell:<width$}"),
                    Align::Right => format!("{cell:>width$}"),
                }
            });
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        let mut text = line(&mut headings.iter().copied());
        for row in [rule].iter().chain(&rows) {
            text.push_str(&line(&mut row.iter().map(String::as_str)));
        }
        text
    }

    /// As HTML, with the number behind each cell for the page's script, which sorts by them.
    pub fn html(&self) -> String {
        let heading = |column: &Column| {
            format!("<th scope=\"col\"{}>{}</th>", class(column), escape(&column.heading))
        };
        let headings: String = self.columns.iter().map(heading).collect();
        let foot = match self.foot.is_empty() {
            true => String::new(),
            false => format!("<tfoot>\n{}</tfoot>", self.html_rows(&self.foot)),
        };
        format!(
            "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{}</tbody>{foot}\
             </table></div>\n",
            self.html_rows(&self.rows)
        )
    }

    fn html_rows(&self, rows: &[Vec<TableCell>]) -> String {
        let cell = |(cell, column): (&TableCell, &Column)| {
            let number = cell.number.filter(|number| number.is_finite());
            let number = number.map_or(String::new(), |it| format!(" data-number=\"{it}\""));
            let text = escape(&cell.text);
            let text = match &cell.address {
                Some(address) => format!("<a href=\"{}\">{text}</a>", escape(address)),
                None => text,
            };
            format!("<td{}{number}>{text}</td>", class(column))
        };
        let row = |row: &Vec<TableCell>| {
            format!("<tr>{}</tr>\n", row.iter().zip(&self.columns).map(cell).collect::<String>())
        };
        rows.iter().map(row).collect()
    }
}

fn class(column: &Column) -> &'static str {
    match column.align {
        Align::Left => "",
        Align::Right => " class=\"number\"",
    }
}

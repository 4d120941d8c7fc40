//! A table of the report: text for the terminal, a sortable `<table>` for the page.

use zerolab_metrics::statistics::Interval;
pub(crate) use zerolab_metrics::text_table::Align;
use zerolab_metrics::text_table::TextTable;

use crate::html::escape;
use crate::numbers::{self, count, score};

/// A column.
struct Column {
    heading: String,
    align: Align,
}

/// A cell: its text, and what the page needs besides.
#[derive(Clone, Default)]
pub(crate) struct TableCell {
    text: String,
    /// The number by which the page sorts. A cell without one is sorted by its text, after all numbers.
    number: Option<f64>,
    /// The target of the cell's link on the page.
    address: Option<String>,
}

impl TableCell {
    /// A number, with `write` as its format.
    pub fn number(value: f64, write: impl Fn(f64) -> String) -> Self {
        Self { text: write(value), number: Some(value), address: None }
    }

    /// A number, or a dash if it is unknown.
    pub fn known(value: Option<f64>, write: impl Fn(f64) -> String) -> Self {
        value.map_or("–".into(), |value| Self::number(value, write))
    }

    /// An interval, sorted by its lower end, or a dash.
    pub fn interval(interval: Option<Interval>) -> Self {
        interval.map_or("–".into(), |it| Self::number(it.low, |_| numbers::interval(it, score)))
    }

    /// A count.
    pub fn count(number: usize) -> Self {
        Self::number(number as f64, |_| count(number as u64))
    }

    /// The same cell with a link.
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

/// Columns and rows of cells.
pub(crate) struct ReportTable {
    columns: Vec<Column>,
    pub rows: Vec<Vec<TableCell>>,
    /// Rows that stay at the bottom when the page sorts the others.
    pub foot: Vec<Vec<TableCell>>,
}

impl ReportTable {
    pub fn new<Heading: AsRef<str>>(columns: &[(Heading, Align)]) -> Self {
        let column = |(heading, align): &(Heading, Align)| Column {
            heading: heading.as_ref().to_owned(),
            align: *align,
        };
        let columns = columns.iter().map(column).collect();
        Self { columns, rows: Vec::new(), foot: Vec::new() }
    }

    /// The table for a terminal.
    pub fn plain(&self) -> TextTable {
        let columns: Vec<(&str, Align)> =
            self.columns.iter().map(|column| (column.heading.as_str(), column.align)).collect();
        let mut table = TextTable::new(&columns);
        for row in self.rows.iter().chain(&self.foot) {
            table.row(row.iter().map(|cell| cell.text.clone()));
        }
        table
    }

    /// The table as HTML. `data-number` of a cell is the number by which the page's script sorts.
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

//! A table of the report: text for the terminal, a sortable `<table>` for the page.

use zerolab_metrics::statistics::Interval;
pub(crate) use zerolab_metrics::text_table::Align;
use zerolab_metrics::text_table::TextTable;

use crate::html::escape;
use crate::numbers::{self, count, score};

/// The heading of a first column whose cells become headings of their rows on the page.
const GROUPED: &str = "environment";

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
    /// A shorter text, which the page shows with the whole one on hover.
    short: Option<String>,
}

impl TableCell {
    /// A number, with `write` as its format.
    pub fn number(value: f64, write: impl Fn(f64) -> String) -> Self {
        Self { text: write(value), number: Some(value), ..Self::default() }
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

    /// A text with a shorter one for the page.
    pub fn shortened(whole: &str, short: &str) -> Self {
        let short = Some(short).filter(|short| *short != whole);
        Self { short: short.map(str::to_owned), ..whole.into() }
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

    /// The table as HTML. `data-number` of a cell is the number by which the page's script sorts. If the first column is
    /// the environment, its name stands once above its rows.
    pub fn html(&self) -> String {
        let grouped = self.columns.first().is_some_and(|column| column.heading == GROUPED);
        let first = usize::from(grouped);
        let heading = |column: &Column| {
            format!("<th scope=\"col\"{}>{}</th>", class(column), escape(&column.heading))
        };
        let headings: String = self.columns[first..].iter().map(heading).collect();
        let body = if grouped { self.grouped_bodies() } else { self.body(&self.rows, 0) };
        let foot = match self.foot.is_empty() {
            true => String::new(),
            false => format!("<tfoot>\n{}</tfoot>", self.html_rows(&self.foot, first)),
        };
        format!(
            "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead><tr>{headings}</tr></thead>\n{body}{foot}\
             </table></div>\n"
        )
    }

    /// A `tbody` for the rows of each first cell, with that cell as its heading.
    fn grouped_bodies(&self) -> String {
        let mut bodies: Vec<(&str, Vec<Vec<TableCell>>)> = Vec::new();
        for row in &self.rows {
            let name = row.first().map_or("", |cell| cell.text.as_str());
            let known = bodies.iter_mut().find(|(known, _)| *known == name);
            match known {
                Some((_, rows)) => rows.push(row.clone()),
                None => bodies.push((name, vec![row.clone()])),
            }
        }
        let columns = self.columns.len() - 1;
        let body = |(name, rows): &(&str, Vec<Vec<TableCell>>)| {
            format!(
                "<tbody class=\"head\"><tr><th colspan=\"{columns}\" scope=\"rowgroup\"><span>{}</span></th></tr>\
                 </tbody>\n{}",
                escape(name),
                self.body(rows, 1)
            )
        };
        bodies.iter().map(body).collect()
    }

    fn body(&self, rows: &[Vec<TableCell>], first: usize) -> String {
        format!("<tbody>\n{}</tbody>", self.html_rows(rows, first))
    }

    /// Rows without the cells before the column `first`.
    fn html_rows(&self, rows: &[Vec<TableCell>], first: usize) -> String {
        let tails: Vec<f64> =
            (0..self.columns.len()).map(|column| self.longest_tail(column)).collect();
        let cell = |column: usize, cell: &TableCell| {
            let number = cell.number.filter(|number| number.is_finite());
            let number = number.map_or(String::new(), |it| format!(" data-number=\"{it}\""));
            let text = escape(&cell.text);
            let text = match (&cell.address, &cell.short) {
                (Some(address), _) => format!("<a href=\"{}\">{text}</a>", escape(address)),
                (None, Some(short)) => {
                    format!("<span title=\"{text}\">{}</span>", whole_words(short))
                }
                (None, None) => text,
            };
            // Decimal points stand below each other.
            let missing = tails[column] - tail(&cell.text).unwrap_or(tails[column]);
            let style = match missing > 0.0 {
                true => format!(" style=\"padding-right:{missing:.1}ch\""),
                false => String::new(),
            };
            let class = match class(&self.columns[column]) {
                "" if has_long_word(cell.short.as_ref().unwrap_or(&cell.text)) => " class=\"long\"",
                class => class,
            };
            format!("<td{class}{number}{style}>{text}</td>")
        };
        let row = |row: &Vec<TableCell>| {
            let cells = row.iter().enumerate().skip(first);
            format!("<tr>{}</tr>\n", cells.map(|(column, it)| cell(column, it)).collect::<String>())
        };
        rows.iter().map(row).collect()
    }

    /// The width of what follows the whole digits of a column's numbers, in widths of a digit; 0 if they are not
    /// aligned.
    fn longest_tail(&self, column: usize) -> f64 {
        if self.columns[column].align == Align::Left {
            return 0.0;
        }
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.filter_map(|cell| tail(&cell.text)).fold(0.0, f64::max)
    }
}

/// The width of what follows the whole digits of a plain number, in widths of a digit.
fn tail(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches('-');
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
    let is_plain = digits.len() > rest.len()
        && rest.chars().all(|c| c.is_ascii_digit() || ".kMGTPEB".contains(c));
    is_plain.then(|| rest.chars().map(|c| if c == '.' { 0.5 } else { 1.0 }).sum())
}

/// A print may break words with more letters, so that a table does not become wider than the paper.
const LONG_WORD: usize = 24;

fn has_long_word(text: &str) -> bool {
    text.split_whitespace().any(|word| word.chars().count() > LONG_WORD)
}

/// A label for a page whose settings are not broken at a hyphen, as in `lr=1e-3`.
fn whole_words(label: &str) -> String {
    let word = |word: &str| match word.contains('-') && !has_long_word(word) {
        true => format!("<span class=\"word\">{}</span>", escape(word)),
        false => escape(word),
    };
    label.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn class(column: &Column) -> &'static str {
    match column.align {
        Align::Left => "",
        Align::Right => " class=\"number\"",
    }
}

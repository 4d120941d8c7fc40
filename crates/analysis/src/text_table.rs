//! A small table for people: aligned text for the terminal, a `<table>` for the page.

use crate::page::escape;

/// A column's heading, and the side its cells keep to.
pub(crate) struct Column {
    pub heading: String,
    pub align: Align,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table of text.
pub(crate) struct TextTable {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

impl TextTable {
    pub fn new<Heading: AsRef<str>>(columns: &[(Heading, Align)]) -> Self {
        let column = |(heading, align): &(Heading, Align)| Column {
            heading: heading.as_ref().to_owned(),
            align: *align,
        };
        let columns = columns.iter().map(column).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Aligned with spaces, two between columns, headings first; every line ends in a newline.
    pub fn plain(&self) -> String {
        let headings: Vec<String> =
            self.columns.iter().map(|column| column.heading.clone()).collect();
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| &row[column]).chain([&headings[column]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        let mut text = String::new();
        for row in [&headings, &rule].into_iter().chain(&self.rows) {
            let cells =
                row.iter().zip(&widths).zip(&self.columns).map(|((cell, width), column)| {
                    match column.align {
                        Align::Left => format!("{cell:<width$}"),
                        Align::Right => format!("{cell:>width$}"),
                    }
                });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// As HTML. `links` may give a cell's address by row and column.
    pub fn html(&self, links: impl Fn(usize, usize) -> Option<String>) -> String {
        let class = |column: usize| match self.columns[column].align {
            Align::Left => "",
            Align::Right => " class=\"number\"",
        };
        let mut html = String::from("<div class=\"scroll\"><table>\n<thead><tr>");
        for (place, column) in self.columns.iter().enumerate() {
            html.push_str(&format!(
                "<th scope=\"col\"{}>{}</th>",
                class(place),
                escape(&column.heading)
            ));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for (row, cells) in self.rows.iter().enumerate() {
            html.push_str("<tr>");
            for (column, cell) in cells.iter().enumerate() {
                let text = match links(row, column) {
                    Some(address) => {
                        format!("<a href=\"{}\">{}</a>", escape(&address), escape(cell))
                    }
                    None => escape(cell),
                };
                html.push_str(&format!("<td{}>{text}</td>", class(column)));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div>\n");
        html
    }
}

//! A table as text for a terminal: aligned columns, two spaces between them, a rule below the headings.

use std::fmt;

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// Headings and rows of cells. [`Display`](fmt::Display) writes the table; every line ends in a newline.
#[derive(Clone, Debug)]
pub struct TextTable {
    headings: Vec<String>,
    alignments: Vec<Align>,
    rows: Vec<Vec<String>>,
    has_rule: bool,
}

impl TextTable {
    /// An empty table with these columns.
    pub fn new<Heading: AsRef<str>>(columns: &[(Heading, Align)]) -> Self {
        Self {
            headings: columns.iter().map(|(heading, _)| heading.as_ref().to_owned()).collect(),
            alignments: columns.iter().map(|(_, align)| *align).collect(),
            rows: Vec::new(),
            has_rule: true,
        }
    }

    /// The same table without the rule below the headings.
    #[must_use]
    pub fn without_rule(self) -> Self {
        Self { has_rule: false, ..self }
    }

    /// Adds a row with one cell for each column. Missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The width of each column in characters.
    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let rows = self.rows.iter().filter_map(|row| row.get(column));
            let cells = rows.chain([&self.headings[column]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.headings.len()).map(width).collect()
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        let rule = self.has_rule.then_some(&rule);
        for row in [&self.headings].into_iter().chain(rule).chain(&self.rows) {
            let cells = row.iter().zip(&widths).zip(&self.alignments);
            let cells = cells.map(|((cell, width), align)| match align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            });
            writeln!(formatter, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TextTable {
        let columns = [("agent", Align::Left), ("updates", Align::Right), ("why", Align::Left)];
        let mut table = TextTable::new(&columns);
        table.row(["dqn".into(), "1,000".into(), "slow".into()]);
        table.row(["efficientzero".into(), "9".into(), String::new()]);
        table
    }

    #[test]
    fn columns_are_aligned_and_no_line_ends_in_spaces() {
        assert_eq!(
            table().to_string(),
            "agent          updates  why\n\
             ─────────────  ───────  ────\n\
             dqn              1,000  slow\n\
             efficientzero        9\n"
        );
    }

    #[test]
    fn the_rule_can_be_left_out() {
        assert_eq!(
            table().without_rule().to_string().lines().nth(1),
            Some("dqn              1,000  slow")
        );
    }
}

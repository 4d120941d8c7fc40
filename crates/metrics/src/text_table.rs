//! A table as text for a terminal: aligned columns, two spaces between them, a rule below the headings.

use std::fmt;

use crate::display_width::{display_width, shortened, wrapped};

/// The space between two columns.
const GAP: &str = "  ";

/// Columns of words are not shortened further than to this width.
const MIN_WORDS: usize = 6;

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
    title: Option<String>,
    /// A heading has several lines if the table is [fitted](Self::fitted).
    headings: Vec<String>,
    alignments: Vec<Align>,
    rows: Vec<Vec<String>>,
    has_rule: bool,
}

impl TextTable {
    /// An empty table with these columns.
    pub fn new<Heading: AsRef<str>>(columns: &[(Heading, Align)]) -> Self {
        Self {
            title: None,
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

    /// The same table below a line of text and an empty line.
    #[must_use]
    pub fn titled(self, title: String) -> Self {
        Self { title: Some(title), ..self }
    }

    /// Adds a row with one cell for each column. Missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The same table for a terminal of `width` columns. If it is wider, headings take several lines. If that is not
    /// enough, the widest columns of words are [`shortened`]. Numbers stay whole, because a part of a number is
    /// another number: a table of many numbers may remain too wide.
    #[must_use]
    pub fn fitted(mut self, width: usize) -> Self {
        let gaps = GAP.len() * self.headings.len().saturating_sub(1);
        if self.widths().iter().sum::<usize>() + gaps <= width {
            return self;
        }
        let narrow = self.narrow_widths();
        let limited = |limit: usize| -> Vec<usize> {
            let width = |(&width, align): (&usize, &Align)| match align {
                Align::Left => width.min(limit),
                Align::Right => width,
            };
            narrow.iter().zip(&self.alignments).map(width).collect()
        };
        let fits = |limit: &usize| limited(*limit).iter().sum::<usize>() + gaps <= width;
        let widths = limited((MIN_WORDS..=width).rev().find(fits).unwrap_or(MIN_WORDS));
        for (column, width) in widths.into_iter().enumerate() {
            let heading = wrapped(&self.headings[column].replace('\n', " "), " ", width);
            self.headings[column] = shortened(&heading, width).join("\n");
            let cells = self.rows.iter_mut().filter_map(|row| row.get_mut(column));
            let mut cells: Vec<&mut String> = cells.collect();
            let short = shortened(&cells, width);
            cells.iter_mut().zip(short).for_each(|(cell, short)| **cell = short);
        }
        self
    }

    /// The width of each column.
    fn widths(&self) -> Vec<usize> {
        self.widths_with(|heading| heading.lines().map(display_width).max())
    }

    /// The width of each column if every word of its heading has a line of its own.
    fn narrow_widths(&self) -> Vec<usize> {
        self.widths_with(|heading| heading.split_whitespace().map(display_width).max())
    }

    fn widths_with(&self, heading_width: impl Fn(&str) -> Option<usize>) -> Vec<usize> {
        let width = |(column, heading): (usize, &String)| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let cells = cells.map(|cell| display_width(cell));
            cells.chain(heading_width(heading)).max().unwrap_or(0)
        };
        self.headings.iter().enumerate().map(width).collect()
    }

    /// The lines of the headings. A heading with fewer lines than others stands at the bottom.
    fn heading_rows(&self) -> Vec<Vec<String>> {
        let height = self.headings.iter().map(|heading| heading.lines().count()).max().unwrap_or(0);
        let cell = |heading: &String, row: usize| {
            let above = height - heading.lines().count();
            let line = row.checked_sub(above).and_then(|line| heading.lines().nth(line));
            line.unwrap_or_default().to_owned()
        };
        let row = |row| self.headings.iter().map(|heading| cell(heading, row)).collect();
        (0..height).map(row).collect()
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(title) = &self.title {
            writeln!(formatter, "{title}\n")?;
        }
        let widths = self.widths();
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        let rule = self.has_rule.then_some(&rule);
        for row in self.heading_rows().iter().chain(rule).chain(&self.rows) {
            let cells = row.iter().zip(&widths).zip(&self.alignments);
            let cells = cells.map(|((cell, width), align)| {
                let space = " ".repeat(width.saturating_sub(display_width(cell)));
                match align {
                    Align::Left => format!("{cell}{space}"),
                    Align::Right => format!("{space}{cell}"),
                }
            });
            writeln!(formatter, "{}", cells.collect::<Vec<_>>().join(GAP).trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn a_title_stands_above_the_table() {
        let expected = format!("over 26 tasks:\n\n{}", table());
        assert_eq!(table().titled("over 26 tasks:".to_owned()).to_string(), expected);
    }

    #[test]
    fn a_table_that_fits_is_not_changed() {
        assert_eq!(table().fitted(28).to_string(), table().to_string());
    }

    #[test]
    fn columns_align_below_chinese_names() {
        let mut table = TextTable::new(&[("agent", Align::Left), ("n", Align::Right)]);
        table.row(["学习率".into(), "1".into()]);
        table.row(["dqn".into(), "10".into()]);
        assert_eq!(table.to_string(), "agent    n\n──────  ──\n学习率   1\ndqn     10\n");
    }

    fn runs() -> TextTable {
        let columns = [
            ("run", Align::Left),
            ("imagined / real step", Align::Right),
            ("FLOPs", Align::Right),
            ("state", Align::Left),
        ];
        let mut table = TextTable::new(&columns);
        for (seed, hash, steps) in [(0, "8ed3f54d", "50"), (1, "fb5b4eed", "1,050")] {
            table.row([
                format!("cartpole-efficientzero-s{seed}-{hash}"),
                steps.to_owned(),
                "940G".to_owned(),
                "pending".to_owned(),
            ]);
        }
        table
    }

    #[test]
    fn headings_are_broken_before_words_are_shortened() {
        assert_eq!(
            runs().fitted(62).to_string(),
            "                                    imagined\n\
             \u{20}                                     / real\n\
             run                                     step  FLOPs  state\n\
             ──────────────────────────────────  ────────  ─────  ───────\n\
             cartpole-efficientzero-s0-8ed3f54d        50   940G  pending\n\
             cartpole-efficientzero-s1-fb5b4eed     1,050   940G  pending\n"
        );
    }

    #[test]
    fn shortened_names_still_differ() {
        assert_eq!(
            runs().fitted(44).to_string(),
            "                    imagined\n\
             \u{20}                     / real\n\
             run                     step  FLOPs  state\n\
             ──────────────────  ────────  ─────  ───────\n\
             cartpole…-8ed3f54d        50   940G  pending\n\
             cartpole…-fb5b4eed     1,050   940G  pending\n"
        );
    }

    #[test]
    fn numbers_are_whole_in_any_width() {
        let table = runs().fitted(1).to_string();
        assert!(table.ends_with("\nca…eed     1,050   940G  pendi…\n"), "{table}");
    }

    proptest! {
        #[test]
        fn a_fitted_table_is_no_wider_than_its_terminal_unless_numbers_need_that(
            rows in prop::collection::vec(("\\PC{0,40}", "[0-9]{0,9}", "[a-z 学]{0,60}"), 0..8),
            heading in "[a-z]{0,9}( [a-z]{1,9}){0,3}",
            width in 0..120usize,
        ) {
            let columns = [
                ("name of the run", Align::Left),
                (heading.as_str(), Align::Right),
                ("reason", Align::Left),
            ];
            let mut table = TextTable::new(&columns);
            let mut needed = heading.split(' ').map(str::len).max().unwrap_or(0);
            for (name, number, reason) in rows {
                needed = needed.max(number.len());
                table.row([name, number, reason]);
            }
            let allowed = width.max(needed + 2 * (GAP.len() + MIN_WORDS));
            let fitted = table.clone().fitted(width).to_string();
            for line in fitted.lines() {
                prop_assert!(display_width(line) <= allowed, "{}", fitted);
            }
            prop_assert_eq!(table.clone().fitted(usize::MAX >> 1).to_string(), table.to_string());
        }
    }
}

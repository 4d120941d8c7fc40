//! The texts that a configuration is made of (the spec, presets, arguments) and places in them.
//!
//! Every value keeps its [`Span`] from reading to the last check, so that an error found after merging
//! and sweeping still points at what a person wrote.

use std::ops::Range;

/// A piece of one of the texts, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Which text.
    pub source: usize,
    /// Where it begins.
    pub start: usize,
    /// Where it ends; not part of it.
    pub end: usize,
}

impl Span {
    /// The piece `range` of the text `source`.
    pub fn new(source: usize, range: Range<usize>) -> Self {
        Self { source, start: range.start, end: range.end }
    }
}

/// Every text read for one plan.
#[derive(Debug, Default)]
pub(super) struct Sources {
    texts: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    /// A file's path, or `command line`.
    name: String,
    text: String,
    /// Whether lines are counted: in files, not on the command line.
    numbered: bool,
}

impl Sources {
    /// Takes in a text with lines, such as a file's, and gives its number.
    pub fn add_file(&mut self, name: String, text: String) -> usize {
        self.texts.push(Source { name, text, numbered: true });
        self.texts.len() - 1
    }

    /// Takes in one argument as written on the command line, and gives its number.
    pub fn add_argument(&mut self, text: String) -> usize {
        self.texts.push(Source { name: "command line".to_owned(), text, numbered: false });
        self.texts.len() - 1
    }

    /// Where a piece stands, as `file:line:column`; lines and columns count from 1, columns in characters.
    pub fn place(&self, span: Span) -> String {
        let source = &self.texts[span.source];
        let (number, line, column) = source.line_at(span.start);
        if source.numbered {
            format!("{}:{number}:{}", source.name, line[..column].chars().count() + 1)
        } else {
            source.name.clone()
        }
    }

    /// The place of a piece and its line, with the piece underlined.
    pub fn excerpt(&self, span: Span) -> String {
        let source = &self.texts[span.source];
        let (number, line, column) = source.line_at(span.start);
        let number = if source.numbered { number.to_string() } else { " ".to_owned() };
        let margin = " ".repeat(number.len());
        let end = (column + span.end.saturating_sub(span.start)).min(line.len());
        let width = line[column..].char_indices().take_while(|(at, _)| column + at < end).count();
        // Tabs stay tabs, so that the underline stands below the text however wide they are shown.
        let indent: String =
            line[..column].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        format!(
            "{margin}--> {place}\n{margin} |\n{number} | {line}\n{margin} | {indent}{marks}\n",
            place = self.place(span),
            marks = "^".repeat(width.max(1)),
        )
    }
}

impl Source {
    /// The number (from 1) and text of the line that holds the byte `offset`, and the byte's column.
    fn line_at(&self, offset: usize) -> (usize, &str, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        (before.matches('\n').count() + 1, line, (offset - start).min(line.len()))
    }
}

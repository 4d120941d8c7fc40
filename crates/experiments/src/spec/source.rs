//! The texts of a configuration (spec, presets, arguments) and places in them.
//!
//! Every value keeps its [`Span`] to the last check. So an error that is found after merging and sweeping
//! still points at the user's text.

use std::ops::Range;

/// A range of bytes in one of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The number of the text.
    pub source: usize,
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The bytes `range` of the text `source`.
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
    /// Whether to print line numbers: for files, not for the command line.
    numbered: bool,
}

impl Sources {
    /// Adds the text of a file and returns its number.
    pub fn add_file(&mut self, name: String, text: String) -> usize {
        self.texts.push(Source { name, text, numbered: true });
        self.texts.len() - 1
    }

    /// Adds one command line argument and returns its number.
    pub fn add_argument(&mut self, text: String) -> usize {
        self.texts.push(Source { name: "command line".to_owned(), text, numbered: false });
        self.texts.len() - 1
    }

    /// The place of a span as `file:line:column`. Lines and columns start at 1; columns count characters.
    pub fn place(&self, span: Span) -> String {
        let source = &self.texts[span.source];
        let (number, line, column) = source.line_at(span.start);
        if source.numbered {
            format!("{}:{number}:{}", source.name, line[..column].chars().count() + 1)
        } else {
            source.name.clone()
        }
    }

    /// The place of a span, and its line with the span underlined.
    pub fn excerpt(&self, span: Span) -> String {
        let source = &self.texts[span.source];
        let (number, line, column) = source.line_at(span.start);
        let number = if source.numbered { number.to_string() } else { " ".to_owned() };
        let margin = " ".repeat(number.len());
        let end = (column + span.end.saturating_sub(span.start)).min(line.len());
        let width = line[column..].char_indices().take_while(|(at, _)| column + at < end).count();
        // Tabs stay tabs, so that the underline is below the text at any tab width.
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
    /// The number (from 1) and the text of the line with the byte `offset`, and the column in bytes.
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

//! Texts in as many lines as they need for a width. So no text is cut, and different labels stay different.

use plotters::style::TextStyle;

use super::canvas::{Area, DrawResult};
use super::text::{width, write};

/// A text in lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrappedText {
    lines: Vec<String>,
    size: i32,
}

impl WrappedText {
    /// Lines of at most `available` pixels at the text size `size`. Lines end at spaces, or after `.`, `_`, `,` and `/`
    /// in a longer word, or else anywhere.
    pub fn new(text: &str, available: i32, size: i32) -> Self {
        let fits = |line: &str| width(line.trim_end(), size) <= available;
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for part in parts(text, |part| fits(part)) {
            if !line.is_empty() && !fits(&format!("{line}{part}")) {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(&part);
        }
        lines.push(line);
        Self { lines: lines.iter().map(|line| line.trim().to_owned()).collect(), size }
    }

    /// The width of its longest line in pixels.
    pub fn width(&self) -> i32 {
        self.lines.iter().map(|line| width(line, self.size)).max().unwrap_or(0)
    }

    fn line_height(&self) -> i32 {
        self.size * 6 / 5
    }

    /// Its height in pixels.
    pub fn height(&self) -> i32 {
        self.lines.len() as i32 * self.line_height()
    }

    /// Writes the lines from `top` on, each with its anchor at `x`.
    pub fn write(
        &self,
        area: &Area<'_>,
        style: &TextStyle<'_>,
        (x, top): (i32, i32),
    ) -> DrawResult {
        for (index, line) in self.lines.iter().enumerate() {
            let y = top + index as i32 * self.line_height() + self.line_height() / 2;
            write(area, line, style, (x, y))?;
        }
        Ok(())
    }

    /// Writes the lines with the middle of their height at `y`.
    pub fn write_around(
        &self,
        area: &Area<'_>,
        style: &TextStyle<'_>,
        (x, y): (i32, i32),
    ) -> DrawResult {
        self.write(area, style, (x, y - self.height() / 2))
    }
}

/// The greatest width of texts in pixels, each on one line.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>, size: i32) -> i32 {
    texts.map(|text| width(text, size)).max().unwrap_or(0)
}

/// The words of a text with the spaces that follow them. Words that do not fit are divided.
fn parts(text: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in text.split_inclusive(' ') {
        if fits(word) {
            parts.push(word.to_owned());
            continue;
        }
        for piece in word.split_inclusive(['.', '_', ',', '/']) {
            if fits(piece) {
                parts.push(piece.to_owned());
            } else {
                parts.extend(piece.chars().map(String::from));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::text::{LABEL, register};
    use super::*;

    fn lines(text: &str, available: i32) -> Vec<String> {
        assert!(register());
        let wrapped = WrappedText::new(text, available, LABEL);
        assert!(wrapped.width() <= available);
        wrapped.lines
    }

    #[test]
    fn lines_end_at_spaces_and_long_words_at_signs() {
        assert_eq!(lines("an agent", 400), ["an agent"]);
        assert_eq!(lines("an agent with a long name", 400), ["an agent with a long", "name"]);
        let key = lines("reanalyse.of_the_oldest.share=0.5", 400);
        assert_eq!(key.concat(), "reanalyse.of_the_oldest.share=0.5");
        assert!(key.len() > 1 && key[0].ends_with(['.', '_']), "{key:?}");
        assert_eq!(lines(&"a".repeat(80), 400).concat(), "a".repeat(80));
    }
}

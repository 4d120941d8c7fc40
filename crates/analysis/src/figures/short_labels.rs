//! Labels that fit into a width. Long ones are shortened, and different labels stay different.

use zerolab_metrics::labels::short_label;

use super::text::width;

/// The greatest width of an agent's label in pixels. The legend of one panel then still fits into a page's column.
pub(super) const MAX_LABEL: i32 = 1_300;

/// Which shares of a text's characters are tried before the `…`. The first is used unless it makes two labels equal.
const HEADS: [f64; 7] = [0.5, 0.4, 0.6, 0.25, 0.75, 0.1, 0.9];

/// Labels with the texts that are drawn for them.
pub(super) struct ShortLabels {
    /// Each label once, with its text.
    texts: Vec<(String, String)>,
    size: i32,
}

impl ShortLabels {
    /// Texts of at most `available` pixels at the text size `size`. If a label is longer, all have short names of
    /// settings, and what is still longer has a `…` in its middle.
    pub fn new<'a>(labels: impl Iterator<Item = &'a str>, available: i32, size: i32) -> Self {
        let mut whole: Vec<String> = Vec::new();
        for label in labels {
            if !whole.iter().any(|known| known == label) {
                whole.push(label.to_owned());
            }
        }
        let fitting = Fitting { available, size };
        let texts = if fitting.all(&whole) { whole.clone() } else { fitting.shorten(&whole) };
        Self { texts: whole.into_iter().zip(texts).collect(), size }
    }

    /// The text of a label.
    pub fn of<'a>(&'a self, label: &'a str) -> &'a str {
        self.texts.iter().find(|(whole, _)| whole == label).map_or(label, |(_, text)| text)
    }

    /// The width of the widest text in pixels.
    pub fn widest(&self) -> i32 {
        self.texts.iter().map(|(_, text)| width(text, self.size)).max().unwrap_or(0)
    }
}

/// One text of at most `available` pixels.
pub(super) fn shortened(text: &str, available: i32, size: i32) -> String {
    Fitting { available, size }.cut(text, HEADS[0])
}

/// What texts must fit into.
struct Fitting {
    available: i32,
    size: i32,
}

impl Fitting {
    fn fits(&self, text: &str) -> bool {
        width(text, self.size) <= self.available
    }

    fn all(&self, texts: &[String]) -> bool {
        texts.iter().all(|text| self.fits(text))
    }

    fn shorten(&self, whole: &[String]) -> Vec<String> {
        let short: Vec<String> = whole.iter().map(|label| short_label(label)).collect();
        let short = if all_differ(&short) { short } else { whole.to_vec() };
        let cut = |head: &f64| short.iter().map(|label| self.cut(label, *head)).collect::<Vec<_>>();
        HEADS.iter().map(cut).find(|texts| all_differ(texts)).unwrap_or_else(|| {
            // Labels that differ only deep inside are numbered.
            let number = |index: usize| format!(" #{}", index + 1);
            let reserved = width(&number(short.len()), self.size);
            let fitting = Fitting { available: self.available - reserved, size: self.size };
            let numbered = short.iter().enumerate();
            numbered.map(|(index, label)| fitting.cut(label, HEADS[0]) + &number(index)).collect()
        })
    }

    /// The text with as many characters as fit, the share `head` of them before a `…`.
    fn cut(&self, text: &str, head: f64) -> String {
        if self.fits(text) {
            return text.to_owned();
        }
        let characters: Vec<char> = text.chars().collect();
        let keep = |count: usize| {
            let before = (count as f64 * head).round() as usize;
            let start: String = characters[..before].iter().collect();
            let end: String = characters[characters.len() - (count - before)..].iter().collect();
            format!("{}…{}", start.trim_end(), end.trim_start())
        };
        (1..characters.len())
            .rev()
            .map(keep)
            .find(|text| self.fits(text))
            .unwrap_or_else(|| keep(0))
    }
}

fn all_differ(texts: &[String]) -> bool {
    texts.iter().enumerate().all(|(index, text)| !texts[..index].contains(text))
}

#[cfg(test)]
mod tests {
    use super::super::text::{LABEL, register};
    use super::*;

    fn texts(labels: &[&str], available: i32) -> Vec<String> {
        assert!(register());
        let short = ShortLabels::new(labels.iter().copied(), available, LABEL);
        assert!(short.widest() <= available);
        labels.iter().map(|label| short.of(label).to_owned()).collect()
    }

    #[test]
    fn labels_that_fit_stay_and_others_have_short_settings() {
        let labels = ["muzero [search.simulations=4]", "muzero [search.simulations=16]"];
        assert_eq!(texts(&labels, 1_000), labels);
        assert_eq!(texts(&labels, 500), ["muzero [sims=4]", "muzero [sims=16]"]);
    }

    #[test]
    fn what_is_still_too_long_is_cut_where_different_labels_stay_different() {
        let labels = ["an agent with a long name", "an agent with a wrong name", "an agent"];
        let short = texts(&labels, 400);
        assert_eq!(short[2], "an agent");
        assert!(short[0].starts_with("an") && short[0].contains('…') && short[0].ends_with("name"));
        assert_ne!(short[0], short[1]);
        let long = format!("{}x{}", "a".repeat(80), "a".repeat(80));
        let other = format!("{}y{}", "a".repeat(80), "a".repeat(80));
        let short = texts(&[&long, &other], 400);
        assert!(short[0].ends_with(" #1") && short[1].ends_with(" #2"), "{short:?}");
    }

    #[test]
    fn equal_labels_have_one_text() {
        let labels = ["an agent with a long name", "an agent with a long name"];
        let short = texts(&labels, 300);
        assert_eq!(short[0], short[1]);
    }
}

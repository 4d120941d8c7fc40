//! The width of text in a terminal, and text that is wrapped or shortened to a width. A character has the width of
//! Unicode Standard Annex 11: Chinese characters take two columns, combining marks none.

use std::cmp::Reverse;
use std::collections::HashSet;

use unicode_width::UnicodeWidthChar;

/// What stands for the part of a text that was cut out.
const ELLIPSIS: &str = "…";

/// The number of columns that a text takes.
#[must_use]
pub fn display_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// The text in lines of at most `width` columns, broken only after a `separator`. A longer part has a line of its own.
#[must_use]
pub fn wrapped(text: &str, separator: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split_inclusive(separator) {
        let needed = display_width(part.trim_end());
        match lines.last_mut() {
            Some(line) if display_width(line) + needed <= width => line.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The texts, those longer than `width` columns with `…` in place of a part. Texts that differ still differ if any cut
/// allows that. They are cut at their end if that is enough, else as near to their middle as possible.
#[must_use]
pub fn shortened<Text: AsRef<str>>(texts: &[Text], width: usize) -> Vec<String> {
    let whole: Vec<String> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    if whole.iter().all(|text| display_width(text) <= width) {
        return whole;
    }
    let kept = width.saturating_sub(display_width(ELLIPSIS));
    let cut_after = |head: usize| -> Vec<String> {
        whole.iter().map(|text| cut(text, width, head, kept - head)).collect()
    };
    let distinct = |head: usize| cut_after(head).into_iter().collect::<HashSet<_>>().len();
    let distance = |head: usize| if head == kept { 0 } else { 1 + head.abs_diff(kept / 2) };
    let best = (0..=kept).max_by_key(|&head| (distinct(head), Reverse(distance(head))));
    cut_after(best.unwrap_or(kept))
}

/// The first `head` columns of a text and its last `tail`, or all of it if it fits into `width`.
fn cut(text: &str, width: usize, head: usize, tail: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let fits_into = |room: usize| {
        let mut taken = 0;
        move |character: &char| {
            taken += char_width(*character);
            taken <= room
        }
    };
    let start: String = text.chars().take_while(fits_into(head)).collect();
    let end: Vec<char> = text.chars().rev().take_while(fits_into(tail)).collect();
    let end: String = end.into_iter().rev().collect();
    format!("{start}{ELLIPSIS}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_end_is_cut_off_where_the_rest_tells_texts_apart() {
        let texts = ["one step of the game", "an episode of it", "short"];
        assert_eq!(shortened(&texts, 10), ["one step …", "an episod…", "short"]);
        assert_eq!(shortened(&texts, 100), texts);
    }

    #[test]
    fn texts_that_differ_at_their_ends_are_cut_in_the_middle() {
        let labels = ["efficientzero [lr=1e-3 sims=16]", "efficientzero [lr=1e-3 sims=8]"];
        assert_eq!(shortened(&labels, 20), ["efficient…3 sims=16]", "efficient…-3 sims=8]"]);
        // Elsewhere if the middle is where they differ.
        let labels =
            ["efficientzero [lr=1e-3 simulations=16]", "efficientzero [lr=1e-4 simulations=16]"];
        assert_eq!(shortened(&labels, 20), ["ef…3 simulations=16]", "ef…4 simulations=16]"]);
    }

    #[test]
    fn a_chinese_character_takes_two_columns_and_is_never_divided() {
        assert_eq!(display_width("学习率"), 6);
        assert_eq!(shortened(&["学习率"], 5), ["学习…"]);
        assert_eq!(shortened(&["学习率"], 4), ["学…"]);
    }

    #[test]
    fn a_list_is_broken_after_its_commas() {
        assert_eq!(wrapped("imagines 1, 2, 3", ", ", 12), ["imagines 1,", "2, 3"]);
        assert_eq!(wrapped("imagined steps", " ", 3), ["imagined", "steps"]);
        assert_eq!(wrapped("", " ", 3), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_shortened_text_is_wider(
            texts in prop::collection::vec("\\PC{0,30}", 0..6),
            width in 1..30usize,
        ) {
            let short = shortened(&texts, width);
            prop_assert_eq!(short.len(), texts.len());
            for (short, text) in short.iter().zip(&texts) {
                prop_assert!(display_width(short) <= width);
                prop_assert!(display_width(text) > width || short == text);
            }
        }
    }
}

//! The parts of a frame of a GIF: picture or features, actions, bars, text.

use zerolab_agents::Decision;
use zerolab_environments::{Description, Scene};

use super::bitmap::{Bitmap, TEXT_HEIGHT};
use super::picture::{Colour, Picture};

pub use super::bitmap::TEXT_WIDTH;

/// The greatest side of a picture in pixels. A cell has a whole number of pixels, at least one.
const PICTURE: usize = 240;
/// The width of the bars of a vector.
const FEATURES: usize = 120;
/// The space around all parts.
pub const MARGIN: usize = 8;
/// The height of a line of text with the space below it.
pub const ROW: usize = TEXT_HEIGHT + 6;
/// The width of the panel.
pub const PANEL: usize = VISITS + 7 * TEXT_WIDTH + MARGIN;
/// The column of bars in the panel, and their greatest length.
const BARS: (usize, usize) = (32, 104);
/// The column of visit counts in the panel. They have up to seven digits.
const VISITS: usize = BARS.0 + BARS.1 + 8;
/// The height of the history.
pub const HISTORY: usize = 64;
/// The width of a step in the history.
pub const STEP: usize = 5;

/// The colour of the background.
pub const BACKGROUND: Colour = [26; 3];
/// The colour of axes.
pub const LINES: Colour = [102; 3];
/// The colour of text and of predicted values.
pub const TEXT: Colour = [255; 3];
const POLICY: Colour = [51, 153, 255];
/// The colour of priors and of less important text.
pub const PRIOR: Colour = [153; 3];
/// The colour of rewards.
pub const REWARD: Colour = [51, 204, 102];
/// The colour of imagined rewards.
pub const IMAGINED: Colour = [255, 153, 51];

/// The words of a text in lines of at most `columns` characters. A longer word is divided.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for part in letters.chunks(columns) {
            let part: String = part.iter().collect();
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(&part),
                Some(line) if line.chars().count() + 1 + part.chars().count() <= columns => {
                    line.push(' ');
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
    }
    lines
}

/// A bar of two columns upwards, or downwards if `height` is negative.
pub fn bar(bitmap: &mut Bitmap, (left, middle): (usize, usize), height: isize, colour: Colour) {
    let length = height.unsigned_abs();
    let top = if height > 0 { middle.saturating_sub(length) } else { middle + 1 };
    bitmap.rectangle((left, top), (2, length), colour);
}

/// The side of a cell in pixels.
fn scale(width: usize, height: usize) -> usize {
    (PICTURE / width.max(height).max(1)).max(1)
}

/// The width and height of what shows a state: its picture, or the bars of its features.
pub fn state_size(description: &Description, scene: Option<&Scene>) -> (usize, usize) {
    let shown = |height, width| (width * scale(width, height), height * scale(width, height));
    match (scene, &*description.observation_shape) {
        (Some(Scene { height, width, .. }), _) => shown(*height, *width),
        (None, [_, height, width]) => shown(*height, *width),
        _ => (FEATURES, ROW * description.observation_len()),
    }
}

/// Draws a picture from a corner.
pub fn cells(bitmap: &mut Bitmap, (left, top): (usize, usize), picture: &Picture) {
    let side = scale(picture.width, picture.height);
    // Lines separate the cells of a board.
    let filled = if picture.is_image || side < 3 { side } else { side - 1 };
    for (row, cells) in picture.rows().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let corner = (left + column * side, top + row * side);
            bitmap.rectangle(corner, (filled, filled), cell.colour);
        }
    }
}

/// Draws a bar of x / (1 + |x|) for each feature, to the left or the right of the middle.
pub fn features(bitmap: &mut Bitmap, (left, top): (usize, usize), observation: &[f32]) {
    let middle = left + FEATURES / 2;
    bitmap.rectangle((middle, top), (1, ROW * observation.len()), LINES);
    for (index, value) in observation.iter().enumerate() {
        let length = (value.abs() / (1.0 + value.abs()) * (FEATURES / 2) as f32).round() as usize;
        let left = if *value < 0.0 { middle - length } else { middle + 1 };
        bitmap.rectangle((left, top + index * ROW), (length, ROW - 4), POLICY);
    }
}

/// Draws a row for each legal action: its number (bright if chosen), a bar for the policy or the value, below
/// it a bar for the prior, and the visit count.
pub fn actions(
    bitmap: &mut Bitmap,
    (left, top): (usize, usize),
    decision: &Decision,
    legal: &[bool],
) {
    let Decision { policy, prior, visits, action_values, .. } = decision;
    let values = shares(action_values);
    let (name, bars) = if policy.is_empty() {
        ("WORTH ", values.as_slice())
    } else {
        ("POLICY ", policy.as_slice())
    };
    if !bars.is_empty() {
        let end = bitmap.text((left, top), name, POLICY);
        if !prior.is_empty() {
            bitmap.text((end, top), "PRIOR", PRIOR);
        }
        if !visits.is_empty() {
            bitmap.text((left + VISITS, top), "VISITS", TEXT);
        }
    }
    for (action, _) in legal.iter().enumerate().filter(|(_, legal)| **legal) {
        let row = top + (1 + action) * ROW;
        let chosen = action == decision.action;
        if chosen {
            bitmap.rectangle((left, row), (3, ROW - 4), IMAGINED);
        }
        bitmap.text((left + 6, row), &action.to_string(), if chosen { TEXT } else { PRIOR });
        let length = |share: f32| (share.clamp(0.0, 1.0) * BARS.1 as f32).round() as usize;
        let height = if prior.is_empty() { ROW - 4 } else { 8 };
        if let Some(share) = bars.get(action) {
            bitmap.rectangle((left + BARS.0, row), (length(*share), height), POLICY);
        }
        if let Some(visits) = visits.get(action) {
            bitmap.text((left + VISITS, row), &visits.to_string(), TEXT);
        }
        if let Some(share) = prior.get(action) {
            bitmap.rectangle((left + BARS.0, row + 9), (length(*share), 3), PRIOR);
        }
    }
}

/// Scales values to 0 for the least and 1 for the greatest.
fn shares(values: &[f32]) -> Vec<f32> {
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let range = (greatest - least).max(f32::MIN_POSITIVE);
    values.iter().map(|value| (value - least) / range).collect()
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn a_title_is_wrapped_between_words_and_nothing_of_it_is_lost() {
        assert_eq!(wrapped("an agent in a world", 8), ["an agent", "in a", "world"]);
        assert_eq!(wrapped("efficientzero", 5), ["effic", "ientz", "ero"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}

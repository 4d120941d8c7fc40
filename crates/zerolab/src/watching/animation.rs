//! A watched episode as a GIF: a frame for each step and one for the end. The same episode gives the same
//! bytes.
//!
//! The observation is on the left, the panel with the decision on the right. The history of the last steps is
//! below: the predicted values, the rewards, and the rewards that the earliest search which still applies had
//! imagined.

use std::collections::VecDeque;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use gif::{Encoder, EncodingError, Frame, Repeat};
use tempfile::NamedTempFile;
use zerolab_agents::Decision;
use zerolab_environments::Description;
use zerolab_experiments::inspect::watch::WatchedStep;
use zerolab_metrics::files::{rename, temporary_beside};

use super::bitmap::{Bitmap, TEXT_HEIGHT, palette};
use super::picture::{Colour, Picture};

/// The greatest side of a picture in pixels. A cell has a whole number of pixels, at least one.
const PICTURE: usize = 240;
/// The width of the bars of a vector.
const FEATURES: usize = 120;
const MARGIN: usize = 8;
const ROW: usize = TEXT_HEIGHT + 6;
/// The width of the panel.
const PANEL: usize = 192;
/// The column of bars in the panel, and their greatest length.
const BARS: (usize, usize) = (32, 104);
/// The column of visit counts in the panel.
const VISITS: usize = BARS.0 + BARS.1 + 8;
/// The height of the history.
const HISTORY: usize = 64;
/// The width of a step in the history.
const STEP: usize = 5;
/// The time that the last frame is shown, in hundredths of a second.
const LAST_FRAME_DELAY: u16 = 150;

const BACKGROUND: Colour = [26; 3];
const LINES: Colour = [102; 3];
const TEXT: Colour = [255; 3];
const POLICY: Colour = [51, 153, 255];
const PRIOR: Colour = [153; 3];
const REWARD: Colour = [51, 204, 102];
const IMAGINED: Colour = [255, 153, 51];

/// A GIF that is being written.
pub struct Animation<'a> {
    description: &'a Description,
    encoder: Encoder<BufWriter<NamedTempFile>>,
    path: PathBuf,
    /// The time that a step is shown, in hundredths of a second.
    delay: u16,
    /// Width and height in pixels.
    size: (usize, usize),
    /// The last steps, oldest first.
    history: VecDeque<PastStep>,
    /// The greatest absolute number in the history so far, for its scale.
    greatest: f32,
}

/// The numbers of a step in the history.
#[derive(Clone, Copy)]
struct PastStep {
    value: Option<f32>,
    reward: f32,
    imagined: Option<f32>,
}

impl<'a> Animation<'a> {
    /// Creates the file, under another name until it is complete. Each step is shown for `delay`
    /// milliseconds.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create(path: &Path, description: &'a Description, delay: u64) -> io::Result<Self> {
        let (width, height) = picture_size(description);
        let size = (
            MARGIN + width + MARGIN + PANEL,
            MARGIN + height.max(ROW * (4 + description.num_actions)) + MARGIN + HISTORY,
        );
        let file = BufWriter::new(temporary_beside(path)?);
        let [columns, rows] = [size.0, size.1].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let mut encoder = Encoder::new(file, columns, rows, &palette()).map_err(io_error)?;
        encoder.set_repeat(Repeat::Infinite).map_err(io_error)?;
        Ok(Self {
            description,
            encoder,
            path: path.to_owned(),
            delay: u16::try_from(delay / 10).unwrap_or(u16::MAX),
            size,
            history: VecDeque::new(),
            greatest: 0.0,
        })
    }

    /// Adds the frame of a step. After the last step also adds the frame of the last observation.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, step: &WatchedStep) -> io::Result<()> {
        let past = PastStep {
            value: step.thought.as_ref().and_then(|decision| decision.value),
            reward: step.reward,
            imagined: step
                .foreseen
                .first()
                .filter(|foreseen| foreseen.steps_before > 0)
                .map(|foreseen| foreseen.reward),
        };
        let numbers = [past.value, Some(past.reward), past.imagined];
        self.greatest =
            numbers.into_iter().flatten().fold(self.greatest, |greatest, x| greatest.max(x.abs()));
        self.history.push_back(past);
        if self.history.len() > (self.size.0 - 2 * MARGIN) / STEP {
            self.history.pop_front();
        }
        let mut bitmap = self.frame(step, &step.observation);
        match &step.thought {
            Some(decision) => actions(&mut bitmap, self.panel(), decision, &step.legal),
            None => {
                bitmap.text((self.panel(), MARGIN + 3 * ROW), "THE OPPONENT", PRIOR);
            }
        }
        self.write_frame(bitmap, self.delay)?;
        if let Some(last) = &step.last_observation {
            let mut bitmap = self.frame(step, last);
            bitmap.text((self.panel(), MARGIN + 3 * ROW), "THE END", TEXT);
            self.write_frame(bitmap, LAST_FRAME_DELAY)?;
        }
        Ok(())
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        let file = self.encoder.into_inner().map_err(io_error)?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        rename(file, &self.path)
    }

    /// The first column of the panel.
    fn panel(&self) -> usize {
        self.size.0 - PANEL
    }

    /// The frame of a step, without the decision.
    fn frame(&self, step: &WatchedStep, observation: &[f32]) -> Bitmap {
        let mut bitmap = Bitmap::new(self.size.0, self.size.1, BACKGROUND);
        match Picture::of(self.description, observation) {
            Some(picture) => cells(&mut bitmap, &picture),
            None => features(&mut bitmap, observation),
        }
        let left = self.panel();
        bitmap.text((left, MARGIN), &format!("STEP {}", step.step), TEXT);
        bitmap.text((left, MARGIN + ROW), &format!("RETURN {:+.1}", step.r#return), TEXT);
        let value = step.thought.as_ref().and_then(|decision| decision.value);
        let value = value.map_or_else(String::new, |value| format!("{value:+.2}"));
        bitmap.text((left, MARGIN + 2 * ROW), &format!("VALUE {value}"), TEXT);
        self.draw_history(&mut bitmap);
        bitmap
    }

    /// Draws the history, oldest step on the left.
    fn draw_history(&self, bitmap: &mut Bitmap) {
        let top = self.size.1 - HISTORY;
        let mut end = bitmap.text((MARGIN, top), "VALUE ", TEXT);
        end = bitmap.text((end, top), "REWARD ", REWARD);
        bitmap.text((end, top), "IMAGINED", IMAGINED);
        let half = (HISTORY - ROW) / 2 - MARGIN / 2;
        let middle = top + ROW + half;
        bitmap.rectangle((MARGIN, middle), (self.size.0 - 2 * MARGIN, 1), LINES);
        let height = |number: f32| {
            (number / self.greatest.max(f32::MIN_POSITIVE) * half as f32).round() as isize
        };
        for (index, past) in self.history.iter().enumerate() {
            let left = MARGIN + index * STEP;
            bar(bitmap, (left, middle), height(past.reward), REWARD);
            if let Some(imagined) = past.imagined {
                bar(bitmap, (left + 2, middle), height(imagined), IMAGINED);
            }
            if let Some(value) = past.value {
                let row = middle.saturating_add_signed(-height(value)).saturating_sub(1);
                bitmap.rectangle((left + 1, row), (2, 2), TEXT);
            }
        }
    }

    fn write_frame(&mut self, bitmap: Bitmap, delay: u16) -> io::Result<()> {
        let [width, height] =
            [bitmap.width, bitmap.height].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let frame =
            Frame { width, height, delay, buffer: bitmap.pixels.into(), ..Frame::default() };
        self.encoder.write_frame(&frame).map_err(io_error)
    }
}

/// A bar of two columns upwards, or downwards if `height` is negative.
fn bar(bitmap: &mut Bitmap, (left, middle): (usize, usize), height: isize, colour: Colour) {
    let length = height.unsigned_abs();
    let top = if height > 0 { middle.saturating_sub(length) } else { middle + 1 };
    bitmap.rectangle((left, top), (2, length), colour);
}

/// The side of a cell in pixels.
fn scale(width: usize, height: usize) -> usize {
    (PICTURE / width.max(height).max(1)).max(1)
}

fn picture_size(description: &Description) -> (usize, usize) {
    match *description.observation_shape {
        [_, height, width] => (width * scale(width, height), height * scale(width, height)),
        _ => (FEATURES, ROW * description.observation_len()),
    }
}

fn cells(bitmap: &mut Bitmap, picture: &Picture) {
    let side = scale(picture.width, picture.height);
    // Lines separate the cells of a board.
    let filled = if picture.is_image || side < 3 { side } else { side - 1 };
    for (row, cells) in picture.rows().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let corner = (MARGIN + column * side, MARGIN + row * side);
            bitmap.rectangle(corner, (filled, filled), cell.colour);
        }
    }
}

/// Draws a bar of x / (1 + |x|) for each feature, to the left or the right of the middle.
fn features(bitmap: &mut Bitmap, observation: &[f32]) {
    let middle = MARGIN + FEATURES / 2;
    bitmap.rectangle((middle, MARGIN), (1, ROW * observation.len()), LINES);
    for (index, value) in observation.iter().enumerate() {
        let length = (value.abs() / (1.0 + value.abs()) * (FEATURES / 2) as f32).round() as usize;
        let left = if *value < 0.0 { middle - length } else { middle + 1 };
        bitmap.rectangle((left, MARGIN + index * ROW), (length, ROW - 4), POLICY);
    }
}

/// Draws a row for each legal action: its number (bright if chosen), a bar for the policy or the value, below
/// it a bar for the prior, and the visit count.
fn actions(bitmap: &mut Bitmap, left: usize, decision: &Decision, legal: &[bool]) {
    let Decision { policy, prior, visits, action_values, .. } = decision;
    let top = MARGIN + 3 * ROW;
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
            bitmap.text((left + VISITS, top), "VISIT", TEXT);
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

fn io_error(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        error => io::Error::other(error),
    }
}

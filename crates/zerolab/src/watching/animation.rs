//! A watched episode as a GIF: a frame for each step and one for the end. The same episode gives the same bytes.
//!
//! On the left what is seen, on the right what is thought of each action, below the last steps: the expected values, the
//! rewards, and what the earliest thought that still held had imagined of them.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use gif::{Encoder, EncodingError, Frame, Repeat};
use zerolab_agents::Deliberation;
use zerolab_environments::Description;
use zerolab_experiments::inspect::watch::WatchedStep;

use super::canvas::{Canvas, LINE, palette};
use super::picture::{Colour, Picture};

/// Boards are drawn so large, or a little smaller; images as they are, or by a whole number larger.
const PICTURE: usize = 240;
/// Of a vector.
const FEATURES: usize = 120;
const MARGIN: usize = 8;
const ROW: usize = LINE + 6;
const PANEL: usize = 192;
/// Where bars begin in the panel, and how long the longest are.
const BARS: (usize, usize) = (32, 104);
/// Where visit counts stand in the panel.
const VISITS: usize = BARS.0 + BARS.1 + 8;
/// Height of the part below, and columns a step takes there.
const HISTORY: usize = 64;
const STEP: usize = 5;
/// How long the end is shown, in hundredths of a second.
const LAST: u16 = 150;

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
    encoder: Encoder<BufWriter<File>>,
    path: PathBuf,
    unfinished: PathBuf,
    /// How long a step is shown, in hundredths of a second.
    delay: u16,
    size: (usize, usize),
    /// The last steps.
    history: VecDeque<Past>,
    /// The greatest number that the history ever showed.
    greatest: f32,
}

/// What is shown of a step that has gone by.
#[derive(Clone, Copy)]
struct Past {
    value: Option<f32>,
    reward: f32,
    imagined: Option<f32>,
}

impl<'a> Animation<'a> {
    /// Begins the file, under another name until it is complete. Each step is shown for `delay` milliseconds.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(path: &Path, description: &'a Description, delay: u64) -> io::Result<Self> {
        let (width, height) = picture_size(description);
        let size = (
            MARGIN + width + MARGIN + PANEL,
            MARGIN + height.max(ROW * (4 + description.num_actions)) + MARGIN + HISTORY,
        );
        let unfinished = path.with_extension("gif.unfinished");
        let file = BufWriter::new(File::create(&unfinished)?);
        let [columns, rows] = [size.0, size.1].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let mut encoder = Encoder::new(file, columns, rows, &palette()).map_err(written)?;
        encoder.set_repeat(Repeat::Infinite).map_err(written)?;
        Ok(Self {
            description,
            encoder,
            path: path.to_owned(),
            unfinished,
            delay: u16::try_from(delay / 10).unwrap_or(u16::MAX),
            size,
            history: VecDeque::new(),
            greatest: 0.0,
        })
    }

    /// Adds a step, and after the last one what was seen then.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn show(&mut self, step: &WatchedStep) -> io::Result<()> {
        let past = Past {
            value: step.thought.as_ref().and_then(|thought| thought.value),
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
        let mut canvas = self.canvas(step, &step.observation);
        match &step.thought {
            Some(thought) => actions(&mut canvas, self.panel(), thought, &step.legal),
            None => {
                canvas.words((self.panel(), MARGIN + 3 * ROW), "THE OPPONENT", PRIOR);
            }
        }
        self.add(canvas, self.delay)?;
        if let Some(last) = &step.last_observation {
            let mut canvas = self.canvas(step, last);
            canvas.words((self.panel(), MARGIN + 3 * ROW), "THE END", TEXT);
            self.add(canvas, LAST)?;
        }
        Ok(())
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        let file = self.encoder.into_inner().map_err(written)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.unfinished, &self.path)
    }

    /// Where the panel begins.
    fn panel(&self) -> usize {
        self.size.0 - PANEL
    }

    /// All but what is thought of the actions.
    fn canvas(&self, step: &WatchedStep, observation: &[f32]) -> Canvas {
        let mut canvas = Canvas::new(self.size.0, self.size.1, BACKGROUND);
        match Picture::of(self.description, observation) {
            Some(picture) => cells(&mut canvas, &picture),
            None => features(&mut canvas, observation),
        }
        let left = self.panel();
        canvas.words((left, MARGIN), &format!("STEP {}", step.step), TEXT);
        canvas.words((left, MARGIN + ROW), &format!("RETURN {:+.1}", step.r#return), TEXT);
        let value = step.thought.as_ref().and_then(|thought| thought.value);
        let value = value.map_or_else(String::new, |value| format!("{value:+.2}"));
        canvas.words((left, MARGIN + 2 * ROW), &format!("VALUE {value}"), TEXT);
        self.past(&mut canvas);
        canvas
    }

    /// The history, from the left.
    fn past(&self, canvas: &mut Canvas) {
        let top = self.size.1 - HISTORY;
        let mut end = canvas.words((MARGIN, top), "VALUE ", TEXT);
        end = canvas.words((end, top), "REWARD ", REWARD);
        canvas.words((end, top), "IMAGINED", IMAGINED);
        let half = (HISTORY - ROW) / 2 - MARGIN / 2;
        let middle = top + ROW + half;
        canvas.rectangle((MARGIN, middle), (self.size.0 - 2 * MARGIN, 1), LINES);
        let height = |number: f32| {
            (number / self.greatest.max(f32::MIN_POSITIVE) * half as f32).round() as isize
        };
        for (index, past) in self.history.iter().enumerate() {
            let left = MARGIN + index * STEP;
            bar(canvas, (left, middle), height(past.reward), REWARD);
            if let Some(imagined) = past.imagined {
                bar(canvas, (left + 2, middle), height(imagined), IMAGINED);
            }
            if let Some(value) = past.value {
                let row = middle.saturating_add_signed(-height(value)).saturating_sub(1);
                canvas.rectangle((left + 1, row), (2, 2), TEXT);
            }
        }
    }

    fn add(&mut self, canvas: Canvas, delay: u16) -> io::Result<()> {
        let [width, height] =
            [canvas.width, canvas.height].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
        let frame =
            Frame { width, height, delay, buffer: canvas.pixels.into(), ..Frame::default() };
        self.encoder.write_frame(&frame).map_err(written)
    }
}

/// Two columns upwards or, where `height` is negative, downwards.
fn bar(canvas: &mut Canvas, (left, middle): (usize, usize), height: isize, colour: Colour) {
    let long = height.unsigned_abs();
    let top = if height > 0 { middle.saturating_sub(long) } else { middle + 1 };
    canvas.rectangle((left, top), (2, long), colour);
}

/// Pixels of a cell's side.
fn scale(width: usize, height: usize) -> usize {
    (PICTURE / width.max(height).max(1)).max(1)
}

fn picture_size(description: &Description) -> (usize, usize) {
    match *description.observation_shape {
        [_, height, width] => (width * scale(width, height), height * scale(width, height)),
        _ => (FEATURES, ROW * description.observation_len()),
    }
}

fn cells(canvas: &mut Canvas, picture: &Picture) {
    let side = scale(picture.width, picture.height);
    // A board's cells are set apart by a line.
    let filled = if picture.is_image || side < 3 { side } else { side - 1 };
    for (row, cells) in picture.rows().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let corner = (MARGIN + column * side, MARGIN + row * side);
            canvas.rectangle(corner, (filled, filled), cell.colour);
        }
    }
}

/// Bars to the left and the right of the middle, by x / (1 + |x|).
fn features(canvas: &mut Canvas, observation: &[f32]) {
    let middle = MARGIN + FEATURES / 2;
    canvas.rectangle((middle, MARGIN), (1, ROW * observation.len()), LINES);
    for (index, value) in observation.iter().enumerate() {
        let long = (value.abs() / (1.0 + value.abs()) * (FEATURES / 2) as f32).round() as usize;
        let left = if *value < 0.0 { middle - long } else { middle + 1 };
        canvas.rectangle((left, MARGIN + index * ROW), (long, ROW - 4), POLICY);
    }
}

/// A row an action: its number, bright where it was chosen, the bar of the policy or of the value, under it that of the
/// prior, and at the end how often it was tried.
fn actions(canvas: &mut Canvas, left: usize, thought: &Deliberation, legal: &[bool]) {
    let Deliberation { policy, prior, visits, action_values, .. } = thought;
    let top = MARGIN + 3 * ROW;
    let values = shares(action_values);
    let (name, bars) = if policy.is_empty() {
        ("WORTH ", values.as_slice())
    } else {
        ("POLICY ", policy.as_slice())
    };
    if !bars.is_empty() {
        let end = canvas.words((left, top), name, POLICY);
        if !prior.is_empty() {
            canvas.words((end, top), "PRIOR", PRIOR);
        }
        if !visits.is_empty() {
            canvas.words((left + VISITS, top), "VISIT", TEXT);
        }
    }
    for (action, _) in legal.iter().enumerate().filter(|(_, legal)| **legal) {
        let row = top + (1 + action) * ROW;
        let chosen = action == thought.action;
        if chosen {
            canvas.rectangle((left, row), (3, ROW - 4), IMAGINED);
        }
        canvas.words((left + 6, row), &action.to_string(), if chosen { TEXT } else { PRIOR });
        let long = |share: f32| (share.clamp(0.0, 1.0) * BARS.1 as f32).round() as usize;
        let thick = if prior.is_empty() { ROW - 4 } else { 8 };
        if let Some(share) = bars.get(action) {
            canvas.rectangle((left + BARS.0, row), (long(*share), thick), POLICY);
        }
        if let Some(visits) = visits.get(action) {
            canvas.words((left + VISITS, row), &visits.to_string(), TEXT);
        }
        if let Some(share) = prior.get(action) {
            canvas.rectangle((left + BARS.0, row + 9), (long(*share), 3), PRIOR);
        }
    }
}

/// Values from 0 for the least to 1 for the greatest.
fn shares(values: &[f32]) -> Vec<f32> {
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let range = (greatest - least).max(f32::MIN_POSITIVE);
    values.iter().map(|value| (value - least) / range).collect()
}

fn written(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        error => io::Error::other(error),
    }
}

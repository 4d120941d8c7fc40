//! A watched episode as a GIF: a frame for each step and one for the end. The same episode gives the same
//! bytes.
//!
//! The title is at the top, the state on the left, the panel with the decision on the right. The history of the last
//! steps is below: the predicted values, the rewards, and the rewards that the earliest search which still applies had
//! imagined.

use std::collections::VecDeque;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use gif::{Encoder, EncodingError, Frame, Repeat};
use tempfile::NamedTempFile;
use zerolab_environments::{Description, Scene};
use zerolab_experiments::inspect::watch::WatchedStep;
use zerolab_metrics::files::{rename, temporary_beside};

use super::bitmap::{Bitmap, palette};
use super::panel::{
    BACKGROUND, HISTORY, IMAGINED, LINES, MARGIN, PANEL, PRIOR, REWARD, ROW, STEP, TEXT,
    TEXT_WIDTH, actions, bar, cells, features, state_size, wrapped,
};
use super::picture::Picture;

/// The time that the last frame is shown, in hundredths of a second.
const LAST_FRAME_DELAY: u16 = 150;

/// A GIF that is being written.
pub struct Animation<'a> {
    description: &'a Description,
    encoder: Encoder<BufWriter<NamedTempFile>>,
    path: PathBuf,
    /// The time that a step is shown, in hundredths of a second.
    delay: u16,
    /// Width and height in pixels.
    size: (usize, usize),
    /// The lines of the title.
    title: Vec<String>,
    /// The last steps, oldest first.
    history: VecDeque<PastStep>,
    /// The greatest absolute number in the history so far, for its scale.
    greatest: f32,
}

/// The numbers of a step in the history.
#[derive(Clone, Copy)]
struct PastStep {
    value: Option<f32>,
    /// `None` if it was hidden.
    reward: Option<f32>,
    imagined: Option<f32>,
}

impl<'a> Animation<'a> {
    /// Creates the file, under another name until it is complete. Each step is shown for `delay`
    /// milliseconds. `scene` is a picture of the environment, if it has any.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create(
        path: &Path,
        description: &'a Description,
        scene: Option<&Scene>,
        title: &str,
        delay: u64,
    ) -> io::Result<Self> {
        let (width, height) = state_size(description, scene);
        let columns = MARGIN + width + MARGIN + PANEL;
        let title = wrapped(title, (columns - 2 * MARGIN) / TEXT_WIDTH);
        let top = MARGIN + title.len() * ROW + MARGIN;
        let rows = top + height.max(ROW * (4 + description.num_actions)) + MARGIN + HISTORY;
        let size = (columns, rows);
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
            title,
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
        let numbers = [past.value, past.reward, past.imagined];
        self.greatest =
            numbers.into_iter().flatten().fold(self.greatest, |greatest, x| greatest.max(x.abs()));
        self.history.push_back(past);
        if self.history.len() > (self.size.0 - 2 * MARGIN) / STEP {
            self.history.pop_front();
        }
        let mut bitmap = self.frame(step, &step.observation, step.scene.as_ref());
        let place = (self.panel(), self.top() + 3 * ROW);
        match &step.thought {
            Some(decision) => actions(&mut bitmap, place, decision, &step.legal),
            None => {
                bitmap.text(place, "THE OPPONENT", PRIOR);
            }
        }
        self.write_frame(bitmap, self.delay)?;
        if let Some(last) = &step.last_observation {
            let mut bitmap = self.frame(step, last, step.last_scene.as_ref());
            bitmap.text(place, "THE END", TEXT);
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

    /// The first row below the title.
    fn top(&self) -> usize {
        MARGIN + self.title.len() * ROW + MARGIN
    }

    /// The frame of a step, without the decision.
    fn frame(&self, step: &WatchedStep, observation: &[f32], scene: Option<&Scene>) -> Bitmap {
        let mut bitmap = Bitmap::new(self.size.0, self.size.1, BACKGROUND);
        for (line, text) in self.title.iter().enumerate() {
            bitmap.text((MARGIN, MARGIN + line * ROW), text, PRIOR);
        }
        let (left, top) = (self.panel(), self.top());
        let picture = scene.map(Picture::of_scene);
        match picture.or_else(|| Picture::of(self.description, observation)) {
            Some(picture) => cells(&mut bitmap, (MARGIN, top), &picture),
            None => features(&mut bitmap, (MARGIN, top), observation),
        }
        bitmap.text((left, top), &format!("STEP {}", step.step), TEXT);
        bitmap.text((left, top + ROW), &format!("RETURN {:+.1}", step.r#return), TEXT);
        let value = step.thought.as_ref().and_then(|decision| decision.value);
        let value = value.map_or_else(String::new, |value| format!("{value:+.2}"));
        bitmap.text((left, top + 2 * ROW), &format!("VALUE {value}"), TEXT);
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
            if let Some(reward) = past.reward {
                bar(bitmap, (left, middle), height(reward), REWARD);
            }
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

fn io_error(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        error => io::Error::other(error),
    }
}

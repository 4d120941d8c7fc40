//! From the observations of the environment to those of the agent: grey, shrunk, planes first, stacked.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::found::{Found, Image};
use super::messages::Numbers;
use super::settings::Settings;
use crate::resize::{Pixel, Resize};

/// The shares of red, green and blue in grey (ITU-R BT.601).
const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// Makes frames of observations.
#[derive(Clone, Debug)]
pub(super) struct FrameMaker {
    image: Option<Image>,
    resize: Option<Resize>,
    grey: bool,
    stack: usize,
    greatest_byte: f32,
}

/// The last frames, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Frames(VecDeque<Numbers>);

impl FrameMaker {
    pub fn new(found: &Found, settings: &Settings) -> Self {
        let image = found.image();
        let shrinker = |to| {
            let Image { height, width, .. } = image?;
            Some(Resize::new([height, width], to))
        };
        Self {
            image,
            resize: settings.shrunk().and_then(shrinker),
            grey: settings.grey,
            stack: settings.frame_stack.max(1),
            greatest_byte: found.greatest_byte(settings),
        }
    }

    /// The frames at the beginning of an episode: copies of the first.
    pub fn first(&mut self, observation: Numbers) -> Frames {
        let frame = self.frame(observation);
        Frames(std::iter::repeat_n(frame, self.stack).collect())
    }

    /// Adds a frame and drops the oldest.
    pub fn push(&mut self, frames: &mut Frames, observation: Numbers) {
        frames.0.pop_front();
        let frame = self.frame(observation);
        frames.0.push_back(frame);
    }

    /// Writes the frames. Where there are none yet, zeros.
    pub fn observe(&self, frames: &Frames, observation: &mut [f32]) {
        observation.fill(0.0);
        let one = (observation.len() / self.stack).max(1);
        for (part, frame) in observation.chunks_exact_mut(one).zip(&frames.0) {
            match frame {
                Numbers::Floats(numbers) => part.copy_from_slice(numbers),
                Numbers::Bytes(bytes) => {
                    let scaled = bytes.iter().map(|byte| f32::from(*byte) / self.greatest_byte);
                    part.iter_mut().zip(scaled).for_each(|(number, scaled)| *number = scaled);
                }
            }
        }
    }

    fn frame(&mut self, observation: Numbers) -> Numbers {
        match (self.image, observation) {
            (None, observation) => observation,
            (Some(image), Numbers::Floats(numbers)) => Numbers::Floats(planes(&numbers, image)),
            (Some(image), Numbers::Bytes(bytes)) => Numbers::Bytes(self.picture(&bytes, image)),
        }
    }

    fn picture(&mut self, bytes: &[u8], image: Image) -> Vec<u8> {
        let planes = planes(bytes, image);
        let planes = if self.grey { grey(&planes) } else { planes };
        let Some(resize) = &mut self.resize else { return planes };
        let Image { height, width, .. } = image;
        let count = planes.len() / (height * width);
        let mut rows: Vec<Vec<[u8; 4]>> = Vec::new();
        let read = |row: usize, pixels: &mut [Pixel]| {
            for (column, pixel) in pixels.iter_mut().enumerate() {
                for (plane, value) in pixel.iter_mut().take(count).enumerate() {
                    *value = f32::from(planes[(plane * height + row) * width + column]);
                }
            }
            true
        };
        resize.apply(read, |_, pixels| rows.push(pixels.to_vec()));
        (0..count).flat_map(|plane| rows.iter().flatten().map(move |pixel| pixel[plane])).collect()
    }
}

/// `[C, H, W]`, whatever the environment's order is.
fn planes<T: Copy>(numbers: &[T], image: Image) -> Vec<T> {
    let Image { height, width, channels, channels_first } = image;
    if channels_first {
        return numbers.to_vec();
    }
    let area = height * width;
    let plane = |channel: usize| (0..area).map(move |cell| numbers[cell * channels + channel]);
    (0..channels).flat_map(plane).collect()
}

fn grey(planes: &[u8]) -> Vec<u8> {
    let area = planes.len() / 3;
    let shade = |cell: usize| {
        let parts = (0..3).map(|plane| GREY[plane] * f32::from(planes[plane * area + cell]));
        parts.sum::<f32>().round() as u8
    };
    (0..area).map(shade).collect()
}

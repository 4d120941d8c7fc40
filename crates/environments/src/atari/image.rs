//! What an agent sees: the last four images, each of the last two screens of a step.
//!
//! Two screens, because sprites flicker: the video chip draws some only in every other frame.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::emulator::Emulator;
use super::resize::Resize;

/// Images that are seen at once.
const STACK: usize = 4;

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Image {
    /// 96 × 96 pixels in red, green and blue, as EfficientZero's.
    Rgb96,
    /// 84 × 84 pixels in ALE's grey, as DQN's.
    Grey84,
}

impl Image {
    /// Rows, and columns.
    fn side(self) -> usize {
        match self {
            Self::Rgb96 => 96,
            Self::Grey84 => 84,
        }
    }

    /// Which of a palette's numbers are its channels.
    fn channels(self) -> &'static [usize] {
        match self {
            Self::Rgb96 => &[0, 1, 2],
            Self::Grey84 => &[3],
        }
    }

    /// `[C, H, W]` of what is seen at once.
    pub(super) fn observation_shape(self) -> [usize; 3] {
        [STACK * self.channels().len(), self.side(), self.side()]
    }
}

/// Takes images of an emulator's screen and keeps the last four.
#[derive(Clone, Debug)]
pub(super) struct Camera {
    image: Image,
    resize: Resize,
    /// The last two screens, the older first: `[height, width]` colours.
    screens: [Vec<u8>; 2],
    /// A channel of both in full size.
    full: Vec<u8>,
    /// `[4, channels, side, side]`, the oldest first.
    stack: Vec<u8>,
}

impl Camera {
    /// A camera that has seen nothing but black.
    pub(super) fn new(image: Image, emulator: &Emulator) -> Self {
        let (height, width) = (emulator.facts().height, emulator.facts().width);
        Self {
            image,
            resize: Resize::new([height, width], [image.side(); 2]),
            screens: [vec![0; height * width], vec![0; height * width]],
            full: vec![0; height * width],
            stack: vec![0; image.observation_shape().iter().product()],
        }
    }

    /// Sees the screen.
    pub(super) fn see(&mut self, emulator: &Emulator) {
        self.screens.swap(0, 1);
        emulator.screen(&mut self.screens[1]);
    }

    /// Makes an image of the last two screens, the greater of both at each pixel and channel; the oldest of the four
    /// images is forgotten.
    pub(super) fn shoot(&mut self, emulator: &Emulator) {
        let one = self.stack.len() / STACK;
        self.stack.copy_within(one.., 0);
        let image = &mut self.stack[(STACK - 1) * one..];
        let [older, newer] = &self.screens;
        for (channel, plane) in
            self.image.channels().iter().zip(image.chunks_exact_mut(self.image.side().pow(2)))
        {
            let shades = emulator.facts().palette.map(|colour| colour[*channel]);
            for ((pixel, &one), &other) in self.full.iter_mut().zip(older).zip(newer) {
                *pixel = shades[usize::from(one)].max(shades[usize::from(other)]);
            }
            self.resize.apply(&self.full, plane);
        }
    }

    /// Begins anew with an image of what the screen shows now, four times.
    pub(super) fn begin(&mut self, emulator: &Emulator) {
        self.see(emulator);
        self.see(emulator);
        self.begin_with_the_last(emulator);
    }

    /// Begins anew with an image of the last two screens, four times.
    pub(super) fn begin_with_the_last(&mut self, emulator: &Emulator) {
        (0..STACK).for_each(|_| self.shoot(emulator));
    }

    /// Writes the four images, `[4 · channels, side, side]`, as numbers from 0 to 1.
    pub(super) fn observe(&self, observation: &mut [f32]) {
        for (number, &shade) in observation.iter_mut().zip(&self.stack) {
            *number = f32::from(shade) / 255.0;
        }
    }
}

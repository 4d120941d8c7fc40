//! The observation: a stack of the last four images. Each is the maximum of the last two screens of a step,
//! because the video chip draws some sprites only in every other frame.

use std::sync::Arc;

use super::emulator::{COLOURS, Emulator, GameInfo};
use super::image::{Image, STACK};
use crate::resize::{Pixel, Resize};

/// Makes images of an emulator's screens and keeps the last four.
#[derive(Clone, Debug)]
pub(super) struct FrameStack {
    image: Image,
    /// Red, green, blue and grey of each colour.
    palette: Arc<[Pixel; COLOURS]>,
    resize: Resize,
    /// Number of columns of a screen.
    width: usize,
    /// The last two screens, the older first: `[height, width]` colours.
    screens: [Vec<u8>; 2],
    /// `[4, channels, side, side]`, the oldest first.
    stack: Vec<u8>,
}

impl FrameStack {
    /// A stack of black images.
    pub(super) fn new(image: Image, emulator: &Emulator) -> Self {
        let &GameInfo { height, width, ref palette, .. } = emulator.info();
        Self {
            image,
            palette: Arc::new(palette.map(|colour| colour.map(f32::from))),
            resize: Resize::new([height, width], [image.side(); 2]),
            width,
            screens: [vec![0; height * width], vec![0; height * width]],
            stack: vec![0; image.observation_shape().iter().product()],
        }
    }

    /// Reads the emulator's screen.
    pub(super) fn read_screen(&mut self, emulator: &Emulator) {
        self.screens.swap(0, 1);
        emulator.screen(&mut self.screens[1]);
    }

    /// Adds an image of the last two screens, the greater of both at each pixel and channel. Drops the oldest
    /// image.
    pub(super) fn push(&mut self) {
        let (side, channels, width) = (self.image.side(), self.image.channels(), self.width);
        let one = self.stack.len() / STACK;
        self.stack.copy_within(one.., 0);
        let image = &mut self.stack[(STACK - 1) * one..];
        let row_of = |screen: usize, row: usize| &self.screens[screen][row * width..][..width];
        let palette = &*self.palette;
        let read = |row: usize, pixels: &mut [Pixel]| {
            let [older, newer] = [0, 1].map(|screen| row_of(screen, row));
            // Many rows of a screen equal the row above.
            if row > 0 && [older, newer] == [0, 1].map(|screen| row_of(screen, row - 1)) {
                return false;
            }
            for ((pixel, &one), &other) in pixels.iter_mut().zip(older).zip(newer) {
                let (one, other) = (palette[usize::from(one)], palette[usize::from(other)]);
                *pixel = std::array::from_fn(|channel| one[channel].max(other[channel]));
            }
            true
        };
        let write = |row: usize, pixels: &[[u8; 4]]| {
            for (plane, &channel) in image.chunks_exact_mut(side * side).zip(channels) {
                for (shade, pixel) in plane[row * side..].iter_mut().zip(pixels) {
                    *shade = pixel[channel];
                }
            }
        };
        self.resize.apply(read, write);
    }

    /// Fills the stack with four copies of an image of the current screen.
    pub(super) fn reset(&mut self, emulator: &Emulator) {
        self.read_screen(emulator);
        self.read_screen(emulator);
        self.reset_to_last_screens();
    }

    /// Fills the stack with four copies of an image of the last two screens.
    pub(super) fn reset_to_last_screens(&mut self) {
        self.push();
        let one = self.stack.len() / STACK;
        for place in 0..STACK - 1 {
            self.stack.copy_within((STACK - 1) * one.., place * one);
        }
    }

    /// Writes the four images, `[4 · channels, side, side]`, as numbers between 0 and 1.
    pub(super) fn observe(&self, observation: &mut [f32]) {
        for (number, &shade) in observation.iter_mut().zip(&self.stack) {
            *number = f32::from(shade) / 255.0;
        }
    }
}

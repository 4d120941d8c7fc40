//! What an agent sees: the last four images, each of the last two screens of a step.
//!
//! Two screens, because sprites flicker: the video chip draws some only in every other frame.

use std::sync::Arc;

use super::emulator::{COLOURS, Emulator, Facts};
use super::image::{Image, STACK};
use super::resize::{Pixel, Resize};

/// Takes images of an emulator's screen and keeps the last four.
#[derive(Clone, Debug)]
pub(super) struct Camera {
    image: Image,
    /// Red, green, blue and grey of each colour.
    palette: Arc<[Pixel; COLOURS]>,
    resize: Resize,
    /// Columns of a screen.
    width: usize,
    /// The last two screens, the older first: `[height, width]` colours.
    screens: [Vec<u8>; 2],
    /// `[4, channels, side, side]`, the oldest first.
    stack: Vec<u8>,
}

impl Camera {
    /// A camera that has seen nothing but black.
    pub(super) fn new(image: Image, emulator: &Emulator) -> Self {
        let &Facts { height, width, ref palette, .. } = emulator.facts();
        Self {
            image,
            palette: Arc::new(palette.map(|colour| colour.map(f32::from))),
            resize: Resize::new([height, width], [image.side(); 2]),
            width,
            screens: [vec![0; height * width], vec![0; height * width]],
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
    pub(super) fn shoot(&mut self) {
        let (side, channels, width) = (self.image.side(), self.image.channels(), self.width);
        let one = self.stack.len() / STACK;
        self.stack.copy_within(one.., 0);
        let image = &mut self.stack[(STACK - 1) * one..];
        let row_of = |screen: usize, row: usize| &self.screens[screen][row * width..][..width];
        let palette = &*self.palette;
        let read = |row: usize, pixels: &mut [Pixel]| {
            let [older, newer] = [0, 1].map(|screen| row_of(screen, row));
            // Much of a screen is one row many times.
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

    /// Begins anew with an image of what the screen shows now, four times.
    pub(super) fn begin(&mut self, emulator: &Emulator) {
        self.see(emulator);
        self.see(emulator);
        self.begin_with_the_last();
    }

    /// Begins anew with an image of the last two screens, four times.
    pub(super) fn begin_with_the_last(&mut self) {
        self.shoot();
        let one = self.stack.len() / STACK;
        for place in 0..STACK - 1 {
            self.stack.copy_within((STACK - 1) * one.., place * one);
        }
    }

    /// Writes the four images, `[4 · channels, side, side]`, as numbers from 0 to 1.
    pub(super) fn observe(&self, observation: &mut [f32]) {
        for (number, &shade) in observation.iter_mut().zip(&self.stack) {
            *number = f32::from(shade) / 255.0;
        }
    }
}

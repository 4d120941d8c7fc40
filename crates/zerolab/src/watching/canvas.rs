//! Pixels of 256 fixed colours, and what is drawn on them: rectangles and words.

use super::font;
use super::picture::Colour;

/// Steps of each of red, green and blue; the rest of the colours are greys.
const LEVELS: usize = 6;
const CUBE: usize = LEVELS * LEVELS * LEVELS;
const GREYS: usize = 256 - CUBE;

/// Pixels of the canvas for one of the font.
const LETTER: usize = 2;

/// How high words are.
pub const LINE: usize = LETTER * font::HEIGHT;

/// `[height, width]` pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row after row, numbers of colours in the [`palette`].
    pub pixels: Vec<u8>,
}

/// The colours, three bytes each.
pub fn palette() -> Vec<u8> {
    let level = |level: usize| (level * 255 / (LEVELS - 1)) as u8;
    let cube = (0..CUBE).flat_map(|i| [i / 36, i / 6 % 6, i % 6].map(level));
    let greys = (0..GREYS).flat_map(|i| [(i * 255 / (GREYS - 1)) as u8; 3]);
    cube.chain(greys).collect()
}

/// The number of the colour nearest to it: a grey that the cube does not have is one of the greys.
fn number([red, green, blue]: Colour) -> u8 {
    let nearest = |value: u8, steps: usize| (usize::from(value) * steps + 127) / 255;
    if red == green && green == blue && !usize::from(red).is_multiple_of(255 / (LEVELS - 1)) {
        return (CUBE + nearest(red, GREYS - 1)) as u8;
    }
    let [red, green, blue] = [red, green, blue].map(|value| nearest(value, LEVELS - 1));
    (36 * red + 6 * green + blue) as u8
}

impl Canvas {
    /// All of it in one colour.
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, pixels: vec![number(colour); width * height] }
    }

    /// Fills `[height, width]` pixels from the corner at column `x` and row `y`; what is beyond the edge is left out.
    pub fn rectangle(
        &mut self,
        (x, y): (usize, usize),
        (width, height): (usize, usize),
        colour: Colour,
    ) {
        let columns = x.min(self.width)..(x + width).min(self.width);
        for row in y.min(self.height)..(y + height).min(self.height) {
            self.pixels[row * self.width..][columns.clone()].fill(number(colour));
        }
    }

    /// Writes words from the corner at column `x` and row `y`; where they end.
    pub fn words(&mut self, (x, y): (usize, usize), words: &str, colour: Colour) -> usize {
        let mut left = x;
        for character in words.chars() {
            for (row, bits) in font::rows(character).into_iter().enumerate() {
                for column in (0..font::WIDTH).filter(|column| bits >> (2 - column) & 1 == 1) {
                    let corner = (left + LETTER * column, y + LETTER * row);
                    self.rectangle(corner, (LETTER, LETTER), colour);
                }
            }
            left += LETTER * (font::WIDTH + 1);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_the_palette_is_its_own_nearest_one() {
        let palette = palette();
        assert_eq!(palette.len(), 3 * 256);
        for colour in palette.chunks_exact(3) {
            let found = usize::from(number([colour[0], colour[1], colour[2]]));
            assert_eq!(&palette[3 * found..][..3], colour);
        }
    }

    #[test]
    fn what_is_beyond_the_edge_is_left_out() {
        let mut canvas = Canvas::new(3, 2, [0; 3]);
        canvas.rectangle((2, 1), (5, 5), [255; 3]);
        canvas.rectangle((7, 7), (1, 1), [255; 3]);
        assert_eq!(canvas.pixels, [0, 0, 0, 0, 0, 215]);
    }
}

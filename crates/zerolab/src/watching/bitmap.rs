//! An image of 256 fixed colours, with rectangles and text.

use super::font;
use super::picture::Colour;

/// The number of levels of each of red, green and blue. The other colours are greys.
const LEVELS: usize = 6;
const CUBE: usize = LEVELS * LEVELS * LEVELS;
const GREYS: usize = 256 - CUBE;

/// The side of a font pixel in pixels.
const FONT_SCALE: usize = 2;

/// The width of a character, with the space behind it.
pub const TEXT_WIDTH: usize = FONT_SCALE * (font::WIDTH + 1);

/// The height of text.
pub const TEXT_HEIGHT: usize = FONT_SCALE * font::HEIGHT;

/// `[height, width]` pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
    /// Row after row, indices into the [`palette`].
    pub pixels: Vec<u8>,
}

/// The colours, with three bytes each.
pub fn palette() -> Vec<u8> {
    let level = |level: usize| (level * 255 / (LEVELS - 1)) as u8;
    let cube = (0..CUBE).flat_map(|i| [i / 36, i / 6 % 6, i % 6].map(level));
    let greys = (0..GREYS).flat_map(|i| [(i * 255 / (GREYS - 1)) as u8; 3]);
    cube.chain(greys).collect()
}

/// The index of the nearest colour in the [`palette`]. Greys that the cube does not have are taken from the
/// greys.
fn palette_index([red, green, blue]: Colour) -> u8 {
    let nearest = |value: u8, steps: usize| (usize::from(value) * steps + 127) / 255;
    if red == green && green == blue && !usize::from(red).is_multiple_of(255 / (LEVELS - 1)) {
        return (CUBE + nearest(red, GREYS - 1)) as u8;
    }
    let [red, green, blue] = [red, green, blue].map(|value| nearest(value, LEVELS - 1));
    (36 * red + 6 * green + blue) as u8
}

impl Bitmap {
    /// A bitmap of one colour.
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, pixels: vec![palette_index(colour); width * height] }
    }

    /// Fills `[height, width]` pixels from the corner at column `x` and row `y`. Pixels beyond the edge are
    /// ignored.
    pub fn rectangle(
        &mut self,
        (x, y): (usize, usize),
        (width, height): (usize, usize),
        colour: Colour,
    ) {
        let columns = x.min(self.width)..(x + width).min(self.width);
        for row in y.min(self.height)..(y + height).min(self.height) {
            self.pixels[row * self.width..][columns.clone()].fill(palette_index(colour));
        }
    }

    /// Writes text from the corner at column `x` and row `y`. Returns the column after it.
    pub fn text(&mut self, (x, y): (usize, usize), text: &str, colour: Colour) -> usize {
        let mut left = x;
        for character in text.chars() {
            for (row, bits) in font::rows(character).into_iter().enumerate() {
                for column in (0..font::WIDTH).filter(|column| bits >> (2 - column) & 1 == 1) {
                    let corner = (left + FONT_SCALE * column, y + FONT_SCALE * row);
                    self.rectangle(corner, (FONT_SCALE, FONT_SCALE), colour);
                }
            }
            left += FONT_SCALE * (font::WIDTH + 1);
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
            let found = usize::from(palette_index([colour[0], colour[1], colour[2]]));
            assert_eq!(&palette[3 * found..][..3], colour);
        }
    }

    #[test]
    fn pixels_beyond_the_edge_are_ignored() {
        let mut bitmap = Bitmap::new(3, 2, [0; 3]);
        bitmap.rectangle((2, 1), (5, 5), [255; 3]);
        bitmap.rectangle((7, 7), (1, 1), [255; 3]);
        assert_eq!(bitmap.pixels, [0, 0, 0, 0, 0, 215]);
    }
}

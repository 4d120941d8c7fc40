//! An observation as a picture of cells: a plane of a board is a colour, of a stack of frames the newest one is shown.
//! A vector is no picture.

use zerolab_environments::Description;

/// Red, green, blue.
pub type Colour = [u8; 3];

/// What is behind all planes.
pub const EMPTY: Colour = [0; 3];

/// Of planes, by their number; again from the first where there are more.
const PLANES: [Colour; 10] = [
    [51, 153, 255],
    [255, 153, 51],
    [51, 204, 102],
    [255, 51, 51],
    [204, 102, 255],
    [255, 255, 51],
    [51, 204, 204],
    [255, 153, 204],
    [153, 102, 51],
    [204, 204, 204],
];

/// Of planes, where there are no colours.
const MARKS: &[u8] = b"#o+x*%@&=~";

/// From dark to light, where there are no colours.
const SHADES: &[u8] = b" .:-=+*#%@";

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its colour.
    pub colour: Colour,
    /// What stands for it where there are no colours.
    pub mark: char,
}

/// `[height, width]` cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Whether it is an image, and not a board.
    pub is_image: bool,
    /// Row after row.
    pub cells: Vec<Cell>,
}

impl Picture {
    /// What is seen in `observation`; `None` where that is a vector.
    pub fn of(description: &Description, observation: &[f32]) -> Option<Self> {
        let [planes, height, width] = *description.observation_shape else { return None };
        let area = height * width;
        let newest = planes / description.frames.max(1);
        let planes: Vec<&[f32]> =
            observation.chunks_exact(area.max(1)).skip(planes - newest).collect();
        let is_image = description.frames > 1 && matches!(newest, 1 | 3);
        let cells = if is_image {
            let (least, greatest) = description.observation_range;
            let shade = |value: f32| (255.0 * (value - least) / (greatest - least)).round() as u8;
            let shown = |plane: usize, cell: usize| shade(planes[plane.min(newest - 1)][cell]);
            (0..area).map(|cell| image_cell([0, 1, 2].map(|plane| shown(plane, cell)))).collect()
        } else {
            board(&planes, area)
        };
        Some(Self { height, width, is_image, cells })
    }

    /// The rows of cells.
    pub fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks(self.width.max(1))
    }
}

fn image_cell(colour: Colour) -> Cell {
    let [red, green, blue] = colour.map(usize::from);
    // How light the eye finds it (ITU-R BT.601), in thousandths.
    let light = 299 * red + 587 * green + 114 * blue;
    let mark = SHADES[light * (SHADES.len() - 1) / 255_000] as char;
    Cell { colour, mark }
}

/// In each cell the last plane that has something there. A plane that is the same everywhere tells of no cell (whose turn
/// it is, say), and is left out.
fn board(planes: &[&[f32]], area: usize) -> Vec<Cell> {
    let mut cells = vec![Cell { colour: EMPTY, mark: '.' }; area];
    for (number, plane) in planes.iter().enumerate() {
        if area > 1 && plane.iter().all(|value| *value == plane[0]) {
            continue;
        }
        let (colour, mark) = (PLANES[number % PLANES.len()], MARKS[number % MARKS.len()] as char);
        for (cell, _) in cells.iter_mut().zip(*plane).filter(|(_, value)| **value != 0.0) {
            *cell = Cell { colour, mark };
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(observation_shape: Vec<usize>, frames: usize) -> Description {
        Description { frames, ..Description::new("world", observation_shape, 2) }
    }

    fn marks(picture: &Picture) -> String {
        picture.cells.iter().map(|cell| cell.mark).collect()
    }

    #[test]
    fn the_last_plane_is_on_top_and_an_even_one_is_left_out() {
        let planes = [[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0; 4]].concat();
        let picture = Picture::of(&description(vec![3, 2, 2], 1), &planes).unwrap();
        assert_eq!(marks(&picture), "#o..");
        assert_eq!(picture.cells[1].colour, PLANES[1]);
        assert_eq!(picture.rows().count(), 2);
    }

    #[test]
    fn of_a_stack_the_newest_frame_is_shown() {
        let stack = [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.4, 0.0], [0.0, 1.0]];
        let picture = Picture::of(&description(vec![6, 1, 2], 2), &stack.concat()).unwrap();
        let colours: Vec<Colour> = picture.cells.iter().map(|cell| cell.colour).collect();
        assert_eq!(colours, [[255, 102, 0], [0, 0, 255]]);
        let grey = Picture::of(&description(vec![2, 1, 1], 2), &[0.0, 1.0]).unwrap();
        assert_eq!((grey.cells[0].colour, grey.cells[0].mark), ([255; 3], '@'));
    }

    #[test]
    fn a_vector_is_no_picture() {
        assert_eq!(Picture::of(&description(vec![2], 1), &[0.5, 0.5]), None);
    }
}

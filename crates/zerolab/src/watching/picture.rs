//! A picture of cells: that of the environment, or else of an observation. Each plane of a board has a colour; of a
//! stack of frames only the newest is shown. A vector has no picture of its own.

use zerolab_environments::{Description, Scene};

/// Red, green, blue.
pub type Colour = [u8; 3];

/// The background of a board.
pub const EMPTY: Colour = [0; 3];

/// The colours of planes, by their index. They repeat if there are more planes.
const PLANE_COLOURS: [Colour; 10] = [
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

/// The characters of planes, for output without colours.
const PLANE_MARKS: &[u8] = b"#o+x*%@&=~";

/// The characters of an image from dark to light, for output without colours.
const SHADES: &[u8] = b" .:-=+*#%@";

/// A cell of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureCell {
    /// The colour.
    pub colour: Colour,
    /// The character for output without colours.
    pub mark: char,
}

/// `[height, width]` cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
    /// Whether it is an image instead of a board.
    pub is_image: bool,
    /// Row after row.
    pub cells: Vec<PictureCell>,
}

impl Picture {
    /// The picture of `observation`; `None` for a vector.
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

    /// The picture of an environment's state.
    pub fn of_scene(scene: &Scene) -> Self {
        let cell = |&thing: &u8| match usize::from(thing).checked_sub(1) {
            Some(index) => thing_cell(index),
            None => NOTHING,
        };
        let Scene { height, width, is_image, ref cells } = *scene;
        Self { height, width, is_image, cells: cells.iter().map(cell).collect() }
    }

    /// The image in which one cell stands for `factor` × `factor` cells, with their mean colour.
    pub fn shrunk(&self, factor: usize) -> Self {
        let factor = factor.max(1);
        let rows: Vec<&[PictureCell]> = self.rows().collect();
        let cells = rows.chunks(factor).flat_map(|rows| {
            (0..self.width).step_by(factor).map(|start| {
                let end = self.width.min(start + factor);
                mean_cell(rows.iter().flat_map(|row| &row[start..end]))
            })
        });
        Self {
            height: self.height.div_ceil(factor),
            width: self.width.div_ceil(factor),
            is_image: self.is_image,
            cells: cells.collect(),
        }
    }

    /// The rows of cells.
    pub fn rows(&self) -> impl Iterator<Item = &[PictureCell]> {
        self.cells.chunks(self.width.max(1))
    }
}

/// A cell of a board without anything.
const NOTHING: PictureCell = PictureCell { colour: EMPTY, mark: '.' };

/// The cell of a plane or thing with this index.
fn thing_cell(index: usize) -> PictureCell {
    PictureCell {
        colour: PLANE_COLOURS[index % PLANE_COLOURS.len()],
        mark: PLANE_MARKS[index % PLANE_MARKS.len()] as char,
    }
}

fn image_cell(colour: Colour) -> PictureCell {
    let [red, green, blue] = colour.map(usize::from);
    // The perceived brightness (ITU-R BT.601), in thousandths.
    let brightness = 299 * red + 587 * green + 114 * blue;
    let mark = SHADES[brightness * (SHADES.len() - 1) / 255_000] as char;
    PictureCell { colour, mark }
}

fn mean_cell<'a>(cells: impl Iterator<Item = &'a PictureCell> + Clone) -> PictureCell {
    let count = cells.clone().count().max(1);
    let sum = |channel: usize| cells.clone().map(|cell| usize::from(cell.colour[channel])).sum();
    let mean = |sum: usize| (sum / count) as u8;
    image_cell([0, 1, 2].map(|channel| mean(sum(channel))))
}

/// Shows in each cell the last plane that is not 0 there. Ignores constant planes, which say nothing about
/// single cells (but, for example, whose turn it is).
fn board(planes: &[&[f32]], area: usize) -> Vec<PictureCell> {
    let mut cells = vec![NOTHING; area];
    for (index, plane) in planes.iter().enumerate() {
        if area > 1 && plane.iter().all(|value| *value == plane[0]) {
            continue;
        }
        for (cell, _) in cells.iter_mut().zip(*plane).filter(|(_, value)| **value != 0.0) {
            *cell = thing_cell(index);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(observation_shape: Vec<usize>, frames: usize) -> Description {
        Description { frames, ..Description::new("environment", observation_shape, 2) }
    }

    fn marks(picture: &Picture) -> String {
        picture.cells.iter().map(|cell| cell.mark).collect()
    }

    #[test]
    fn the_last_plane_is_on_top_and_a_constant_one_is_ignored() {
        let planes = [[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0; 4]].concat();
        let picture = Picture::of(&description(vec![3, 2, 2], 1), &planes).unwrap();
        assert_eq!(marks(&picture), "#o..");
        assert_eq!(picture.cells[1].colour, PLANE_COLOURS[1]);
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
    fn a_shrunk_image_has_mean_colours() {
        let stack = [[0.0; 6], [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]].concat();
        let picture = Picture::of(&description(vec![2, 2, 3], 2), &stack).unwrap();
        let shrunk = picture.shrunk(2);
        let colours: Vec<Colour> = shrunk.cells.iter().map(|cell| cell.colour).collect();
        assert_eq!((shrunk.height, shrunk.width), (1, 2));
        assert_eq!(colours, [[127; 3], [127; 3]]);
        assert_eq!(picture.shrunk(1), picture);
    }

    #[test]
    fn the_things_of_a_scene_have_the_colours_of_planes() {
        let mut scene = Scene::board(1, 3);
        scene.put(0, 1, 2);
        let picture = Picture::of_scene(&scene);
        assert_eq!((marks(&picture).as_str(), picture.cells[1].colour), (".o.", PLANE_COLOURS[1]));
    }

    #[test]
    fn a_vector_has_no_picture() {
        assert_eq!(Picture::of(&description(vec![2], 1), &[0.5, 0.5]), None);
    }
}

//! Where the names of marks stand in a panel.

use plotters::style::text_anchor::HPos;

use super::text::{LABEL, width};

/// The free space around a mark, in pixels.
const SPACE: i32 = 28;

/// Left, top, right and bottom, in pixels.
pub(super) type Rectangle = [i32; 4];

/// The anchor of each name, and the side of the text that it is at. A name stands beside, above or below its mark: at the
/// first place in `panel` that no mark and no other name takes, or else at the first place in `panel`.
pub(super) fn places(names: &[(&str, (i32, i32))], panel: Rectangle) -> Vec<(HPos, (i32, i32))> {
    // The upper and the lower half of a line may lie beyond the ends of the y axis.
    let [left, top, right, bottom] = panel;
    let panel = [left, top - LABEL / 2, right, bottom + LABEL / 2];
    let mut taken: Vec<Rectangle> =
        names.iter().map(|(_, (x, y))| around(*x, *y, SPACE / 2)).collect();
    let place = |&(name, (x, y)): &(&str, (i32, i32))| {
        let half = width(name, LABEL) / 2;
        let (above, below) = (y - SPACE - LABEL / 2, y + SPACE + LABEL / 2);
        let candidates = [
            (HPos::Left, (x + SPACE, y)),
            (HPos::Right, (x - SPACE, y)),
            (HPos::Center, (x, above)),
            (HPos::Center, (x, below)),
            (HPos::Left, (x, above)),
            (HPos::Left, (x, below)),
            (HPos::Right, (x, above)),
            (HPos::Right, (x, below)),
        ];
        let rectangle = |(side, (x, y)): (HPos, (i32, i32))| {
            let centre = match side {
                HPos::Left => x + half,
                HPos::Center => x,
                HPos::Right => x - half,
            };
            [centre - half, y - LABEL / 2, centre + half, y + LABEL / 2]
        };
        let inside: Vec<_> =
            candidates.into_iter().filter(|it| is_within(rectangle(*it), panel)).collect();
        let is_free = |candidate: &&(HPos, (i32, i32))| {
            !taken.iter().any(|other| overlap(rectangle(**candidate), *other))
        };
        let chosen = inside.iter().find(is_free).or(inside.first()).unwrap_or(&candidates[0]);
        taken.push(rectangle(*chosen));
        *chosen
    };
    names.iter().map(place).collect()
}

fn around(x: i32, y: i32, space: i32) -> Rectangle {
    [x - space, y - space, x + space, y + space]
}

fn is_within(inner: Rectangle, outer: Rectangle) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

fn overlap(one: Rectangle, other: Rectangle) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

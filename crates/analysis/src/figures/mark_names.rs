//! Where the names of marks stand in a panel.

use plotters::style::text_anchor::HPos;

use super::text::{LABEL, width};

/// The free space around a mark, in pixels.
const SPACE: i32 = 28;

/// Left, top, right and bottom, in pixels.
pub(super) type Rectangle = [i32; 4];

/// The anchor of each name, and the side of the text that it is at. A name stands right, left, above or below of its mark:
/// at the first place within `panel` that no mark and no other name takes, or else at its right.
pub(super) fn places(names: &[(&str, (i32, i32))], panel: Rectangle) -> Vec<(HPos, (i32, i32))> {
    let mut taken: Vec<Rectangle> =
        names.iter().map(|(_, (x, y))| around(*x, *y, SPACE / 2)).collect();
    let place = |&(name, (x, y)): &(&str, (i32, i32))| {
        let half = width(name, LABEL) / 2;
        let candidates = [
            (HPos::Left, (x + SPACE, y)),
            (HPos::Right, (x - SPACE, y)),
            (HPos::Center, (x, y - SPACE - LABEL / 2)),
            (HPos::Center, (x, y + SPACE + LABEL / 2)),
        ];
        let rectangle = |(side, (x, y)): (HPos, (i32, i32))| {
            let centre = match side {
                HPos::Left => x + half,
                HPos::Center => x,
                HPos::Right => x - half,
            };
            [centre - half, y - LABEL / 2, centre + half, y + LABEL / 2]
        };
        let is_free = |candidate: &&(HPos, (i32, i32))| {
            let text = rectangle(**candidate);
            is_within(text, panel) && !taken.iter().any(|other| overlap(text, *other))
        };
        let chosen = *candidates.iter().find(is_free).unwrap_or(&candidates[0]);
        taken.push(rectangle(chosen));
        chosen
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

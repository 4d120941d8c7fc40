//! The page layout that figures share: the width of a column and the number of panels side by side.

/// The width in pixels of a figure that fills one column of a page.
pub(super) const COLUMN_WIDTH: i32 = 1_200;

/// How many panels stand side by side, so that a figure of many panels does not become too tall.
pub(super) fn columns_for(panels: usize) -> usize {
    match panels {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    }
}

//! The picture of the cart and the pole on their track.

use super::{HALF_LENGTH, POSITION_LIMIT, Physics};
use crate::scene::Scene;

/// Pixels.
const HEIGHT: usize = 76;
const WIDTH: usize = 240;
/// The row of the track, and the height and width of the cart.
const TRACK_ROW: f64 = 70.0;
const CART: (f64, f64) = (10.0, 24.0);
/// Half of the thickness of the pole.
const POLE: f64 = 1.5;

/// The numbers of the things.
const CART_THING: u8 = 1;
const POLE_THING: u8 = 2;
const TRACK_THING: u8 = 10;

/// The ends of the picture are the limits of the track, beyond which an episode ends.
pub(super) fn scene(physics: &Physics) -> Scene {
    let metre = WIDTH as f64 / (2.0 * POSITION_LIMIT);
    let middle = WIDTH as f64 / 2.0 + metre * physics.position;
    let (height, width) = CART;
    let top = TRACK_ROW - height;
    let (sin, cos) = physics.angle.sin_cos();
    let length = 2.0 * HALF_LENGTH * metre;
    let mut scene = Scene::image(HEIGHT, WIDTH);
    scene.fill(TRACK_THING, |row, _| (TRACK_ROW..TRACK_ROW + 1.0).contains(&row));
    scene.fill(CART_THING, |row, column| {
        (top..TRACK_ROW).contains(&row) && (column - middle).abs() < width / 2.0
    });
    scene.fill(POLE_THING, |row, column| {
        // Along the pole and across it, from its foot on top of the cart.
        let (right, up) = (column - middle, top - row);
        let (along, across) = (right * sin + up * cos, right * cos - up * sin);
        (0.0..=length).contains(&along) && across.abs() <= POLE
    });
    scene
}

//! Images made smaller, as OpenCV does.

use zerolab_environments::resize::{Pixel, Resize};

use crate::digest::{digest, hexadecimal};

#[test]
fn every_shade_is_that_of_opencvs_inter_area() {
    for row in include_str!("../golden/atari_resize.csv").lines().skip(1) {
        let (sides, expected) = row.rsplit_once(',').expect("sides and a digest");
        let sides: Vec<usize> = sides.split(',').map(|side| side.parse().unwrap()).collect();
        let [rows, columns, to_rows, to_columns] = sides[..] else { panic!("{row}") };
        let mut state = 1_u32;
        let noise = (0..rows * columns).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let noise: Vec<u8> = noise.collect();
        let mut small = Vec::new();
        let read = |row: usize, pixels: &mut [Pixel]| {
            for (pixel, &shade) in pixels.iter_mut().zip(&noise[row * columns..]) {
                // The channels do not mix.
                *pixel = [f32::from(shade), 0.0, f32::from(255 - shade), f32::from(shade)];
            }
            true
        };
        let write = |_: usize, pixels: &[[u8; 4]]| {
            small.extend(pixels.iter().map(|pixel| pixel[3]));
            assert!(pixels.iter().all(|pixel| pixel[0] == pixel[3] && pixel[1] == 0));
        };
        Resize::new([rows, columns], [to_rows, to_columns]).apply(read, write);
        assert_eq!(hexadecimal(digest(0, &small)), expected, "{row}");
    }
}

//! Random shifts and brightness of images, as in DrQ (Kostrikov et al. 2021) and SPR (Schwarzer et al. 2021).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use zerolab_models::FrameView;

use super::settings::Augmentation;

/// The intensity is clipped at so many standard deviations, as in SPR.
const INTENSITY_CLIP: f64 = 2.0;

/// A shift and a brightness of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ImageTransform {
    /// Each cell is read so many rows further down.
    down: i64,
    /// Each cell is read so many columns further right.
    right: i64,
    /// The image is multiplied by this.
    factor: f32,
}

impl ImageTransform {
    /// A random transform: a uniform shift, and the factor `1 + intensity · clip(N(0, 1), -2, 2)`.
    pub(crate) fn draw(augmentation: &Augmentation, stream: &mut ChaCha8Rng) -> Self {
        let shift = i64::from(augmentation.shift);
        let [down, right] = [(); 2].map(|()| stream.random_range(-shift..=shift));
        let normal: f64 = StandardNormal.sample(stream);
        let factor = 1.0 + augmentation.intensity * normal.clamp(-INTENSITY_CLIP, INTENSITY_CLIP);
        Self { down, right, factor: factor as f32 }
    }

    /// An observation of these frames, transformed.
    pub(crate) fn of(&self, parts: Vec<u32>) -> FrameView {
        FrameView { parts, offset: (self.down, self.right), factor: self.factor }
    }

    /// Appends the transform of `image`, `[C, height, width]`. Its edge is repeated outwards.
    pub(crate) fn apply(&self, image: &[f32], height: usize, width: usize, rows: &mut Vec<f32>) {
        let read = |at: usize, by: i64, length: usize| {
            (at as i64 + by).clamp(0, length as i64 - 1) as usize
        };
        for plane in image.chunks_exact(height * width) {
            for y in 0..height {
                let row = &plane[read(y, self.down, height) * width..][..width];
                rows.extend((0..width).map(|x| self.factor * row[read(x, self.right, width)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    /// Cell (y, x) of plane c of a board of 3 × 4 is 100 c + 10 y + x.
    fn image() -> Vec<f32> {
        let cell = |i: usize| 100 * (i / 12) + 10 * (i / 4 % 3) + i % 4;
        (0..24).map(|i| cell(i) as f32).collect()
    }

    fn transformed(transform: ImageTransform) -> Vec<f32> {
        let mut rows = Vec::new();
        transform.apply(&image(), 3, 4, &mut rows);
        rows
    }

    #[test]
    fn a_shift_repeats_the_edge_in_every_plane() {
        let seen = transformed(ImageTransform { down: 1, right: -2, factor: 1.0 });
        assert_eq!(seen[..4], [10.0, 10.0, 10.0, 11.0]);
        assert_eq!(seen[4..8], [20.0, 20.0, 20.0, 21.0]);
        assert_eq!(seen[8..12], [20.0, 20.0, 20.0, 21.0]);
        assert_eq!(seen[12..16], [110.0, 110.0, 110.0, 111.0]);
        let far = transformed(ImageTransform { down: 9, right: 9, factor: 2.0 });
        assert!(far[..12].iter().all(|&cell| cell == 46.0), "{far:?}");
    }

    #[test]
    fn all_shifts_are_equally_likely_and_the_intensity_is_clipped() {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let (draws, shift, intensity) = (20_000, 2, 0.05);
        let augmentation = Augmentation { shift, intensity };
        let mut counts = [[0u32; 5]; 5];
        let (mut least, mut greatest, mut squares) = (f32::INFINITY, 0f32, 0f64);
        for _ in 0..draws {
            let ImageTransform { down, right, factor } =
                ImageTransform::draw(&augmentation, &mut stream);
            counts[(down + 2) as usize][(right + 2) as usize] += 1;
            (least, greatest) = (least.min(factor), greatest.max(factor));
            squares += (f64::from(factor) - 1.0).powi(2);
        }
        let (mean, deviation) = (f64::from(draws) / 25.0, (f64::from(draws) / 25.0 * 0.96).sqrt());
        for count in counts.concat() {
            assert!((f64::from(count) - mean).abs() < 4.5 * deviation, "{counts:?}");
        }
        // There are hundreds of draws beyond 2, so the bounds are reached.
        assert_eq!((least, greatest), (0.9, 1.1));
        // E[min(x², 4)] of a standard normal x, by its integral.
        let expected = intensity * intensity * 0.920_537;
        let error = (squares / f64::from(draws) - expected).abs();
        assert!(error < 0.05 * expected, "{error}");
    }

    proptest! {
        /// A shifted cell is the nearest cell of the board to the position that is read.
        #[test]
        fn only_places_change(down in -3i64..=3, right in -3i64..=3) {
            let seen = transformed(ImageTransform { down, right, factor: 1.0 });
            for (i, &cell) in seen.iter().enumerate() {
                let (plane, y, x) = (i as i64 / 12, i as i64 / 4 % 3, i as i64 % 4);
                let (y, x) = ((y + down).clamp(0, 2), (x + right).clamp(0, 3));
                prop_assert_eq!(cell, (100 * plane + 10 * y + x) as f32);
            }
        }
    }
}

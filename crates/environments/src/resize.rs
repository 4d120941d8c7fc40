//! Shrinks images: each new pixel is the mean of the area that it covers.
//!
//! The result equals OpenCV's `resize` with `INTER_AREA` on bytes bit by bit: weights and sums are `f32`,
//! columns come before rows, sums run from first to last, ties round to even.

/// The four channels of a pixel. They fit into one vector register.
pub type Pixel = [f32; 4];

/// Shrinks images of one size to another.
#[derive(Clone, Debug)]
pub struct Resize {
    rows: Vec<Span>,
    columns: Vec<Span>,
    /// A row of the original image.
    original: Vec<Pixel>,
    /// The same row with its columns shrunk.
    narrow: Vec<Pixel>,
    /// Weighted sum of such rows.
    sum: Vec<Pixel>,
    /// The sum as bytes.
    shades: Vec<[u8; 4]>,
}

/// The rows (or columns) that one row (or column) of the result is the mean of.
#[derive(Clone, Debug)]
struct Span {
    /// Index of the first one in the original image.
    first: usize,
    /// Weights of that one and those after it. Their sum is 1.
    weights: Vec<f32>,
}

impl Resize {
    /// Shrinks from `[height, width]` to `[height, width]`. Neither may grow.
    pub fn new(from: [usize; 2], to: [usize; 2]) -> Self {
        let [rows, columns] = [0, 1].map(|axis| spans(from[axis], to[axis]));
        let [original, narrow] = [from, to].map(|[_, width]| vec![[0.0; 4]; width]);
        let shades = vec![[0; 4]; to[1]];
        Self { rows, columns, original, sum: narrow.clone(), narrow, shades }
    }

    /// Shrinks an image. `read` writes the row with the given index and returns true; if it equals the row
    /// read before, `read` may just return false. `write` gets each row of the result. Values are 0 to 255.
    pub fn apply(
        &mut self,
        mut read: impl FnMut(usize, &mut [Pixel]) -> bool,
        mut write: impl FnMut(usize, &[[u8; 4]]),
    ) {
        // Index of the row in `narrow`.
        let mut current = None;
        for (number, span) in self.rows.iter().enumerate() {
            self.sum.fill([0.0; 4]);
            for (row, &weight) in (span.first..).zip(&span.weights) {
                if current.replace(row) != Some(row) && read(row, &mut self.original) {
                    shrink_columns(&self.columns, &self.original, &mut self.narrow);
                }
                for (sum, pixel) in self.sum.iter_mut().zip(&self.narrow) {
                    add(sum, pixel, weight);
                }
            }
            for (shades, pixel) in self.shades.iter_mut().zip(&self.sum) {
                *shades = pixel.map(round);
            }
            write(number, &self.shades);
        }
    }
}

fn shrink_columns(columns: &[Span], original: &[Pixel], narrow: &mut [Pixel]) {
    for (span, sum) in columns.iter().zip(narrow) {
        *sum = [0.0; 4];
        for (pixel, &weight) in original[span.first..].iter().zip(&span.weights) {
            add(sum, pixel, weight);
        }
    }
}

#[inline]
fn add(sum: &mut Pixel, pixel: &Pixel, weight: f32) {
    for (sum, channel) in sum.iter_mut().zip(pixel) {
        *sum += channel * weight;
    }
}

/// Rounds to the nearest integer, ties to even: adding 2²³ leaves the integer in the last bits. The standard
/// library's function is a call on processors without a rounding instruction, and would take most of the
/// time.
#[inline]
fn round(shade: f32) -> u8 {
    (shade + 8_388_608.0).to_bits() as u8
}

/// The spans that shrink `from` rows to `to` rows.
fn spans(from: usize, to: usize) -> Vec<Span> {
    let span = |index: usize| {
        // In units of 1 / `to` of an original row, in which all borders are integers.
        let (begin, end) = (index * from, (index + 1) * from);
        let first = begin / to;
        let weights = (first..end.div_ceil(to)).map(|row| {
            let covered = end.min((row + 1) * to) - begin.max(row * to);
            covered as f32 / from as f32
        });
        Span { first, weights: weights.collect() }
    };
    (0..to).map(span).collect()
}

//! Images made smaller: each pixel is the mean of the area that it covers.
//!
//! To the last bit what OpenCV's `resize` with `INTER_AREA` makes of bytes: shares and sums in `f32`, columns before
//! rows, from the first to the last, ties to even.

/// The four channels of a pixel, one vector of the processor.
pub type Pixel = [f32; 4];

/// Makes images of one size into smaller ones of another.
#[derive(Clone, Debug)]
pub struct Resize {
    rows: Vec<Span>,
    columns: Vec<Span>,
    /// A row before.
    before: Vec<Pixel>,
    /// The same with fewer columns.
    narrow: Vec<Pixel>,
    /// The sum of such rows.
    sum: Vec<Pixel>,
    /// The same as bytes.
    shades: Vec<[u8; 4]>,
}

/// What one row (or column) of the result is made of.
#[derive(Clone, Debug)]
struct Span {
    /// The first of the rows before.
    first: usize,
    /// What share it and those after it have; they add up to one.
    shares: Vec<f32>,
}

impl Resize {
    /// From `[height, width]` to `[height, width]`, neither of them greater.
    pub fn new(from: [usize; 2], to: [usize; 2]) -> Self {
        let [rows, columns] = [0, 1].map(|axis| spans(from[axis], to[axis]));
        let [before, narrow] = [from, to].map(|[_, width]| vec![[0.0; 4]; width]);
        let shades = vec![[0; 4]; to[1]];
        Self { rows, columns, before, sum: narrow.clone(), narrow, shades }
    }

    /// Makes an image smaller. `read` writes a row of it, unless that is the same as the one before: then it says
    /// false. `write` is given each row of the result. Shades are from 0 to 255.
    pub fn apply(
        &mut self,
        mut read: impl FnMut(usize, &mut [Pixel]) -> bool,
        mut write: impl FnMut(usize, &[[u8; 4]]),
    ) {
        // The row that is narrow now.
        let mut current = None;
        for (number, span) in self.rows.iter().enumerate() {
            self.sum.fill([0.0; 4]);
            for (row, &share) in (span.first..).zip(&span.shares) {
                if current.replace(row) != Some(row) && read(row, &mut self.before) {
                    narrow(&self.columns, &self.before, &mut self.narrow);
                }
                for (sum, part) in self.sum.iter_mut().zip(&self.narrow) {
                    add(sum, part, share);
                }
            }
            for (shades, pixel) in self.shades.iter_mut().zip(&self.sum) {
                *shades = pixel.map(round);
            }
            write(number, &self.shades);
        }
    }
}

fn narrow(columns: &[Span], before: &[Pixel], after: &mut [Pixel]) {
    for (span, pixel) in columns.iter().zip(after) {
        *pixel = [0.0; 4];
        for (part, &share) in before[span.first..].iter().zip(&span.shares) {
            add(pixel, part, share);
        }
    }
}

#[inline]
fn add(sum: &mut Pixel, part: &Pixel, share: f32) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part * share;
    }
}

/// To the nearest integer, ties to even: from 2²³ on, a number's last bits are the integer. The function of the
/// standard library is a call where the processor need not know how to round, and takes most of the time.
#[inline]
fn round(shade: f32) -> u8 {
    (shade + 8_388_608.0).to_bits() as u8
}

/// How `before` rows are shared out among `after`.
fn spans(before: usize, after: usize) -> Vec<Span> {
    let span = |index: usize| {
        // In units of 1 / after of a row before, in which all borders are whole.
        let (begin, end) = (index * before, (index + 1) * before);
        let first = begin / after;
        let shares = (first..end.div_ceil(after)).map(|row| {
            let covered = end.min((row + 1) * after) - begin.max(row * after);
            covered as f32 / before as f32
        });
        Span { first, shares: shares.collect() }
    };
    (0..after).map(span).collect()
}

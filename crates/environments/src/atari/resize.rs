//! Images made smaller: each pixel is the mean of the area that it covers, as OpenCV's `INTER_AREA` has it.

/// Makes images of one size into smaller ones of another.
#[derive(Clone, Debug)]
pub struct Resize {
    rows: Vec<Span>,
    columns: Vec<Span>,
    /// Columns before.
    width: usize,
    /// A row of the result before its columns are made fewer.
    row: Vec<f32>,
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
        Self { rows, columns, width: from[1], row: vec![0.0; from[1]] }
    }

    /// Makes `before`, `[height, width]`, smaller; `after` is what it becomes.
    pub fn apply(&mut self, before: &[u8], after: &mut [u8]) {
        for (span, after) in self.rows.iter().zip(after.chunks_exact_mut(self.columns.len())) {
            self.row.fill(0.0);
            let rows = before[span.first * self.width..].chunks_exact(self.width);
            for (row, &share) in rows.zip(&span.shares) {
                for (sum, &pixel) in self.row.iter_mut().zip(row) {
                    *sum += share * f32::from(pixel);
                }
            }
            for (span, pixel) in self.columns.iter().zip(after) {
                let parts = self.row[span.first..].iter().zip(&span.shares);
                let mean: f32 = parts.map(|(part, share)| part * share).sum();
                *pixel = mean.round_ties_even() as u8;
            }
        }
    }
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

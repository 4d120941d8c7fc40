//! The innermost loops, which compute a tile of results in vector registers.

use pulp::{Simd, WithSimd};

use super::Rows;

/// Rows of a tile of a product with 32 registers.
const ROWS_32: usize = 10;
/// Rows of a tile of a product with 16 registers.
const ROWS_16: usize = 6;

/// Numbers of a row in one iteration. With several, the starts of rows are looked up less often.
const UNROLL: usize = 3;

/// Factors with a larger stride are packed.
pub(super) const MAX_UNPACKED_STRIDE: usize = 64;

/// Packing pays only for more rows than this.
const MAX_UNPACKED_ROWS: usize = 20;

/// A matrix whose rows are padded to whole vector registers.
#[derive(Clone, Copy)]
pub(super) struct Factors<'a> {
    pub(super) numbers: &'a [f32],
    /// Distance from the start of one row to the start of the next.
    pub(super) stride: usize,
}

impl<'a> Factors<'a> {
    /// The first `V` vectors of row `row`.
    #[inline(always)]
    fn at<S: Simd, const V: usize>(self, row: usize) -> [S::f32s; V] {
        let first = row * self.stride;
        let (vectors, _) = S::as_simd_f32s(&self.numbers[first..first + V * S::F32_LANES]);
        std::array::from_fn(|v| vectors[v])
    }

    /// The matrix without the rows before `row` and the columns before `column`.
    pub(super) fn from(self, row: usize, column: usize) -> Self {
        Self { numbers: &self.numbers[row * self.stride + column..], ..self }
    }

    /// The first `width` columns of the first `rows` rows, packed into `buffer` if the stride is large. Rows
    /// with a large stride can evict each other from the cache, because their addresses map to the same cache
    /// sets.
    #[inline(always)]
    fn packed<'b>(self, rows: usize, width: usize, buffer: &'b mut Vec<f32>) -> Factors<'b>
    where
        'a: 'b,
    {
        if self.stride <= MAX_UNPACKED_STRIDE {
            return self;
        }
        buffer.clear();
        for row in self.numbers.chunks(self.stride).take(rows) {
            buffer.extend_from_slice(&row[..width]);
        }
        Factors { numbers: buffer, stride: width }
    }
}

/// Computes `rows` `[R, K]` by `weights` `[K, outputs]` into `out` `[R, outputs]`.
pub(super) struct Product<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) weights: Factors<'a>,
    pub(super) out: &'a mut [f32],
    pub(super) outputs: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (mut first, mut buffer) = (0, Vec::new());
        while first < self.outputs {
            if self.outputs - first > S::F32_LANES {
                self.fill::<S, 2>(simd, first, &mut buffer);
                first += 2 * S::F32_LANES;
            } else {
                self.fill::<S, 1>(simd, first, &mut buffer);
                first += S::F32_LANES;
            }
        }
    }
}

impl Product<'_> {
    /// Computes `V` vectors of columns from column `first` on, for all rows.
    #[inline(always)]
    fn fill<S: Simd, const V: usize>(&mut self, simd: S, first: usize, buffer: &mut Vec<f32>) {
        let mut factors = self.weights.from(0, first);
        if self.rows.starts.len() > MAX_UNPACKED_ROWS {
            factors = factors.packed(self.rows.segments.width(), V * S::F32_LANES, buffer);
        }
        let done = if S::REGISTER_COUNT >= 32 {
            self.tiles::<S, ROWS_32, V>(simd, 0, first, factors)
        } else {
            self.tiles::<S, ROWS_16, V>(simd, 0, first, factors)
        };
        let done = self.tiles::<S, 4, V>(simd, done, first, factors);
        self.tiles::<S, 1, V>(simd, done, first, factors);
    }

    /// Computes all whole tiles of `M` rows from row `begin` on, in the columns from `first` on. Returns the
    /// first row after them.
    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const V: usize>(
        &mut self,
        simd: S,
        begin: usize,
        first: usize,
        factors: Factors<'_>,
    ) -> usize {
        let (tiles, _) = self.rows.starts[begin..].as_chunks::<M>();
        let tile_outputs = self.out[begin * self.outputs..].chunks_exact_mut(M * self.outputs);
        for (starts, out) in tiles.iter().zip(tile_outputs) {
            let sums = product::<S, M, V>(simd, self.rows, starts, factors);
            for (sums, out) in sums.into_iter().zip(out.chunks_exact_mut(self.outputs)) {
                store(simd, sums, &mut out[first..]);
            }
        }
        begin + tiles.len() * M
    }
}

/// The product of `M` rows and `V` vectors of columns.
#[inline(always)]
fn product<S: Simd, const M: usize, const V: usize>(
    simd: S,
    rows: Rows<'_>,
    starts: &[usize; M],
    weights: Factors<'_>,
) -> [[S::f32s; V]; M] {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    let segments = rows.segments;
    for segment in 0..segments.count {
        let row_segments: [_; M] = std::array::from_fn(|row| {
            let start = starts[row] + segment * segments.stride;
            rows.numbers[start..start + segments.length].as_chunks::<UNROLL>()
        });
        let weights = weights.from(segment * segments.length, 0);
        for group in 0..segments.length / UNROLL {
            let factors: [[S::f32s; V]; UNROLL] =
                std::array::from_fn(|k| weights.at::<S, V>(group * UNROLL + k));
            for (sums, (chunks, _)) in sums.iter_mut().zip(&row_segments) {
                for (x, factors) in chunks[group].iter().zip(factors) {
                    add(simd, sums, *x, factors);
                }
            }
        }
        let grouped = segments.length / UNROLL * UNROLL;
        for k in grouped..segments.length {
            let factors = weights.at::<S, V>(k);
            for (sums, (_, rest)) in sums.iter_mut().zip(&row_segments) {
                add(simd, sums, rest[k - grouped], factors);
            }
        }
    }
    sums
}

/// Adds to `out` `[columns, outputs]` the transpose of at most [`BLOCK`] rows `[R, K]`, from column `begin` on,
/// by `gradient` `[R, outputs]`.
pub(super) struct Correlation<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) begin: usize,
    pub(super) gradient: Factors<'a>,
    pub(super) out: &'a mut [f32],
    pub(super) outputs: usize,
    /// Memory for the packed gradient.
    pub(super) buffer: &'a mut Vec<f32>,
}

/// Columns of a tile of a correlation with 32 registers, with one vector of outputs. Each number then serves
/// only one register.
const COLUMNS_32_NARROW: usize = 24;
/// Columns of a tile of a correlation with 32 registers.
const COLUMNS_32: usize = 12;
/// Columns of a tile of a correlation with 16 registers.
const COLUMNS_16: usize = 6;

/// Rows that are summed before their sum is added to `out`. Fewer rows stay in the cache.
pub(super) const BLOCK: usize = 128;

impl WithSimd for Correlation<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (rows, mut buffer) = (self.rows.starts.len(), std::mem::take(self.buffer));
        let mut first = 0;
        while first < self.outputs {
            let gradient = self.gradient.from(0, first);
            if self.outputs - first > S::F32_LANES {
                let packed = gradient.packed(rows, 2 * S::F32_LANES, &mut buffer);
                self.fill::<S, 2>(simd, packed, first);
                first += 2 * S::F32_LANES;
            } else {
                let packed = gradient.packed(rows, S::F32_LANES, &mut buffer);
                self.fill::<S, 1>(simd, packed, first);
                first += S::F32_LANES;
            }
        }
        *self.buffer = buffer;
    }
}

impl Correlation<'_> {
    /// Adds `V` vectors of output columns from `first` on.
    #[inline(always)]
    fn fill<S: Simd, const V: usize>(&mut self, simd: S, gradient: Factors<'_>, first: usize) {
        let Rows { starts, segments, .. } = self.rows;
        let (mut at, end) = (0, self.out.len() / self.outputs);
        while at < end {
            // A tile must not cross the end of a segment.
            let (segment, k) =
                ((self.begin + at) / segments.length, (self.begin + at) % segments.length);
            let left = (segments.length - k).min(end - at);
            let numbers = &self.rows.numbers[segment * segments.stride + k..];
            let out = self.out[at * self.outputs..].chunks_exact_mut(self.outputs);
            let out = out.map(|row| &mut row[first..]);
            at += if S::REGISTER_COUNT >= 32 && V == 1 && left >= COLUMNS_32_NARROW {
                correlation::<S, COLUMNS_32_NARROW, V>(simd, (numbers, starts), gradient, out)
            } else if S::REGISTER_COUNT >= 32 && left >= COLUMNS_32 {
                correlation::<S, COLUMNS_32, V>(simd, (numbers, starts), gradient, out)
            } else if left >= COLUMNS_16 {
                correlation::<S, COLUMNS_16, V>(simd, (numbers, starts), gradient, out)
            } else {
                correlation::<S, 1, V>(simd, (numbers, starts), gradient, out)
            };
        }
    }
}

/// Adds to `out` the products of the `M` numbers at each of `starts` and `V` vectors of columns. Returns `M`.
#[inline(always)]
fn correlation<'a, S: Simd, const M: usize, const V: usize>(
    simd: S,
    (numbers, starts): (&[f32], &[usize]),
    gradient: Factors<'_>,
    out: impl Iterator<Item = &'a mut [f32]>,
) -> usize {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    for (row, &start) in starts.iter().enumerate() {
        let factors = gradient.at::<S, V>(row);
        for (sums, x) in sums.iter_mut().zip(&numbers[start..start + M]) {
            add(simd, sums, *x, factors);
        }
    }
    for (mut sums, out) in sums.into_iter().zip(out) {
        for (sum, before) in sums.iter_mut().zip(out.chunks(S::F32_LANES)) {
            *sum = simd.add_f32s(simd.partial_load_f32s(before), *sum);
        }
        store(simd, sums, out);
    }
    M
}

#[inline(always)]
fn add<S: Simd, const V: usize>(simd: S, sums: &mut [S::f32s; V], x: f32, factors: [S::f32s; V]) {
    let x = simd.splat_f32s(x);
    for (sum, factor) in sums.iter_mut().zip(factors) {
        *sum = simd.mul_add_f32s(x, factor, *sum);
    }
}

/// Writes vectors to the start of `out`, without the numbers beyond its end.
#[inline(always)]
fn store<S: Simd, const V: usize>(simd: S, sums: [S::f32s; V], out: &mut [f32]) {
    for (sum, out) in sums.into_iter().zip(out.chunks_mut(S::F32_LANES)) {
        match S::as_mut_simd_f32s(out).0 {
            [whole] => *whole = sum,
            _ => simd.partial_store_f32s(out, sum),
        }
    }
}

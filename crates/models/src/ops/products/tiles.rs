//! The innermost loops: a tile of results in registers.

use pulp::{Simd, WithSimd};

use super::Rows;

/// Rows of a tile where there are 32 registers, and where there are 16.
const TALL: usize = 10;
const SHORT: usize = 6;

/// How many numbers of a row a tile takes at a time: where the rows begin has then to be looked up less often.
const STRIDE: usize = 3;

/// Rows of factors that begin no further apart than this are read where they are.
const NEAR: usize = 64;

/// For no more rows than this the factors are not worth moving.
const MANY: usize = 20;

/// A matrix whose rows are filled up to whole vectors.
#[derive(Clone, Copy)]
pub(super) struct Factors<'a> {
    pub(super) numbers: &'a [f32],
    /// From the start of one row to the start of the next.
    pub(super) apart: usize,
}

impl<'a> Factors<'a> {
    /// The first `V` vectors of a row.
    #[inline(always)]
    fn at<S: Simd, const V: usize>(self, row: usize) -> [S::f32s; V] {
        let first = row * self.apart;
        let (vectors, _) = S::as_simd_f32s(&self.numbers[first..first + V * S::F32_LANES]);
        std::array::from_fn(|v| vectors[v])
    }

    /// Without the rows before `row` and the columns before `column`.
    fn from(self, row: usize, column: usize) -> Self {
        Self { numbers: &self.numbers[row * self.apart + column..], ..self }
    }

    /// The first `width` columns of the first `rows` rows, in `room` if they are far apart here: such rows drive each
    /// other out of the cache, which has few places for addresses that end alike.
    #[inline(always)]
    fn together<'b>(self, rows: usize, width: usize, room: &'b mut Vec<f32>) -> Factors<'b>
    where
        'a: 'b,
    {
        if self.apart <= NEAR {
            return self;
        }
        room.clear();
        for row in self.numbers.chunks(self.apart).take(rows) {
            room.extend_from_slice(&row[..width]);
        }
        Factors { numbers: room, apart: width }
    }
}

/// `rows` `[R, K]` by `weights` `[K, outputs]` into `out` `[R, outputs]`.
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
        let (mut first, mut room) = (0, Vec::new());
        while first < self.outputs {
            if self.outputs - first > S::F32_LANES {
                self.fill::<S, 2>(simd, first, &mut room);
                first += 2 * S::F32_LANES;
            } else {
                self.fill::<S, 1>(simd, first, &mut room);
                first += S::F32_LANES;
            }
        }
    }
}

impl Product<'_> {
    /// `V` vectors of columns from `first` on, for all rows.
    #[inline(always)]
    fn fill<S: Simd, const V: usize>(&mut self, simd: S, first: usize, room: &mut Vec<f32>) {
        let mut factors = self.weights.from(0, first);
        if self.rows.starts.len() > MANY {
            factors = factors.together(self.rows.runs.width(), V * S::F32_LANES, room);
        }
        let done = if S::REGISTER_COUNT >= 32 {
            self.tiles::<S, TALL, V>(simd, 0, first, factors)
        } else {
            self.tiles::<S, SHORT, V>(simd, 0, first, factors)
        };
        let done = self.tiles::<S, 4, V>(simd, done, first, factors);
        self.tiles::<S, 1, V>(simd, done, first, factors);
    }

    /// As many tiles of `M` rows as there are from row `begin` on, into the columns of the output from `first` on;
    /// returns the first row that is left.
    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const V: usize>(
        &mut self,
        simd: S,
        begin: usize,
        first: usize,
        factors: Factors<'_>,
    ) -> usize {
        let (tiles, _) = self.rows.starts[begin..].as_chunks::<M>();
        let of_tiles = self.out[begin * self.outputs..].chunks_exact_mut(M * self.outputs);
        for (starts, out) in tiles.iter().zip(of_tiles) {
            let sums = product::<S, M, V>(simd, self.rows, starts, factors);
            for (sums, out) in sums.into_iter().zip(out.chunks_exact_mut(self.outputs)) {
                store(simd, sums, &mut out[first..]);
            }
        }
        begin + tiles.len() * M
    }
}

/// `M` rows by `V` vectors of columns.
#[inline(always)]
fn product<S: Simd, const M: usize, const V: usize>(
    simd: S,
    rows: Rows<'_>,
    starts: &[usize; M],
    weights: Factors<'_>,
) -> [[S::f32s; V]; M] {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    let runs = rows.runs;
    for run in 0..runs.count {
        let pieces: [_; M] = std::array::from_fn(|row| {
            let start = starts[row] + run * runs.apart;
            rows.numbers[start..start + runs.length].as_chunks::<STRIDE>()
        });
        let weights = weights.from(run * runs.length, 0);
        for strided in 0..runs.length / STRIDE {
            let factors: [[S::f32s; V]; STRIDE] =
                std::array::from_fn(|k| weights.at::<S, V>(strided * STRIDE + k));
            for (sums, (chunks, _)) in sums.iter_mut().zip(&pieces) {
                for (x, factors) in chunks[strided].iter().zip(factors) {
                    add(simd, sums, *x, factors);
                }
            }
        }
        let left = runs.length / STRIDE * STRIDE;
        for k in left..runs.length {
            let factors = weights.at::<S, V>(k);
            for (sums, (_, rest)) in sums.iter_mut().zip(&pieces) {
                add(simd, sums, rest[k - left], factors);
            }
        }
    }
    sums
}

/// The transpose of `rows` `[R, K]`, of which the columns from `begin` on are wanted, by `gradient` `[R, outputs]`:
/// added to `out`, `[columns, outputs]`.
pub(super) struct Correlation<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) begin: usize,
    pub(super) gradient: Factors<'a>,
    pub(super) out: &'a mut [f32],
    pub(super) outputs: usize,
}

/// Columns of a tile of a correlation where there are 32 registers, and where there are 16.
const WIDE: usize = 12;
const NARROW: usize = 6;

/// Rows that are added up before their sum joins that of the rows before: what they are read from stays near.
const TOGETHER: usize = 128;

impl WithSimd for Correlation<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut room = Vec::new();
        for (part, starts) in self.rows.starts.chunks(TOGETHER).enumerate() {
            let mut first = 0;
            while first < self.outputs {
                let gradient = self.gradient.from(part * TOGETHER, first);
                if self.outputs - first > S::F32_LANES {
                    let near = gradient.together(starts.len(), 2 * S::F32_LANES, &mut room);
                    self.fill::<S, 2>(simd, starts, near, first);
                    first += 2 * S::F32_LANES;
                } else {
                    let near = gradient.together(starts.len(), S::F32_LANES, &mut room);
                    self.fill::<S, 1>(simd, starts, near, first);
                    first += S::F32_LANES;
                }
            }
        }
    }
}

impl Correlation<'_> {
    /// `V` vectors of columns from `first` on, of the rows that begin at `starts`.
    #[inline(always)]
    fn fill<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        starts: &[usize],
        gradient: Factors<'_>,
        first: usize,
    ) {
        let runs = self.rows.runs;
        let (mut at, end) = (0, self.out.len() / self.outputs);
        while at < end {
            // A tile does not reach over the end of a run.
            let (run, k) = ((self.begin + at) / runs.length, (self.begin + at) % runs.length);
            let left = (runs.length - k).min(end - at);
            let numbers = &self.rows.numbers[run * runs.apart + k..];
            let out = self.out[at * self.outputs..].chunks_exact_mut(self.outputs);
            let out = out.map(|row| &mut row[first..]);
            at += if S::REGISTER_COUNT >= 32 && left >= WIDE {
                correlation::<S, WIDE, V>(simd, (numbers, starts), gradient, out)
            } else if left >= NARROW {
                correlation::<S, NARROW, V>(simd, (numbers, starts), gradient, out)
            } else {
                correlation::<S, 1, V>(simd, (numbers, starts), gradient, out)
            };
        }
    }
}

/// The `M` numbers that stand at each of `starts` by `V` vectors of columns, added to `out`; returns `M`.
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

/// Writes vectors to the front of `out`; what does not fit is left out.
#[inline(always)]
fn store<S: Simd, const V: usize>(simd: S, sums: [S::f32s; V], out: &mut [f32]) {
    for (sum, out) in sums.into_iter().zip(out.chunks_mut(S::F32_LANES)) {
        match S::as_mut_simd_f32s(out).0 {
            [whole] => *whole = sum,
            _ => simd.partial_store_f32s(out, sum),
        }
    }
}

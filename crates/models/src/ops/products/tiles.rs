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
    /// The `V` vectors of a row from column `first` on.
    #[inline(always)]
    fn at<S: Simd, const V: usize>(self, row: usize, first: usize) -> [S::f32s; V] {
        let first = row * self.apart + first;
        let (vectors, _) = S::as_simd_f32s(&self.numbers[first..first + V * S::F32_LANES]);
        std::array::from_fn(|v| vectors[v])
    }

    /// The `V` vectors from column `first` on of the first `rows` rows, one row after the other in `room`: rows far
    /// apart would drive each other out of the cache, which has few places for addresses that end alike.
    #[inline(always)]
    fn together<'b, S: Simd, const V: usize>(
        self,
        rows: usize,
        first: usize,
        room: &'b mut Vec<f32>,
    ) -> Factors<'b>
    where
        'a: 'b,
    {
        let width = V * S::F32_LANES;
        room.clear();
        for row in 0..rows {
            room.extend_from_slice(&self.numbers[row * self.apart + first..][..width]);
        }
        Factors { numbers: room, apart: width }
    }

    /// Without the rows before `row`.
    fn from_row(self, row: usize) -> Self {
        Self { numbers: &self.numbers[row * self.apart..], ..self }
    }
}

/// `V` vectors of columns of the first `rows` rows from `first` on, near each other: where they are, and from which
/// column on.
#[inline(always)]
fn near<'a, S: Simd, const V: usize>(
    factors: Factors<'a>,
    rows: usize,
    first: usize,
    room: &'a mut Vec<f32>,
) -> (Factors<'a>, usize) {
    if factors.apart > NEAR {
        (factors.together::<S, V>(rows, first, room), 0)
    } else {
        (factors, first)
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
        let many = self.rows.starts.len() > MANY;
        let rows = self.rows.runs.width();
        let (factors, at) = if many {
            near::<S, V>(self.weights, rows, first, room)
        } else {
            (self.weights, first)
        };
        let done = if S::REGISTER_COUNT >= 32 {
            self.tiles::<S, TALL, V>(simd, 0, first, (factors, at))
        } else {
            self.tiles::<S, SHORT, V>(simd, 0, first, (factors, at))
        };
        let done = self.tiles::<S, 4, V>(simd, done, first, (factors, at));
        self.tiles::<S, 1, V>(simd, done, first, (factors, at));
    }

    /// As many tiles of `M` rows as there are from row `begin` on, by the columns of `factors` from `at` on, into
    /// those of the output from `first` on; returns the first row that is left.
    #[inline(always)]
    fn tiles<S: Simd, const M: usize, const V: usize>(
        &mut self,
        simd: S,
        begin: usize,
        first: usize,
        (factors, at): (Factors<'_>, usize),
    ) -> usize {
        let (tiles, _) = self.rows.starts[begin..].as_chunks::<M>();
        let of_tiles = self.out[begin * self.outputs..].chunks_exact_mut(M * self.outputs);
        for (starts, out) in tiles.iter().zip(of_tiles) {
            let sums = product::<S, M, V>(simd, self.rows, starts, factors, at);
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
    first: usize,
) -> [[S::f32s; V]; M] {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    let runs = rows.runs;
    for run in 0..runs.count {
        let pieces: [_; M] = std::array::from_fn(|row| {
            let start = starts[row] + run * runs.apart;
            rows.numbers[start..start + runs.length].as_chunks::<STRIDE>()
        });
        let weights = weights.from_row(run * runs.length);
        for strided in 0..runs.length / STRIDE {
            let factors: [[S::f32s; V]; STRIDE] =
                std::array::from_fn(|k| weights.at::<S, V>(strided * STRIDE + k, first));
            for (sums, (chunks, _)) in sums.iter_mut().zip(&pieces) {
                for (x, factors) in chunks[strided].iter().zip(factors) {
                    add(simd, sums, *x, factors);
                }
            }
        }
        let left = runs.length / STRIDE * STRIDE;
        for k in left..runs.length {
            let factors = weights.at::<S, V>(k, first);
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
            let gradient = self.gradient.from_row(part * TOGETHER);
            let mut first = 0;
            while first < self.outputs {
                if self.outputs - first > S::F32_LANES {
                    let near = near::<S, 2>(gradient, starts.len(), first, &mut room);
                    self.fill::<S, 2>(simd, starts, near, first);
                    first += 2 * S::F32_LANES;
                } else {
                    let near = near::<S, 1>(gradient, starts.len(), first, &mut room);
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
        gradient: (Factors<'_>, usize),
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
    (gradient, first): (Factors<'_>, usize),
    out: impl Iterator<Item = &'a mut [f32]>,
) -> usize {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    for (row, &start) in starts.iter().enumerate() {
        let factors = gradient.at::<S, V>(row, first);
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

//! Long lists of numbers that are computed piece by piece.
//!
//! A list that is zeroed or copied as a whole before it is computed passes through memory twice. A piece
//! stays in the cache between the two.

use rayon::prelude::*;

/// Numbers of a piece where any would do.
pub(super) const PIECE: usize = 4096;

/// A list of `length` numbers. A thread's function, which `worker` makes, gets the index of each piece of
/// `size` numbers and the piece itself, all zeros. The last piece may be shorter.
pub(super) fn computed<W: FnMut(usize, &mut [f32])>(
    (length, size): (usize, usize),
    several_threads: bool,
    worker: impl Fn() -> W + Sync + Send,
) -> Vec<f32> {
    if several_threads {
        let mut out = vec![0.0; length];
        let pieces = out.par_chunks_mut(size).enumerate();
        pieces.for_each_init(worker, |compute, (index, piece)| compute(index, piece));
        return out;
    }
    let (mut out, mut compute) = (Vec::with_capacity(length), worker());
    for (index, first) in (0..length).step_by(size).enumerate() {
        out.resize((first + size).min(length), 0.0);
        compute(index, &mut out[first..]);
    }
    out
}

/// A copy of `numbers` that `change` changes. It gets the index of each piece of `size` numbers and the
/// piece itself. The last piece may be shorter.
pub(super) fn changed(
    numbers: &[f32],
    size: usize,
    mut change: impl FnMut(usize, &mut [f32]),
) -> Vec<f32> {
    let mut out = Vec::with_capacity(numbers.len());
    for (index, piece) in numbers.chunks(size).enumerate() {
        let first = out.len();
        out.extend_from_slice(piece);
        change(index, &mut out[first..]);
    }
    out
}

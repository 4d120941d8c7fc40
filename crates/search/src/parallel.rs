//! Divides a batch among the threads of a rayon pool. Each chunk has its own searches, leaves and scratch.

use crate::algorithm::Scratch;
use crate::model::Expansion;

/// Smallest chunk of roots: a simulation of one root takes about 0.2 µs, handing work to another
/// thread and waiting for it about 4 µs.
const MIN_CHUNK: usize = 32;

/// With several chunks per thread, no thread waits long for the last one and falls asleep.
const CHUNKS_PER_THREAD: usize = 4;

/// Number of chunks to divide a batch into: 1 with a single thread, or outside a pool.
pub(crate) fn num_chunks(batch: usize) -> usize {
    match rayon::current_thread_index().map(|_| rayon::current_num_threads()) {
        None | Some(1) => 1,
        Some(threads) => (threads * CHUNKS_PER_THREAD).min(batch / MIN_CHUNK).max(1),
    }
}

/// The edges that the next simulation expands, each `[B]`.
#[derive(Debug, Default)]
pub(crate) struct Leaves {
    parents: Vec<u32>,
    actions: Vec<u32>,
    depths: Vec<u32>,
}

/// One root's entry in [`Leaves`].
pub(crate) struct Leaf<'a> {
    /// Index of the root in the batch.
    pub root: usize,
    pub parent: &'a mut u32,
    pub action: &'a mut u32,
    pub depth: &'a mut u32,
}

/// Calls `work` for every search and its leaf, in as many chunks as there are scratches.
pub(crate) fn for_each<S: Send>(
    searches: &mut [S],
    leaves: &mut Leaves,
    scratches: &mut [Scratch],
    work: impl Fn(&mut S, Leaf<'_>, &mut Scratch) + Sync,
) {
    let Leaves { parents, actions, depths } = leaves;
    Slice { first: 0, searches, parents, actions, depths, scratches }.for_each(&work);
}

/// Consecutive roots of the batch, with one scratch for each of their chunks.
struct Slice<'a, S> {
    /// Index of the first root.
    first: usize,
    searches: &'a mut [S],
    parents: &'a mut [u32],
    actions: &'a mut [u32],
    depths: &'a mut [u32],
    scratches: &'a mut [Scratch],
}

impl<S: Send> Slice<'_, S> {
    fn for_each(self, work: &(impl Fn(&mut S, Leaf<'_>, &mut Scratch) + Sync)) {
        match self.scratches {
            [] => {}
            [scratch] => {
                let leaves = self.parents.iter_mut().zip(self.actions).zip(self.depths);
                for (offset, (search, ((parent, action), depth))) in
                    self.searches.iter_mut().zip(leaves).enumerate()
                {
                    work(
                        search,
                        Leaf { root: self.first + offset, parent, action, depth },
                        scratch,
                    );
                }
            }
            _ => {
                let (left, right) = self.halves();
                rayon::join(|| left.for_each(work), || right.for_each(work));
            }
        }
    }

    /// Splits the chunks, and the roots in proportion.
    fn halves(self) -> (Self, Self) {
        let chunks = self.scratches.len();
        let (scratches, other_scratches) = self.scratches.split_at_mut(chunks / 2);
        let middle = self.searches.len() * (chunks / 2) / chunks;
        let (searches, other_searches) = self.searches.split_at_mut(middle);
        let (parents, other_parents) = self.parents.split_at_mut(middle);
        let (actions, other_actions) = self.actions.split_at_mut(middle);
        let (depths, other_depths) = self.depths.split_at_mut(middle);
        let right = Slice {
            first: self.first + middle,
            searches: other_searches,
            parents: other_parents,
            actions: other_actions,
            depths: other_depths,
            scratches: other_scratches,
        };
        (Slice { first: self.first, searches, parents, actions, depths, scratches }, right)
    }
}

impl Leaves {
    pub(crate) fn resize(&mut self, batch: usize) {
        self.parents.resize(batch, 0);
        self.actions.resize(batch, 0);
        self.depths.resize(batch, 0);
    }

    pub(crate) fn expansion(&self, node: usize) -> Expansion<'_> {
        Expansion { node, parents: &self.parents, actions: &self.actions, depths: &self.depths }
    }
}

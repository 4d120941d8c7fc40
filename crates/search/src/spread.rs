//! A batch spread over threads: every piece of it has its own searches, leaves and scratch.

use crate::form::Scratch;
use crate::model::Expansion;

/// Fewest roots that it pays to hand to another thread: the simulation of one takes about 0.2 µs, to
/// hand over and wait some 4 µs.
const LEAST_ROOTS: usize = 32;

/// Pieces for each thread: with several, none waits long for the last, and falls asleep.
const PIECES_PER_THREAD: usize = 4;

/// How many pieces a batch is worth to cut into: one where there is a single thread, or no pool that
/// this is called in.
pub(crate) fn pieces(batch: usize) -> usize {
    match rayon::current_thread_index().map(|_| rayon::current_num_threads()) {
        None | Some(1) => 1,
        Some(threads) => (threads * PIECES_PER_THREAD).min(batch / LEAST_ROOTS).max(1),
    }
}

/// The edges that the next simulation expands, each `[B]`.
#[derive(Debug, Default)]
pub(crate) struct Leaves {
    parents: Vec<u32>,
    actions: Vec<u32>,
    depths: Vec<u32>,
}

/// One of them.
pub(crate) struct Leaf<'a> {
    /// Place in the batch.
    pub root: usize,
    pub parent: &'a mut u32,
    pub action: &'a mut u32,
    pub depth: &'a mut u32,
}

/// Does something to every search and its leaf, in as many pieces as there are scratches.
pub(crate) fn for_each<S: Send>(
    searches: &mut [S],
    leaves: &mut Leaves,
    scratches: &mut [Scratch],
    work: impl Fn(&mut S, Leaf<'_>, &mut Scratch) + Sync,
) {
    let Leaves { parents, actions, depths } = leaves;
    Part { first: 0, searches, parents, actions, depths, scratches }.spread(&work);
}

/// Neighbours in the batch, with a scratch for each piece that they are cut into.
struct Part<'a, S> {
    /// Number of the first.
    first: usize,
    searches: &'a mut [S],
    parents: &'a mut [u32],
    actions: &'a mut [u32],
    depths: &'a mut [u32],
    scratches: &'a mut [Scratch],
}

impl<S: Send> Part<'_, S> {
    fn spread(self, work: &(impl Fn(&mut S, Leaf<'_>, &mut Scratch) + Sync)) {
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
                rayon::join(|| left.spread(work), || right.spread(work));
            }
        }
    }

    /// Half of the pieces, and as much of the work.
    fn halves(self) -> (Self, Self) {
        let pieces = self.scratches.len();
        let (scratches, other_scratches) = self.scratches.split_at_mut(pieces / 2);
        let middle = self.searches.len() * (pieces / 2) / pieces;
        let (searches, other_searches) = self.searches.split_at_mut(middle);
        let (parents, other_parents) = self.parents.split_at_mut(middle);
        let (actions, other_actions) = self.actions.split_at_mut(middle);
        let (depths, other_depths) = self.depths.split_at_mut(middle);
        let right = Part {
            first: self.first + middle,
            searches: other_searches,
            parents: other_parents,
            actions: other_actions,
            depths: other_depths,
            scratches: other_scratches,
        };
        (Part { first: self.first, searches, parents, actions, depths, scratches }, right)
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

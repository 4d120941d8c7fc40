//! Completed Q-values (Danihelka et al. 2022, appendix D): the Q of actions without a visit is filled in.

use crate::settings::Completion;
use crate::simd4::Simd4;
use crate::tree::{Edges, NodeRecord};

/// Fills in q̂ of every action of a node, `[A]`: Q, or the mixed value for an action without a visit.
/// The padding repeats the first action, so that it does not change the extremes. `mask` is that of
/// [`crate::simd4::last_vector_mask`].
#[inline(always)]
pub(crate) fn complete(
    completion: Completion,
    record: &NodeRecord,
    edges: &Edges<'_>,
    mask: Simd4,
    completed: &mut [Simd4],
) {
    let mixed = Simd4::splat(mixed_value(completion, record, edges));
    let rows = edges.q.iter().zip(edges.visits);
    for (completed, (q, visits)) in completed.iter_mut().zip(rows) {
        *completed = visits.simd_gt(Simd4::ZERO).bitselect(*q, mixed);
    }
    if let [first, ..] = *completed
        && let Some(last) = completed.last_mut()
    {
        *last = mask.bitselect(*last, Simd4::splat(first.to_array()[0]));
    }
}

/// The mixed value of a node (equation 33): the mean of the value that `completion` names, counted
/// once, and the prior-weighted mean Q of the visited actions, counted once per visit.
#[inline(always)]
fn mixed_value(completion: Completion, record: &NodeRecord, edges: &Edges<'_>) -> f32 {
    let value = match completion {
        Completion::Network => record.raw_value,
        Completion::Mean => record.value,
    };
    let visits_below = (record.visits - 1) as f32;
    if visits_below == 0.0 {
        return value;
    }
    let (mut weights, mut weighted) = (Simd4::ZERO, Simd4::ZERO);
    for ((priors, q), visits) in edges.priors.iter().zip(edges.q).zip(edges.visits) {
        // A prior that underflowed to 0 must not make the sum of the weights 0.
        let priors = priors.fast_max(Simd4::splat(f32::MIN_POSITIVE));
        let visited = visits.simd_gt(Simd4::ZERO) & priors;
        weights += visited;
        weighted += visited * *q;
    }
    let mean_q = weighted.reduce_add() / weights.reduce_add();
    (value + visits_below * mean_q) / (visits_below + 1.0)
}

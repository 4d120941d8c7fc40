//! Q completion (Danihelka et al. 2022, appendix D): what an action without a visit counts for.

use crate::lanes::Lanes;
use crate::settings::Completion;
use crate::tree::{Edges, Record};

/// Fills in q̂ of every action of a node, `[A]`: Q, or the mixed value where there is none. The padding
/// repeats the first action, so that it is not beyond the others; `within` is what `lanes::within` says.
#[inline(always)]
pub(crate) fn complete(
    completion: Completion,
    record: &Record,
    edges: &Edges<'_>,
    within: Lanes,
    completed: &mut [Lanes],
) {
    let mixed = Lanes::splat(mixed_value(completion, record, edges));
    let rows = edges.q.iter().zip(edges.visits);
    for (completed, (q, visits)) in completed.iter_mut().zip(rows) {
        *completed = visits.simd_gt(Lanes::ZERO).bitselect(*q, mixed);
    }
    if let [first, ..] = *completed
        && let Some(last) = completed.last_mut()
    {
        *last = within.bitselect(*last, Lanes::splat(first.to_array()[0]));
    }
}

/// The node's value by network and search together (equation 33): the one that `completion` names,
/// and the prior-weighted mean Q of the visited actions once per visit.
#[inline(always)]
fn mixed_value(completion: Completion, record: &Record, edges: &Edges<'_>) -> f32 {
    let value = match completion {
        Completion::Network => record.raw_value,
        Completion::Mean => record.value,
    };
    let visits_below = (record.visits - 1) as f32;
    if visits_below == 0.0 {
        return value;
    }
    let (mut weights, mut weighted) = (Lanes::ZERO, Lanes::ZERO);
    for ((priors, q), visits) in edges.priors.iter().zip(edges.q).zip(edges.visits) {
        // A prior that underflowed still weighs something.
        let priors = priors.fast_max(Lanes::splat(f32::MIN_POSITIVE));
        let visited = visits.simd_gt(Lanes::ZERO) & priors;
        weights += visited;
        weighted += visited * *q;
    }
    let mean_q = weighted.reduce_add() / weights.reduce_add();
    (value + visits_below * mean_q) / (visits_below + 1.0)
}

//! Q completion (Danihelka et al. 2022, appendix D): what an action without a visit counts for.

use crate::lanes::{self, LANES, Lanes};
use crate::settings::Completion;
use crate::tree::{Edges, Tree};

/// q̂ of every action of a node, `[A]`: Q, or the mixed value where there is none. The padding gets
/// the mixed value too.
pub(crate) fn complete(completion: Completion, tree: &Tree, node: usize, completed: &mut [Lanes]) {
    let mixed = mixed_value(completion, tree, node);
    let Edges { q, visits, .. } = tree.edges(node);
    for (completed, (q, visits)) in completed.iter_mut().zip(q.iter().zip(visits)) {
        *completed = lanes::lanewise(|lane| lanes::select(visits[lane] > 0.0, q[lane], mixed));
    }
}

/// The node's value by network and search together (equation 33): the one that `completion` names,
/// and the prior-weighted mean Q of the visited actions once per visit.
fn mixed_value(completion: Completion, tree: &Tree, node: usize) -> f32 {
    let record = tree.record(node);
    let value = match completion {
        Completion::Network => record.raw_value,
        Completion::Mean => record.value,
    };
    let visits_below = (record.visits - 1) as f32;
    if visits_below == 0.0 {
        return value;
    }
    let Edges { priors, q, visits, .. } = tree.edges(node);
    let (mut weights, mut weighted) = ([0.0; LANES], [0.0; LANES]);
    for ((priors, q), visits) in priors.iter().zip(q).zip(visits) {
        // A prior that underflowed still weighs something.
        let priors = lanes::maximum(*priors, [f32::MIN_POSITIVE; LANES]);
        let visited = lanes::lanewise(|lane| lanes::select(visits[lane] > 0.0, priors[lane], 0.0));
        weights = lanes::add(weights, visited);
        weighted = lanes::add(weighted, lanes::lanewise(|lane| visited[lane] * q[lane]));
    }
    let mean_q = lanes::across_sum(weighted) / lanes::across_sum(weights);
    (value + visits_below * mean_q) / (visits_below + 1.0)
}

//! pUCT search: MuZero (arXiv 1911.08265, appendix B), EfficientZero (arXiv 2111.00210, appendix A)
//! and mctx's `muzero_policy`. They differ in the Q of unvisited actions and in how Q is normalised.
//!
//! An unvisited action has either the least score, 0, or the mean Q of its node:
//!
//! mean Q(s) = (sign(γ) · mean Q(parent) + Σ Q(s, a)) / (1 + number of visited actions)
//!
//! The sum is over the visited actions; γ is the discount of the edge to s, and its sign changes the
//! player. At the root the parent's part and the 1 are missing, and the mean is 0 before the first
//! visit. The sign of a discount of 0 (a terminal edge) counts as +1: there the node inherits the
//! parent's mean Q unchanged. This only affects which of the terminal node's actions a simulation
//! visits, because values behind such an edge are not backed up to the nodes above it (see `backup`).

use rand_chacha::ChaCha8Rng;

use crate::algorithm::{Scratch, SearchAlgorithm};
use crate::model::Purpose;
use crate::noise;
use crate::q_range::QRange;
use crate::settings::{Puct as Settings, Unvisited};
use crate::simd4::{self, Simd4};
use crate::tree::{Edges, ROOT, Tree};

/// The exploration bonus of an action, divided by its prior: (c1 + ln((N + c2 + 1)/c2)) · √N / (n + 1),
/// with N visits of the node and n visits of the action.
#[must_use]
pub fn exploration_bonus(c1: f32, c2: f32, node_visits: u32, action_visits: u32) -> f32 {
    exploration_weight(c1, c2, node_visits) / (action_visits as f32 + 1.0)
}

fn exploration_weight(c1: f32, c2: f32, node_visits: u32) -> f32 {
    let node_visits = node_visits as f32;
    (c1 + ((node_visits + c2 + 1.0) / c2).ln()) * node_visits.sqrt()
}

/// A pUCT search.
#[derive(Debug)]
pub(crate) struct Puct {
    settings: Settings,
    /// Exploration weight by the number of a node's visits, precomputed.
    exploration_weights: Vec<f32>,
}

/// State of one root's search.
#[derive(Debug, Default)]
pub(crate) struct PuctRoot {
    /// Range of the current simulation, if all nodes share one.
    range: Option<QRange>,
    /// Mean Q of the last node on the current simulation's path.
    mean_q: f32,
}

impl Puct {
    pub(crate) fn new(settings: &Settings, simulations: u32) -> Self {
        let weight = |visits| exploration_weight(settings.c1 as f32, settings.c2 as f32, visits);
        let exploration_weights = (0..simulations + 2).map(weight).collect();
        Self { settings: settings.clone(), exploration_weights }
    }
}

/// The mean of the visited actions' Q and of the mean inherited from the parent, each counted once; 0
/// if there are none.
#[inline(always)]
fn mean_q(edges: &Edges<'_>, inherited: Option<f32>) -> f32 {
    let (mut sums, mut counts) = (Simd4::ZERO, Simd4::ZERO);
    for (q, visits) in edges.q.iter().zip(edges.visits) {
        // Actions without a visit have a Q of 0.
        sums += *q;
        counts += visits.fast_min(Simd4::ONE);
    }
    let count = counts.reduce_add() + f32::from(inherited.is_some());
    (sums.reduce_add() + inherited.unwrap_or(0.0)) / count.max(1.0)
}

impl SearchAlgorithm for Puct {
    type Root = PuctRoot;
    const READS_LOGITS: bool = false;

    fn begin(
        &self,
        _root: &mut PuctRoot,
        tree: &mut Tree,
        purpose: Purpose,
        stream: &mut ChaCha8Rng,
    ) {
        let Settings { dirichlet_alpha: alpha, dirichlet_fraction: fraction, .. } = self.settings;
        if purpose != Purpose::Greedy && fraction > 0.0 {
            noise::mix_dirichlet(tree.root_priors(), alpha as f32, fraction as f32, stream);
        }
    }

    fn select(
        &self,
        root: &mut PuctRoot,
        tree: &mut Tree,
        node: usize,
        stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) -> usize {
        if node == ROOT {
            let Settings { normalization, soft_floor, .. } = self.settings;
            root.range = QRange::of_simulation(normalization, tree, soft_floor as f32);
        }
        let (record, edges) = (tree.record(node), tree.edges(node));
        let range = root.range.unwrap_or_else(|| {
            QRange::of_siblings(record.value, &edges, self.settings.soft_floor as f32)
        });
        let unvisited = match self.settings.unvisited {
            Unvisited::Minimum => Simd4::ZERO,
            Unvisited::ParentMean => {
                // The sign of 0, a terminal edge, is +1.
                let inherited = (node != ROOT).then(|| root.mean_q * record.discount.signum());
                root.mean_q = mean_q(&edges, inherited);
                range.scores(Simd4::splat(root.mean_q))
            }
        };
        let exploration = self.exploration_weights[record.visits as usize];
        let Edges { priors, q, visits, .. } = edges;
        let edges = priors.iter().zip(q).zip(visits);
        let mut highest = Simd4::splat(f32::NEG_INFINITY);
        for (scores, ((priors, q), visits)) in scratch.scores.iter_mut().zip(edges) {
            let values = visits.simd_gt(Simd4::ZERO).bitselect(range.scores(*q), unvisited);
            *scores = values + *priors * exploration / (*visits + 1.0);
            highest = simd4::greater(highest, *scores);
        }
        noise::any_equal(&scratch.scores, simd4::greatest(highest), priors, stream)
    }

    fn decide(
        &self,
        _root: &mut PuctRoot,
        tree: &mut Tree,
        purpose: Purpose,
        stream: &mut ChaCha8Rng,
        _scratch: &mut Scratch,
        policy: &mut [f32],
    ) -> usize {
        let edges = tree.edges(ROOT);
        let weights = match tree.record(ROOT).visits - 1 {
            // Without simulations the policy target stays the network's policy, without noise.
            0 => edges.priors,
            simulations => {
                let shares = simd4::flat(edges.visits).iter().map(|n| n / simulations as f32);
                policy.iter_mut().zip(shares).for_each(|(policy, share)| *policy = share);
                edges.visits
            }
        };
        let weights = &simd4::flat(weights)[..policy.len()];
        match purpose {
            Purpose::Explore { temperature } if temperature > 0.0 => {
                noise::draw(weights, temperature, stream)
            }
            Purpose::Explore { .. } | Purpose::Greedy => {
                most_visited(weights, simd4::flat(edges.q))
            }
        }
    }
}

/// The action with the greatest weight. Ties go to the greatest Q, then to the first action.
fn most_visited(weights: &[f32], q: &[f32]) -> usize {
    let mut best = 0;
    for action in 1..weights.len() {
        if (weights[action], q[action]) > (weights[best], q[best]) {
            best = action;
        }
    }
    best
}

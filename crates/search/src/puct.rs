//! pUCT search: MuZero (arXiv 1911.08265, appendix B), EfficientZero (arXiv 2111.00210, appendix A)
//! and mctx's `muzero_policy`, which differ in the Q of unvisited actions and its normalisation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, Scratch};
use crate::lanes::{self, Lanes};
use crate::model::Use;
use crate::noise;
use crate::range::Range;
use crate::settings::{Puct as Settings, Unvisited};
use crate::tree::{Edges, ROOT, Tree};

/// The bonus of an action per unit of its prior: (c1 + ln((N + c2 + 1)/c2)) · √N / (n + 1), with
/// N visits of the node and n of the action.
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
    /// Exploration weight by a node's visits: a logarithm and a root less at every node.
    exploration_weights: Vec<f32>,
}

/// What one root carries along.
#[derive(Debug, Default)]
pub(crate) struct Root {
    /// Range of the running simulation, where it is one for the whole tree.
    range: Option<Range>,
    /// Mean Q of the node that the running simulation was at last.
    mean_q: f32,
}

impl Puct {
    pub(crate) fn new(settings: &Settings, simulations: u32) -> Self {
        let weight = |visits| exploration_weight(settings.c1, settings.c2, visits);
        let exploration_weights = (0..simulations + 2).map(weight).collect();
        Self { settings: settings.clone(), exploration_weights }
    }
}

/// Mean of the visited actions' Q and of what the node inherits of its parent's mean, each counted
/// once; 0 without any.
#[inline(always)]
fn mean_q(edges: &Edges<'_>, inherited: Option<f32>) -> f32 {
    let (mut sums, mut counts) = (Lanes::ZERO, Lanes::ZERO);
    for (q, visits) in edges.q.iter().zip(edges.visits) {
        // Actions without a visit have a Q of 0.
        sums += *q;
        counts += visits.fast_min(Lanes::ONE);
    }
    let count = counts.reduce_add() + f32::from(inherited.is_some());
    (sums.reduce_add() + inherited.unwrap_or(0.0)) / count.max(1.0)
}

impl Form for Puct {
    type Root = Root;
    const READS_LOGITS: bool = false;

    fn begin(&self, _root: &mut Root, tree: &mut Tree, use_: Use, stream: &mut ChaCha8Rng) {
        let Settings { dirichlet_alpha: alpha, dirichlet_fraction: fraction, .. } = self.settings;
        if use_ != Use::Greedy && fraction > 0.0 {
            noise::mix_dirichlet(tree.root_priors(), alpha, fraction, stream);
        }
    }

    fn select(
        &self,
        root: &mut Root,
        tree: &mut Tree,
        node: usize,
        stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) -> usize {
        if node == ROOT {
            let Settings { normalization, soft_floor, .. } = self.settings;
            root.range = Range::of_simulation(normalization, tree, soft_floor);
        }
        let (record, edges) = (tree.record(node), tree.edges(node));
        let range = root
            .range
            .unwrap_or_else(|| Range::of_siblings(record.value, &edges, self.settings.soft_floor));
        let unvisited = match self.settings.unvisited {
            Unvisited::Minimum => Lanes::ZERO,
            Unvisited::ParentMean => {
                let inherited = (node != ROOT).then(|| root.mean_q * record.discount.signum());
                root.mean_q = mean_q(&edges, inherited);
                range.scores(Lanes::splat(root.mean_q))
            }
        };
        let exploration = self.exploration_weights[record.visits as usize];
        let Edges { priors, q, visits, .. } = edges;
        let edges = priors.iter().zip(q).zip(visits);
        let mut highest = Lanes::splat(f32::NEG_INFINITY);
        for (scores, ((priors, q), visits)) in scratch.scores.iter_mut().zip(edges) {
            let values = visits.simd_gt(Lanes::ZERO).bitselect(range.scores(*q), unvisited);
            *scores = values + *priors * exploration / (*visits + 1.0);
            highest = lanes::greater(highest, *scores);
        }
        noise::any_equal(&scratch.scores, lanes::greatest(highest), priors, stream)
    }

    fn decide(
        &self,
        _root: &mut Root,
        tree: &mut Tree,
        use_: Use,
        stream: &mut ChaCha8Rng,
        _scratch: &mut Scratch,
        policy: &mut [f32],
    ) -> usize {
        let edges = tree.edges(ROOT);
        let weights = match tree.record(ROOT).visits - 1 {
            // Without a search the policy is the network's: its target without the noise.
            0 => edges.priors,
            simulations => {
                let shares = lanes::flat(edges.visits).iter().map(|n| n / simulations as f32);
                policy.iter_mut().zip(shares).for_each(|(policy, share)| *policy = share);
                edges.visits
            }
        };
        let weights = &lanes::flat(weights)[..policy.len()];
        match use_ {
            Use::Explore { temperature } if temperature > 0.0 => {
                noise::draw(weights, temperature, stream)
            }
            Use::Explore { .. } | Use::Greedy => most_visited(weights, lanes::flat(edges.q)),
        }
    }
}

/// The action with the greatest weight; among equals the one with the greatest Q, then the first.
fn most_visited(weights: &[f32], q: &[f32]) -> usize {
    let mut best = 0;
    for action in 1..weights.len() {
        if (weights[action], q[action]) > (weights[best], q[best]) {
            best = action;
        }
    }
    best
}

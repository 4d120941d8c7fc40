//! pUCT search: MuZero (arXiv 1911.08265, appendix B), EfficientZero (arXiv 2111.00210, appendix A)
//! and mctx's `muzero_policy`, which differ in the Q of unvisited actions and its normalisation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, Scratch};
use crate::lanes::{self, LANES};
use crate::model::Use;
use crate::noise;
use crate::range::Range;
use crate::settings::{Normalization, Puct as Settings, Unvisited};
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
    range: Range,
    /// Mean Q of the node that the running simulation was at last.
    mean_q: f32,
}

impl Puct {
    pub(crate) fn new(settings: &Settings, simulations: u32) -> Self {
        let weight = |visits| exploration_weight(settings.c1, settings.c2, visits);
        let exploration_weights = (0..simulations + 2).map(weight).collect();
        Self { settings: settings.clone(), exploration_weights }
    }

    fn range(&self, root: &mut Root, tree: &mut Tree, node: usize) -> Range {
        let floor = self.settings.soft_floor;
        if self.settings.normalization == Normalization::Siblings {
            return Range::of_siblings(tree, node, floor);
        }
        if node == ROOT {
            root.range = match self.settings.normalization {
                Normalization::Tree | Normalization::Siblings => Range::of_tree(tree, floor),
                Normalization::Returns => Range::of_returns(tree, floor),
                Normalization::Unit => Range::new((-1.0, 1.0), floor),
            };
        }
        root.range
    }

    /// The score of an action without a visit.
    fn unvisited_score(&self, root: &mut Root, tree: &Tree, node: usize, range: &Range) -> f32 {
        match self.settings.unvisited {
            Unvisited::Minimum => 0.0,
            Unvisited::ParentMean => {
                let sign = tree.record(node).discount.signum();
                let inherited = (node != ROOT).then(|| root.mean_q * sign);
                root.mean_q = mean_q(tree, node, inherited);
                range.score(root.mean_q)
            }
        }
    }
}

/// Mean of the visited actions' Q and of what the node inherits of its parent's mean, each counted
/// once; 0 without any.
fn mean_q(tree: &Tree, node: usize, inherited: Option<f32>) -> f32 {
    let (mut sums, mut counts) = ([0.0; LANES], [0.0; LANES]);
    let Edges { q, visits, .. } = tree.edges(node);
    for (q, visits) in q.iter().zip(visits) {
        // Actions without a visit have a Q of 0.
        sums = lanes::add(sums, *q);
        counts = lanes::add(counts, lanes::lanewise(|lane| visits[lane].min(1.0)));
    }
    let count = lanes::across_sum(counts) + f32::from(inherited.is_some());
    (lanes::across_sum(sums) + inherited.unwrap_or(0.0)) / count.max(1.0)
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
        let range = self.range(root, tree, node);
        let unvisited = self.unvisited_score(root, tree, node, &range);
        let exploration = self.exploration_weights[tree.record(node).visits as usize];
        let Edges { priors, q, visits, .. } = tree.edges(node);
        let edges = priors.iter().zip(q).zip(visits);
        let mut highest = [f32::NEG_INFINITY; LANES];
        for (scores, ((prior, q), visits)) in scratch.scores.iter_mut().zip(edges) {
            *scores = lanes::lanewise(|lane| {
                let value = lanes::select(visits[lane] > 0.0, range.score(q[lane]), unvisited);
                value + exploration * prior[lane] / (visits[lane] + 1.0)
            });
            highest = lanes::maximum(highest, *scores);
        }
        let highest = lanes::across_maximum(highest);
        noise::any_equal(&scratch.scores, highest, priors, stream)
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
                let shares = edges.visits.as_flattened().iter().map(|n| n / simulations as f32);
                policy.iter_mut().zip(shares).for_each(|(policy, share)| *policy = share);
                edges.visits
            }
        };
        let weights = &weights.as_flattened()[..policy.len()];
        match use_ {
            Use::Explore { temperature } if temperature > 0.0 => {
                noise::draw(weights, temperature, stream)
            }
            Use::Explore { .. } | Use::Greedy => most_visited(weights, edges.q.as_flattened()),
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

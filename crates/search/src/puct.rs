//! pUCT search: MuZero (arXiv 1911.08265, appendix B), EfficientZero (arXiv 2111.00210, appendix A)
//! and mctx's `muzero_policy`, which differ in the Q of unvisited actions and its normalisation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, RootRow};
use crate::lanes::{self, LANES, Lanes};
use crate::model::Use;
use crate::noise;
use crate::range::Range;
use crate::settings::{Normalization, Puct as Settings, Unvisited};
use crate::tree::{Edges, ROOT, RootTree};

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

/// A pUCT search over the whole batch.
#[derive(Debug)]
pub(crate) struct Puct<'a> {
    settings: &'a Settings,
    /// Exploration weight by a node's visits: a logarithm and a root less at every node.
    exploration_weights: Vec<f32>,
}

/// What one root carries along.
#[derive(Debug)]
pub(crate) struct Root {
    scores: Vec<Lanes>,
    /// Range of the tree's Q, as of the last backup.
    range: Range,
    /// Mean Q of the node that the running simulation was at last.
    mean_q: f32,
}

impl<'a> Puct<'a> {
    pub(crate) fn new(settings: &'a Settings, simulations: u32) -> Self {
        let weight = |visits| exploration_weight(settings.c1, settings.c2, visits);
        Self { settings, exploration_weights: (0..simulations + 2).map(weight).collect() }
    }

    fn range(&self, root: &Root, tree: &RootTree, node: usize) -> Range {
        match self.settings.normalization {
            Normalization::Tree => root.range,
            Normalization::Siblings => {
                Range::of_siblings(tree.value(node), tree.edges(node), self.settings.soft_floor)
            }
        }
    }

    /// The score of an action without a visit, in [0, 1].
    fn unvisited_score(&self, root: &mut Root, tree: &RootTree, node: usize, range: &Range) -> f32 {
        match self.settings.unvisited {
            Unvisited::Minimum => 0.0,
            Unvisited::ParentMean => {
                let inherited = (node != ROOT).then(|| root.mean_q * tree.discount(node).signum());
                root.mean_q = mean_q(tree, node, inherited);
                range.score(root.mean_q).clamp(0.0, 1.0)
            }
        }
    }
}

/// Mean of the visited actions' Q and of what the node inherits of its parent's mean, each counted
/// once; 0 without any.
fn mean_q(tree: &RootTree, node: usize, inherited: Option<f32>) -> f32 {
    // Actions without a visit have a Q of 0.
    let sums = tree.edges(node).q.iter().copied().fold([0.0; LANES], lanes::add);
    let sum = lanes::across_sum(sums) + inherited.unwrap_or(0.0);
    let count = tree.num_children(node) + u32::from(inherited.is_some());
    sum / count.max(1) as f32
}

impl Form for Puct<'_> {
    type Root = Root;

    fn begin(&self, row: &RootRow, priors: &mut [f32], stream: &mut ChaCha8Rng) -> Root {
        let Settings { dirichlet_alpha: alpha, dirichlet_fraction: fraction, .. } = *self.settings;
        if row.use_ != Use::Greedy && fraction > 0.0 {
            noise::mix_dirichlet(priors, &row.legal, alpha, fraction, stream);
        }
        Root {
            scores: vec![[0.0; LANES]; lanes::width(priors.len())],
            range: Range::empty(),
            mean_q: 0.0,
        }
    }

    fn select(
        &self,
        root: &mut Root,
        tree: &RootTree,
        node: usize,
        stream: &mut ChaCha8Rng,
    ) -> usize {
        let range = self.range(root, tree, node);
        let unvisited = self.unvisited_score(root, tree, node, &range);
        let exploration = self.exploration_weights[tree.visits(node) as usize];
        let Edges { priors, q, visits, mask } = tree.edges(node);
        let edges = priors.iter().zip(q).zip(visits).zip(mask);
        let mut highest = [f32::NEG_INFINITY; LANES];
        for (scores, (((prior, q), visits), mask)) in root.scores.iter_mut().zip(edges) {
            *scores = lanes::lanewise(|lane| {
                let value = lanes::select(visits[lane] > 0.0, range.score(q[lane]), unvisited);
                value + exploration * prior[lane] / (visits[lane] + 1.0) + mask[lane]
            });
            highest = lanes::maximum(highest, *scores);
        }
        noise::any_equal(&root.scores, lanes::across_maximum(highest), mask, stream)
    }

    fn expanded(&self, root: &mut Root, tree: &RootTree, _logits: &[f32]) {
        if self.settings.normalization == Normalization::Tree {
            root.range = Range::of_tree(tree, self.settings.soft_floor);
        }
    }

    fn decide(
        &self,
        _root: &mut Root,
        tree: &RootTree,
        row: &RootRow,
        stream: &mut ChaCha8Rng,
        policy: &mut [f32],
    ) -> usize {
        let edges = tree.edges(ROOT);
        let simulations = tree.visits(ROOT) - 1;
        // Without a search the policy is the network's: its target without the noise.
        let (weights, target, scale) = match simulations {
            0 => (edges.priors, row.policy.as_slice(), 1.0),
            _ => (edges.visits, edges.visits, 1.0 / simulations as f32),
        };
        policy.iter_mut().zip(target.as_flattened()).for_each(|(p, share)| *p = share * scale);
        let weights = &weights.as_flattened()[..policy.len()];
        match row.use_ {
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

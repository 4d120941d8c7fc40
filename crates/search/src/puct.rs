//! pUCT search: MuZero (arXiv 1911.08265, appendix B), EfficientZero (arXiv 2111.00210, appendix A)
//! and mctx's `muzero_policy`, which differ in the Q of unvisited actions and its normalisation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, RootRow};
use crate::model::Use;
use crate::noise;
use crate::range::Range;
use crate::rows;
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
    legal: Vec<bool>,
    scores: Vec<f32>,
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
                root.mean_q = mean_q(tree.edges(node), inherited);
                range.score(root.mean_q).clamp(0.0, 1.0)
            }
        }
    }
}

/// Mean of the visited actions' Q and of what the node inherits of its parent's mean, each counted
/// once; 0 without any.
fn mean_q(edges: Edges<'_>, inherited: Option<f32>) -> f32 {
    let visited = edges.visits.iter().filter(|visits| **visits > 0.0).count();
    // Actions without a visit have a Q of 0.
    let sum = edges.q.iter().sum::<f32>() + inherited.unwrap_or(0.0);
    sum / (visited + usize::from(inherited.is_some())).max(1) as f32
}

impl Form for Puct<'_> {
    type Root = Root;

    fn begin(&self, row: &RootRow<'_>, priors: &mut [f32], stream: &mut ChaCha8Rng) -> Root {
        let Settings { dirichlet_alpha: alpha, dirichlet_fraction: fraction, .. } = *self.settings;
        if row.use_ != Use::Greedy && fraction > 0.0 {
            noise::mix_dirichlet(priors, row.legal, alpha, fraction, stream);
        }
        Root {
            legal: row.legal.to_vec(),
            scores: vec![0.0; priors.len()],
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
        let Edges { priors, q, visits } = tree.edges(node);
        for (score, ((prior, q), visits)) in
            root.scores.iter_mut().zip(priors.iter().zip(q).zip(visits))
        {
            let value = if *visits > 0.0 { range.score(*q) } else { unvisited };
            *score = value + exploration * prior / (visits + 1.0);
        }
        if node == ROOT {
            rows::forbid(&mut root.scores, &root.legal);
        }
        noise::any_highest(&root.scores, stream)
    }

    fn expanded(&self, root: &mut Root, tree: &RootTree, _logits: &[f32]) {
        if self.settings.normalization == Normalization::Tree {
            root.range = Range::of_tree(tree, self.settings.soft_floor);
        }
    }

    fn decide(
        &self,
        _root: &Root,
        tree: &RootTree,
        row: &RootRow<'_>,
        stream: &mut ChaCha8Rng,
        policy: &mut [f32],
    ) -> usize {
        let Edges { priors, q, visits } = tree.edges(ROOT);
        let simulations: f32 = visits.iter().sum();
        // Without a search the policy is the network's.
        let weights = if simulations > 0.0 { visits } else { priors };
        policy.copy_from_slice(if simulations > 0.0 { visits } else { row.logits });
        if simulations > 0.0 {
            policy.iter_mut().for_each(|share| *share /= simulations);
        } else {
            rows::softmax(policy);
        }
        match row.use_ {
            Use::Explore { temperature } if temperature > 0.0 => {
                noise::draw(weights, temperature, stream)
            }
            Use::Explore { .. } | Use::Greedy => most_visited(weights, q),
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

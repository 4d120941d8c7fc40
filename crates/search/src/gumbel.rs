//! Gumbel MuZero (Danihelka et al. 2022): sequential halving over Gumbel-sampled actions at the
//! root, a deterministic choice inside the tree, and the policy that completed Q-values improve.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, RootRow};
use crate::halving::considered_visits;
use crate::model::Use;
use crate::noise;
use crate::rows;
use crate::settings::Gumbel as Settings;
use crate::tree::{Edges, ROOT, RootTree};

/// Smallest range that completed Q-values are divided by (mctx).
const LEAST_RANGE: f32 = 1e-8;

/// What the logit of a legal action counts at least at the root, -∞ being for illegal ones (mctx).
const LEAST_LOGIT: f32 = -1e9;

/// A Gumbel search over the whole batch.
#[derive(Debug)]
pub(crate) struct Gumbel<'a> {
    settings: &'a Settings,
    simulations: usize,
}

/// What one root carries along.
#[derive(Debug)]
pub(crate) struct Root {
    /// Gumbel noise plus logits, less the highest logit; -∞ where illegal, `[A]`.
    noisy_logits: Vec<f32>,
    /// Visits that the action of each simulation must have.
    schedule: Vec<u32>,
    /// Logits of every node, `[N, A]`.
    logits: Vec<f32>,
    scores: Vec<f32>,
}

impl<'a> Gumbel<'a> {
    pub(crate) fn new(settings: &'a Settings, simulations: u32) -> Self {
        Self { settings, simulations: simulations as usize }
    }

    /// The root's action among those with `visits` visits: arg-max of Gumbel + logit + σ(q).
    fn root_action(&self, root: &Root, tree: &RootTree, visits: f32, scores: &mut [f32]) -> usize {
        self.completed_q(tree, ROOT, scores);
        let noisy = root.noisy_logits.iter().zip(tree.edges(ROOT).visits);
        for (score, (noisy_logit, count)) in scores.iter_mut().zip(noisy) {
            let candidate = *count == visits && *noisy_logit > f32::NEG_INFINITY;
            *score = if candidate { noisy_logit + *score } else { f32::NEG_INFINITY };
        }
        rows::first_highest(scores)
    }

    /// σ(q̂) of every action (appendix D): Q, or the mixed value where there is none, rescaled to
    /// [0, 1] and weighted by (`maxvisit_init` + highest visit count) · `value_scale`.
    fn completed_q(&self, tree: &RootTree, node: usize, completed: &mut [f32]) {
        let edges = tree.edges(node);
        let mixed = mixed_value(tree.raw_value(node), edges);
        for (completed, (q, visits)) in completed.iter_mut().zip(edges.q.iter().zip(edges.visits)) {
            *completed = if *visits > 0.0 { *q } else { mixed };
        }
        let most_visits = edges.visits.iter().copied().fold(0.0, f32::max);
        let weight = (self.settings.maxvisit_init + most_visits) * self.settings.value_scale;
        let minimum = completed.iter().copied().fold(f32::INFINITY, f32::min);
        let maximum = completed.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let scale = weight / (maximum - minimum).max(LEAST_RANGE);
        completed.iter_mut().for_each(|q| *q = (*q - minimum) * scale);
    }
}

/// The node's value by network and search together (equation 33): the network's value, and the
/// prior-weighted mean Q of the visited actions once per visit.
fn mixed_value(raw_value: f32, edges: Edges<'_>) -> f32 {
    let (mut visits, mut weight, mut weighted_q) = (0.0, 0.0, 0.0);
    for ((prior, q), count) in edges.priors.iter().zip(edges.q).zip(edges.visits) {
        if *count > 0.0 {
            // A prior that underflowed still weighs something.
            let prior = prior.max(f32::MIN_POSITIVE);
            visits += count;
            weight += prior;
            weighted_q += prior * q;
        }
    }
    if visits == 0.0 {
        raw_value
    } else {
        (raw_value + visits * weighted_q / weight) / (visits + 1.0)
    }
}

impl Form for Gumbel<'_> {
    type Root = Root;

    fn begin(&self, row: &RootRow<'_>, _priors: &mut [f32], stream: &mut ChaCha8Rng) -> Root {
        let num_actions = row.logits.len();
        let noise = match row.use_ {
            Use::Explore { .. } => noise::gumbel(num_actions, self.settings.gumbel_scale, stream),
            Use::Greedy => vec![0.0; num_actions],
        };
        let highest = row.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let noisy =
            noise.iter().zip(row.logits).map(|(g, logit)| (g + logit - highest).max(LEAST_LOGIT));
        let mut noisy_logits: Vec<f32> = noisy.collect();
        rows::forbid(&mut noisy_logits, row.legal);
        let legal = row.legal.iter().filter(|legal| **legal).count();
        let considered = legal.min(self.settings.max_considered_actions as usize);
        let mut logits = Vec::with_capacity((self.simulations + 1) * num_actions);
        logits.extend_from_slice(row.logits);
        Root {
            noisy_logits,
            schedule: considered_visits(considered, self.simulations),
            logits,
            scores: vec![0.0; num_actions],
        }
    }

    fn select(
        &self,
        root: &mut Root,
        tree: &RootTree,
        node: usize,
        _stream: &mut ChaCha8Rng,
    ) -> usize {
        let mut scores = std::mem::take(&mut root.scores);
        let action = if node == ROOT {
            let visits = root.schedule[tree.len() - 1] as f32;
            self.root_action(root, tree, visits, &mut scores)
        } else {
            self.completed_q(tree, node, &mut scores);
            let num_actions = scores.len();
            let logits = &root.logits[node * num_actions..(node + 1) * num_actions];
            scores.iter_mut().zip(logits).for_each(|(score, logit)| *score += logit);
            rows::softmax(&mut scores);
            // Section 5: keeps the visit shares closest to the improved policy.
            let visits = tree.edges(node).visits;
            let all = tree.visits(node) as f32;
            scores.iter_mut().zip(visits).for_each(|(score, visits)| *score -= visits / all);
            rows::first_highest(&scores)
        };
        root.scores = scores;
        action
    }

    fn expanded(&self, root: &mut Root, _tree: &RootTree, logits: &[f32]) {
        root.logits.extend_from_slice(logits);
    }

    fn decide(
        &self,
        root: &Root,
        tree: &RootTree,
        row: &RootRow<'_>,
        _stream: &mut ChaCha8Rng,
        policy: &mut [f32],
    ) -> usize {
        let most_visits = tree.edges(ROOT).visits.iter().copied().fold(0.0, f32::max);
        let action = self.root_action(root, tree, most_visits, policy);
        self.completed_q(tree, ROOT, policy);
        policy.iter_mut().zip(row.logits).for_each(|(score, logit)| *score += logit);
        rows::softmax(policy);
        action
    }
}

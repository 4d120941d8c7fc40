//! Gumbel MuZero (Danihelka et al. 2022): sequential halving over Gumbel-sampled actions at the
//! root, a deterministic choice inside the tree, and the policy that completed Q-values improve.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, RootRow};
use crate::halving::considered_visits;
use crate::lanes::{self, LANES, Lanes};
use crate::model::Use;
use crate::noise;
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
    noisy_logits: Vec<Lanes>,
    /// Visits that the action of each simulation must have.
    schedule: Vec<u32>,
    /// Logits of every node, `[N, A]`, padded with -∞.
    logits: Vec<Lanes>,
    scores: Vec<Lanes>,
}

impl<'a> Gumbel<'a> {
    pub(crate) fn new(settings: &'a Settings, simulations: u32) -> Self {
        Self { settings, simulations: simulations as usize }
    }

    /// The root's action among those with `visits` visits: arg-max of Gumbel + logit + σ(q̂).
    fn root_action(&self, root: &mut Root, tree: &RootTree, visits: f32) -> usize {
        let sigma = self.complete(tree, ROOT, &mut root.scores);
        let Edges { visits: counts, mask, .. } = tree.edges(ROOT);
        let mut highest = [f32::NEG_INFINITY; LANES];
        let edges = root.noisy_logits.iter().zip(counts);
        for (scores, (noisy_logits, counts)) in root.scores.iter_mut().zip(edges) {
            *scores = lanes::lanewise(|lane| {
                let score = noisy_logits[lane] + sigma.of(scores[lane]);
                lanes::select(counts[lane] == visits, score, f32::NEG_INFINITY)
            });
            highest = lanes::maximum(highest, *scores);
        }
        lanes::first_equal(&root.scores, lanes::across_maximum(highest), mask)
    }

    /// The action inside the tree that keeps the shares of the visits closest to the improved
    /// policy (section 5): arg-max of π'(a) − n(a)/(1 + Σ n).
    fn interior_action(&self, root: &mut Root, tree: &RootTree, node: usize) -> usize {
        let width = root.scores.len();
        let logits = &root.logits[node * width..(node + 1) * width];
        let weight = 1.0 / self.improved_policy(tree, node, logits, &mut root.scores);
        let share = 1.0 / tree.visits(node) as f32;
        let Edges { visits, mask, .. } = tree.edges(node);
        let mut highest = [f32::NEG_INFINITY; LANES];
        for (scores, (visits, mask)) in root.scores.iter_mut().zip(visits.iter().zip(mask)) {
            *scores =
                lanes::lanewise(|lane| scores[lane] * weight - visits[lane] * share + mask[lane]);
            highest = lanes::maximum(highest, *scores);
        }
        lanes::first_equal(&root.scores, lanes::across_maximum(highest), mask)
    }

    /// π' = softmax(logits + σ(q̂)), `[A]`, padded with 0, up to a factor: returns the sum.
    fn improved_policy(
        &self,
        tree: &RootTree,
        node: usize,
        logits: &[Lanes],
        policy: &mut [Lanes],
    ) -> f32 {
        let sigma = self.complete(tree, node, policy);
        let mut highest = [f32::NEG_INFINITY; LANES];
        for (policy, logits) in policy.iter_mut().zip(logits) {
            *policy = lanes::lanewise(|lane| logits[lane] + sigma.of(policy[lane]));
            highest = lanes::maximum(highest, *policy);
        }
        lanes::exponentials(policy, lanes::across_maximum(highest))
    }

    /// q̂ of every action (appendix D), `[A]`: Q, or the mixed value where there is none.
    fn complete(&self, tree: &RootTree, node: usize, completed: &mut [Lanes]) -> Sigma {
        let Edges { q, visits, .. } = tree.edges(node);
        let mixed = mixed_value(tree, node);
        let (mut least, mut greatest) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let mut most_visits = [0.0; LANES];
        let edges = q.iter().zip(visits).zip(tree.padding());
        for (completed, ((q, visits), padding)) in completed.iter_mut().zip(edges) {
            *completed = lanes::lanewise(|lane| lanes::select(visits[lane] > 0.0, q[lane], mixed));
            // The padding takes no part in the range.
            let (high, low) = (
                lanes::add(*completed, *padding),
                lanes::lanewise(|lane| completed[lane] - padding[lane]),
            );
            least = lanes::minimum(least, low);
            greatest = lanes::maximum(greatest, high);
            most_visits = lanes::maximum(most_visits, *visits);
        }
        let (least, greatest) = (lanes::across_minimum(least), lanes::across_maximum(greatest));
        let visits = self.settings.maxvisit_init + lanes::across_maximum(most_visits);
        let weight = visits * self.settings.value_scale;
        Sigma { least, scale: weight / (greatest - least).max(LEAST_RANGE) }
    }
}

/// The transformation σ of completed Q-values: rescaled to [0, 1], and weighted by
/// (`maxvisit_init` + highest visit count) · `value_scale`.
#[derive(Debug, Clone, Copy)]
struct Sigma {
    least: f32,
    scale: f32,
}

impl Sigma {
    fn of(self, q: f32) -> f32 {
        (q - self.least) * self.scale
    }
}

/// The node's value by network and search together (equation 33): the network's value, and the
/// prior-weighted mean Q of the visited actions once per visit.
fn mixed_value(tree: &RootTree, node: usize) -> f32 {
    let (raw_value, visits) = (tree.raw_value(node), (tree.visits(node) - 1) as f32);
    if visits == 0.0 {
        return raw_value;
    }
    let edges = tree.edges(node);
    let (mut weights, mut weighted) = ([0.0; LANES], [0.0; LANES]);
    for ((priors, q), visits) in edges.priors.iter().zip(edges.q).zip(edges.visits) {
        // A prior that underflowed still weighs something.
        let priors = lanes::maximum(*priors, [f32::MIN_POSITIVE; LANES]);
        let visited = lanes::lanewise(|lane| lanes::select(visits[lane] > 0.0, priors[lane], 0.0));
        weights = lanes::add(weights, visited);
        weighted = lanes::add(weighted, lanes::lanewise(|lane| visited[lane] * q[lane]));
    }
    let mean_q = lanes::across_sum(weighted) / lanes::across_sum(weights);
    (raw_value + visits * mean_q) / (visits + 1.0)
}

impl Form for Gumbel<'_> {
    type Root = Root;

    fn begin(&self, row: &RootRow, _priors: &mut [f32], stream: &mut ChaCha8Rng) -> Root {
        let (num_actions, width) = (row.legal.len(), row.logits.len());
        let noise = match row.use_ {
            Use::Explore { .. } => noise::gumbel(num_actions, self.settings.gumbel_scale, stream),
            Use::Greedy => vec![0.0; num_actions],
        };
        let highest = lanes::highest(&row.logits);
        let edges = noise.iter().zip(row.logits.as_flattened()).zip(&row.legal);
        let noisy_logit = |((noise, logit), legal): ((&f32, &f32), &bool)| match legal {
            true => (noise + logit - highest).max(LEAST_LOGIT),
            false => f32::NEG_INFINITY,
        };
        let noisy_logits: Vec<f32> = edges.map(noisy_logit).collect();
        let legal = row.legal.iter().filter(|legal| **legal).count();
        let considered = legal.min(self.settings.max_considered_actions as usize);
        let mut logits = Vec::with_capacity((self.simulations + 1) * width);
        logits.extend_from_slice(&row.logits);
        Root {
            noisy_logits: lanes::padded(&noisy_logits, f32::NEG_INFINITY),
            schedule: considered_visits(considered, self.simulations),
            logits,
            scores: vec![[0.0; LANES]; width],
        }
    }

    fn select(
        &self,
        root: &mut Root,
        tree: &RootTree,
        node: usize,
        _stream: &mut ChaCha8Rng,
    ) -> usize {
        match node {
            ROOT => self.root_action(root, tree, root.schedule[tree.len() - 1] as f32),
            _ => self.interior_action(root, tree, node),
        }
    }

    fn expanded(&self, root: &mut Root, _tree: &RootTree, logits: &[f32]) {
        lanes::push_padded(logits, f32::NEG_INFINITY, &mut root.logits);
    }

    fn decide(
        &self,
        root: &mut Root,
        tree: &RootTree,
        row: &RootRow,
        _stream: &mut ChaCha8Rng,
        policy: &mut [f32],
    ) -> usize {
        let action = self.root_action(root, tree, lanes::highest(tree.edges(ROOT).visits));
        let sum = self.improved_policy(tree, ROOT, &row.logits, &mut root.scores);
        policy.iter_mut().zip(root.scores.as_flattened()).for_each(|(p, weight)| *p = weight / sum);
        action
    }
}

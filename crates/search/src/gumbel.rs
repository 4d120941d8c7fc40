//! Gumbel search: Gumbel MuZero (Danihelka et al. 2022) and EfficientZero V2 (Wang et al. 2024),
//! which differ in how Q is completed and normalised, and when sequential halving drops an action.
//!
//! Sequential halving over Gumbel-sampled actions at the root, a deterministic choice inside the
//! tree, and the policy that completed Q-values improve.

use std::sync::OnceLock;

use rand_chacha::ChaCha8Rng;

use crate::completion;
use crate::form::{Form, Scratch};
use crate::halving::Schedule;
use crate::lanes::{self, Lanes};
use crate::model::Use;
use crate::noise;
use crate::range::Range;
use crate::settings::{Gumbel as Settings, Halving};
use crate::tree::{Edges, ROOT, Tree};

/// What the logit of a legal action counts at least at the root, -∞ being for illegal ones (mctx).
const LEAST_LOGIT: f32 = -1e9;

/// A Gumbel search.
#[derive(Debug)]
pub(crate) struct Gumbel {
    settings: Settings,
    simulations: usize,
    /// By the number of considered actions; made when first needed.
    schedules: Vec<OnceLock<Schedule>>,
}

/// What one root carries along.
#[derive(Debug, Default)]
pub(crate) struct Root {
    /// Gumbel noise plus logits, less the highest logit, `[A]`; -∞ where the action is illegal, or
    /// has been dropped.
    noisy_logits: Vec<Lanes>,
    /// Actions that the schedule begins with.
    scheduled: usize,
    /// Actions that are not dropped yet.
    considered: u32,
    /// Range of the running simulation, where it is one for the whole tree.
    range: Option<Range>,
}

impl Gumbel {
    pub(crate) fn new(settings: &Settings, simulations: u32) -> Self {
        // With more considered actions than simulations, each takes one that had none, as with as many.
        let most = settings.max_considered_actions.min(simulations);
        let schedules = (0..=most).map(|_| OnceLock::new()).collect();
        Self { settings: settings.clone(), simulations: simulations as usize, schedules }
    }

    /// Fills `scores` with Gumbel + logit + σ(q̂) of every action of the root, or -∞ where it has not
    /// had so many visits (any number of them, if `None`), and returns the highest.
    fn score_root(
        &self,
        root: &Root,
        tree: &Tree,
        visits: Option<f32>,
        scores: &mut [Lanes],
    ) -> f32 {
        let edges = tree.edges(ROOT);
        let sigma = self.complete(root.range, tree, ROOT, &edges, scores);
        let never = Lanes::splat(f32::NEG_INFINITY);
        let mut highest = never;
        let rows = root.noisy_logits.iter().zip(edges.visits);
        for (scores, (noisy_logits, counts)) in scores.iter_mut().zip(rows) {
            *scores = *noisy_logits + sigma.of(*scores);
            if let Some(visits) = visits {
                *scores = counts.simd_eq(Lanes::splat(visits)).bitselect(*scores, never);
            }
            highest = lanes::greater(highest, *scores);
        }
        lanes::greatest(highest)
    }

    /// The root's action among those with `visits` visits: arg-max of Gumbel + logit + σ(q̂).
    fn root_action(
        &self,
        root: &Root,
        tree: &Tree,
        visits: f32,
        Scratch { scores, .. }: &mut Scratch,
    ) -> usize {
        let highest = self.score_root(root, tree, Some(visits), scores);
        lanes::nth_equal(scores, highest, 0, tree.edges(ROOT).priors)
    }

    /// Drops all actions but the best `considered`.
    fn drop_worst(
        &self,
        root: &mut Root,
        tree: &Tree,
        considered: u32,
        Scratch { scores, kept }: &mut Scratch,
    ) {
        root.considered = considered;
        self.score_root(root, tree, None, scores);
        kept.fill(Lanes::splat(f32::NEG_INFINITY));
        for _ in 0..considered {
            let best = lanes::nth_equal(scores, lanes::highest(scores), 0, &root.noisy_logits);
            lanes::flat_mut(scores)[best] = f32::NEG_INFINITY;
            lanes::flat_mut(kept)[best] = lanes::flat(&root.noisy_logits)[best];
        }
        root.noisy_logits.copy_from_slice(kept);
    }

    /// The action inside the tree that keeps the shares of the visits closest to the improved
    /// policy (section 5): arg-max of π'(a) − n(a)/(1 + Σ n).
    fn interior_action(
        &self,
        root: &Root,
        tree: &Tree,
        node: usize,
        Scratch { scores, .. }: &mut Scratch,
    ) -> usize {
        let edges = tree.edges(node);
        let Edges { priors, visits, .. } = edges;
        let weight = 1.0 / self.improved_policy(root.range, tree, node, &edges, scores);
        let share = 1.0 / tree.record(node).visits as f32;
        let never = Lanes::splat(f32::NEG_INFINITY);
        let mut highest = never;
        for (scores, (visits, priors)) in scores.iter_mut().zip(visits.iter().zip(priors)) {
            let score = *scores * weight - *visits * share;
            *scores = priors.simd_eq(never).bitselect(never, score);
            highest = lanes::greater(highest, *scores);
        }
        lanes::nth_equal(scores, lanes::greatest(highest), 0, priors)
    }

    /// π' = softmax(logits + σ(q̂)), `[A]`, padded with 0, up to a factor: returns the sum.
    fn improved_policy(
        &self,
        range: Option<Range>,
        tree: &Tree,
        node: usize,
        edges: &Edges<'_>,
        policy: &mut [Lanes],
    ) -> f32 {
        let sigma = self.complete(range, tree, node, edges, policy);
        let mut highest = Lanes::splat(f32::NEG_INFINITY);
        for (policy, logits) in policy.iter_mut().zip(edges.logits) {
            *policy = *logits + sigma.of(*policy);
            highest = lanes::greater(highest, *policy);
        }
        lanes::exponentials(policy, lanes::greatest(highest))
    }

    /// Fills in q̂ of every action of a node, `[A]`, and says what σ makes of it.
    fn complete(
        &self,
        range: Option<Range>,
        tree: &Tree,
        node: usize,
        edges: &Edges<'_>,
        completed: &mut [Lanes],
    ) -> Sigma {
        let Settings { completion, soft_floor, .. } = self.settings;
        completion::complete(completion, tree.record(node), edges, tree.within(), completed);
        let range = range.unwrap_or_else(|| Range::of_row(completed, soft_floor));
        let visits = self.settings.maxvisit_init + lanes::highest(edges.visits);
        Sigma { range, weight: visits * self.settings.value_scale }
    }
}

/// The transformation σ of completed Q-values: normalised to [0, 1], and weighted by
/// (`maxvisit_init` + highest visit count) · `value_scale`.
#[derive(Debug, Clone, Copy)]
struct Sigma {
    range: Range,
    weight: f32,
}

impl Sigma {
    #[inline(always)]
    fn of(&self, q: Lanes) -> Lanes {
        self.range.scores(q) * self.weight
    }
}

impl Form for Gumbel {
    type Root = Root;
    const READS_LOGITS: bool = true;

    fn begin(&self, root: &mut Root, tree: &mut Tree, use_: Use, stream: &mut ChaCha8Rng) {
        let logits = tree.edges(ROOT).logits;
        root.noisy_logits.clear();
        root.noisy_logits.resize(logits.len(), Lanes::ZERO);
        let noise = &mut lanes::flat_mut(&mut root.noisy_logits)[..tree.num_actions()];
        if let Use::Explore { .. } = use_ {
            noise::add_gumbel(noise, self.settings.gumbel_scale, stream);
        }
        let highest = lanes::highest(logits);
        root.considered = 0;
        let padded = lanes::flat_mut(&mut root.noisy_logits).iter_mut();
        for (noisy_logit, logit) in padded.zip(lanes::flat(logits)) {
            if *logit == f32::NEG_INFINITY {
                *noisy_logit = f32::NEG_INFINITY;
            } else {
                *noisy_logit = (*noisy_logit + logit - highest).max(LEAST_LOGIT);
                root.considered += 1;
            }
        }
        root.scheduled = (root.considered as usize).min(self.schedules.len() - 1);
    }

    fn select(
        &self,
        root: &mut Root,
        tree: &mut Tree,
        node: usize,
        _stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) -> usize {
        if node != ROOT {
            return self.interior_action(root, tree, node, scratch);
        }
        root.range =
            Range::of_simulation(self.settings.normalization, tree, self.settings.soft_floor);
        let schedule = self.schedules[root.scheduled]
            .get_or_init(|| Schedule::new(root.scheduled, self.simulations));
        let simulation = tree.len() - 1;
        let considered = schedule.considered[simulation];
        if self.settings.halving == Halving::Phases && considered < root.considered {
            self.drop_worst(root, tree, considered, scratch);
        }
        self.root_action(root, tree, schedule.visits[simulation] as f32, scratch)
    }

    fn decide(
        &self,
        root: &mut Root,
        tree: &mut Tree,
        _use: Use,
        _stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
        policy: &mut [f32],
    ) -> usize {
        root.range =
            Range::of_simulation(self.settings.normalization, tree, self.settings.soft_floor);
        let most_visits = lanes::highest(tree.edges(ROOT).visits);
        let action = self.root_action(root, tree, most_visits, scratch);
        let sum =
            self.improved_policy(root.range, tree, ROOT, &tree.edges(ROOT), &mut scratch.scores);
        let weights = lanes::flat(&scratch.scores);
        policy.iter_mut().zip(weights).for_each(|(policy, weight)| *policy = weight / sum);
        action
    }
}

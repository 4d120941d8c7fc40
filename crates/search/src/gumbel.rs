//! Gumbel search: Gumbel MuZero (Danihelka et al. 2022) and EfficientZero V2 (Wang et al. 2024). They
//! differ in how Q is completed and normalised, and when sequential halving drops an action.
//!
//! At the root: sequential halving over Gumbel-sampled actions. Inside the tree: a deterministic
//! choice. The policy target is the policy improved by completed Q-values.

use std::sync::OnceLock;

use rand_chacha::ChaCha8Rng;

use crate::algorithm::{Scratch, SearchAlgorithm};
use crate::completed_q;
use crate::model::Purpose;
use crate::noise;
use crate::q_range::QRange;
use crate::sequential_halving::HalvingSchedule;
use crate::settings::{Gumbel as Settings, Halving};
use crate::simd4::{self, Simd4};
use crate::tree::{Edges, ROOT, Tree};

/// Lower bound of a legal action's noisy logit at the root; -∞ marks illegal actions (as in mctx).
const LEAST_LOGIT: f32 = -1e9;

/// A Gumbel search.
#[derive(Debug)]
pub(crate) struct Gumbel {
    settings: Settings,
    simulations: usize,
    /// Indexed by the number of considered actions; each is made when first needed.
    schedules: Vec<OnceLock<HalvingSchedule>>,
}

/// State of one root's search.
#[derive(Debug, Default)]
pub(crate) struct GumbelRoot {
    /// Gumbel noise plus logits minus the highest logit, `[A]`; -∞ for actions that are illegal or
    /// were dropped.
    noisy_logits: Vec<Simd4>,
    /// Number of actions at the start of the schedule.
    scheduled: usize,
    /// Number of actions that are not dropped yet.
    considered: u32,
    /// Range of the current simulation, if all nodes share one.
    range: Option<QRange>,
}

impl Gumbel {
    pub(crate) fn new(settings: &Settings, simulations: u32) -> Self {
        // With more considered actions than simulations, each simulation takes an unvisited action, as
        // if there were as many actions as simulations.
        let most = settings.max_considered_actions.min(simulations);
        let schedules = (0..=most).map(|_| OnceLock::new()).collect();
        Self { settings: settings.clone(), simulations: simulations as usize, schedules }
    }

    /// Fills `scores` with Gumbel + logit + σ(q̂) of every action of the root and returns the highest.
    /// If `visits` is given, actions with another number of visits get -∞.
    fn score_root(
        &self,
        root: &GumbelRoot,
        tree: &Tree,
        visits: Option<f32>,
        scores: &mut [Simd4],
    ) -> f32 {
        let edges = tree.edges(ROOT);
        let sigma = self.complete(root.range, tree, ROOT, &edges, scores);
        let never = Simd4::splat(f32::NEG_INFINITY);
        let mut highest = never;
        let rows = root.noisy_logits.iter().zip(edges.visits);
        for (scores, (noisy_logits, counts)) in scores.iter_mut().zip(rows) {
            *scores = *noisy_logits + sigma.of(*scores);
            if let Some(visits) = visits {
                *scores = counts.simd_eq(Simd4::splat(visits)).bitselect(*scores, never);
            }
            highest = simd4::greater(highest, *scores);
        }
        simd4::greatest(highest)
    }

    /// The root's best action among those with `visits` visits: arg-max of Gumbel + logit + σ(q̂).
    fn root_action(
        &self,
        root: &GumbelRoot,
        tree: &Tree,
        visits: f32,
        Scratch { scores, .. }: &mut Scratch,
    ) -> usize {
        let highest = self.score_root(root, tree, Some(visits), scores);
        simd4::nth_equal(scores, highest, 0, tree.edges(ROOT).priors)
    }

    /// Drops all actions except the best `considered` ones.
    fn drop_worst(
        &self,
        root: &mut GumbelRoot,
        tree: &Tree,
        considered: u32,
        Scratch { scores, kept }: &mut Scratch,
    ) {
        root.considered = considered;
        self.score_root(root, tree, None, scores);
        kept.fill(Simd4::splat(f32::NEG_INFINITY));
        for _ in 0..considered {
            let best = simd4::nth_equal(scores, simd4::highest(scores), 0, &root.noisy_logits);
            simd4::flat_mut(scores)[best] = f32::NEG_INFINITY;
            simd4::flat_mut(kept)[best] = simd4::flat(&root.noisy_logits)[best];
        }
        root.noisy_logits.copy_from_slice(kept);
    }

    /// The action inside the tree that keeps the visit shares closest to the improved policy (section
    /// 5): arg-max of π'(a) − n(a)/(1 + Σ n).
    fn interior_action(
        &self,
        root: &GumbelRoot,
        tree: &Tree,
        node: usize,
        Scratch { scores, .. }: &mut Scratch,
    ) -> usize {
        let edges = tree.edges(node);
        let Edges { priors, visits, .. } = edges;
        let weight = 1.0 / self.improved_policy(root.range, tree, node, &edges, scores);
        let share = 1.0 / tree.record(node).visits as f32;
        let never = Simd4::splat(f32::NEG_INFINITY);
        let mut highest = never;
        for (scores, (visits, priors)) in scores.iter_mut().zip(visits.iter().zip(priors)) {
            let score = *scores * weight - *visits * share;
            *scores = priors.simd_eq(never).bitselect(never, score);
            highest = simd4::greater(highest, *scores);
        }
        simd4::nth_equal(scores, simd4::greatest(highest), 0, priors)
    }

    /// Fills in π' = softmax(logits + σ(q̂)) before normalisation, `[A]`, padded with 0. Returns the
    /// sum, by which to divide.
    fn improved_policy(
        &self,
        range: Option<QRange>,
        tree: &Tree,
        node: usize,
        edges: &Edges<'_>,
        policy: &mut [Simd4],
    ) -> f32 {
        let sigma = self.complete(range, tree, node, edges, policy);
        let mut highest = Simd4::splat(f32::NEG_INFINITY);
        for (policy, logits) in policy.iter_mut().zip(edges.logits) {
            *policy = *logits + sigma.of(*policy);
            highest = simd4::greater(highest, *policy);
        }
        simd4::exponentials(policy, simd4::greatest(highest))
    }

    /// Fills in q̂ of every action of a node, `[A]`. Returns the σ to apply to it.
    fn complete(
        &self,
        range: Option<QRange>,
        tree: &Tree,
        node: usize,
        edges: &Edges<'_>,
        completed: &mut [Simd4],
    ) -> Sigma {
        let Settings { completion, soft_floor, .. } = self.settings;
        completed_q::complete(completion, tree.record(node), edges, tree.mask(), completed);
        let range = range.unwrap_or_else(|| QRange::of_row(completed, soft_floor as f32));
        let visits = self.settings.maxvisit_init as f32 + simd4::highest(edges.visits);
        Sigma { range, weight: visits * self.settings.value_scale as f32 }
    }
}

/// The transformation σ of completed Q-values: normalises them to [0, 1] and multiplies them by
/// (`maxvisit_init` + highest visit count) · `value_scale`.
#[derive(Debug, Clone, Copy)]
struct Sigma {
    range: QRange,
    weight: f32,
}

impl Sigma {
    #[inline(always)]
    fn of(&self, q: Simd4) -> Simd4 {
        self.range.scores(q) * self.weight
    }
}

impl SearchAlgorithm for Gumbel {
    type Root = GumbelRoot;
    const READS_LOGITS: bool = true;

    fn begin(
        &self,
        root: &mut GumbelRoot,
        tree: &mut Tree,
        purpose: Purpose,
        stream: &mut ChaCha8Rng,
    ) {
        let logits = tree.edges(ROOT).logits;
        root.noisy_logits.clear();
        root.noisy_logits.resize(logits.len(), Simd4::ZERO);
        let noise = &mut simd4::flat_mut(&mut root.noisy_logits)[..tree.num_actions()];
        if let Purpose::Explore { .. } = purpose {
            noise::add_gumbel(noise, self.settings.gumbel_scale as f32, stream);
        }
        let highest = simd4::highest(logits);
        root.considered = 0;
        let padded = simd4::flat_mut(&mut root.noisy_logits).iter_mut();
        for (noisy_logit, logit) in padded.zip(simd4::flat(logits)) {
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
        root: &mut GumbelRoot,
        tree: &mut Tree,
        node: usize,
        _stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) -> usize {
        if node != ROOT {
            return self.interior_action(root, tree, node, scratch);
        }
        root.range = QRange::of_simulation(
            self.settings.normalization,
            tree,
            self.settings.soft_floor as f32,
        );
        let schedule = self.schedules[root.scheduled]
            .get_or_init(|| HalvingSchedule::new(root.scheduled, self.simulations));
        let simulation = tree.len() - 1;
        let considered = schedule.considered[simulation];
        if self.settings.halving == Halving::Phases && considered < root.considered {
            self.drop_worst(root, tree, considered, scratch);
        }
        self.root_action(root, tree, schedule.visits[simulation] as f32, scratch)
    }

    fn decide(
        &self,
        root: &mut GumbelRoot,
        tree: &mut Tree,
        _purpose: Purpose,
        _stream: &mut ChaCha8Rng,
        scratch: &mut Scratch,
        policy: &mut [f32],
    ) -> usize {
        root.range = QRange::of_simulation(
            self.settings.normalization,
            tree,
            self.settings.soft_floor as f32,
        );
        let most_visits = simd4::highest(tree.edges(ROOT).visits);
        let action = self.root_action(root, tree, most_visits, scratch);
        let sum =
            self.improved_policy(root.range, tree, ROOT, &tree.edges(ROOT), &mut scratch.scores);
        let weights = simd4::flat(&scratch.scores);
        policy.iter_mut().zip(weights).for_each(|(policy, weight)| *policy = weight / sum);
        action
    }
}

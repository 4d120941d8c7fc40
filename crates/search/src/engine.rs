//! The search loop: select, expand, back up. All roots advance together, with one model call per
//! simulation.

use rand_chacha::ChaCha8Rng;

use crate::algorithm::{Scratch, SearchAlgorithm};
use crate::model::{Evaluations, Model, Purpose, Roots};
use crate::noise;
use crate::parallel::{self, Leaf, Leaves, for_each};
use crate::search::SearchResult;
use crate::settings::Prior;
use crate::simd4;
use crate::tree::{Capacity, NewNode, Node, ROOT, Tree};

/// Settings that all roots and both algorithms share.
#[derive(Debug)]
pub(crate) struct EngineSettings {
    pub simulations: usize,
    pub prior: Prior,
    pub discount: f32,
    pub value_prefix_horizon: Option<u32>,
}

/// A search algorithm with the memory of its searches.
#[derive(Debug)]
pub(crate) struct Engine<F: SearchAlgorithm> {
    algorithm: F,
    settings: EngineSettings,
    /// `[B]`
    searches: Vec<RootSearch<F::Root>>,
    leaves: Leaves,
    /// The model's outputs, `[simulations]`.
    evaluations: Vec<Evaluations>,
    /// One for each chunk of the batch.
    scratches: Vec<Scratch>,
}

/// The search from one root.
#[derive(Debug)]
struct RootSearch<R> {
    tree: Tree,
    /// The algorithm's state.
    state: R,
    /// The chosen action, after the search.
    action: u32,
    /// The network's policy during the search, then the policy target, `[A]`.
    policy: Vec<f32>,
    stream: ChaCha8Rng,
}

impl<F: SearchAlgorithm> Engine<F> {
    pub(crate) fn new(algorithm: F, settings: EngineSettings) -> Self {
        let (searches, leaves) = (Vec::new(), Leaves::default());
        let (evaluations, scratches) = (Vec::new(), Vec::new());
        Self { algorithm, settings, searches, leaves, evaluations, scratches }
    }

    pub(crate) fn run<M: Model>(
        &mut self,
        roots: &Roots,
        purpose: Purpose,
        model: &mut M,
    ) -> Result<SearchResult, M::Error> {
        roots.assert_shapes();
        self.resize(roots.seeds.len(), roots.num_actions);
        let Self { algorithm, settings, searches, leaves, evaluations, scratches } = self;
        let (algorithm, last) = (&*algorithm, settings.simulations);
        for_each(searches, leaves, scratches, |search, leaf, scratch| {
            search.begin(algorithm, settings, roots, leaf.root, purpose);
            if last > 0 {
                search.select(algorithm, leaf, &[], scratch);
            }
        });
        for node in 1..=last {
            let new = &mut evaluations[node - 1];
            new.discounts.fill(settings.discount);
            model.recurrent(&leaves.expansion(node), new)?;
            new.assert_shapes(roots.seeds.len(), roots.num_actions);
            settings.prior.replace(&mut new.logits);
            let known = &evaluations[..node];
            for_each(searches, leaves, scratches, |search, leaf, scratch| {
                search.tree.expand(&known[node - 1].new_node(&leaf));
                // In the same pass, while the tree is in the processor's cache.
                if node < last {
                    search.select(algorithm, leaf, known, scratch);
                }
            });
        }
        for_each(searches, leaves, scratches, |search, _, scratch| {
            search.decide(algorithm, purpose, scratch);
        });
        Ok(self.result(roots.num_actions))
    }

    fn resize(&mut self, batch: usize, num_actions: usize) {
        self.searches.truncate(batch);
        self.searches.resize_with(batch, RootSearch::default);
        self.leaves.resize(batch);
        self.evaluations.resize(self.settings.simulations, Evaluations::default());
        self.evaluations.iter_mut().for_each(|output| output.resize(batch, num_actions));
        self.scratches.resize(parallel::num_chunks(batch), Scratch::default());
        self.scratches.iter_mut().for_each(|scratch| scratch.resize(num_actions));
    }

    /// The tree of one root of the last search.
    pub(crate) fn nodes(&self, root: usize) -> Vec<Node> {
        self.searches[root].tree.nodes()
    }

    fn result(&self, num_actions: usize) -> SearchResult {
        let batch = self.searches.len();
        let mut result = SearchResult {
            actions: Vec::with_capacity(batch),
            policies: Vec::with_capacity(batch * num_actions),
            visits: Vec::with_capacity(batch * num_actions),
            values: Vec::with_capacity(batch),
            q: Vec::with_capacity(batch * num_actions),
        };
        for RootSearch { tree, action, policy, .. } in &self.searches {
            let edges = tree.edges(ROOT);
            result.actions.push(*action);
            result.policies.extend_from_slice(policy);
            let visits = &simd4::flat(edges.visits)[..num_actions];
            result.visits.extend(visits.iter().map(|visits| *visits as u32));
            result.values.push(tree.record(ROOT).value);
            result.q.extend_from_slice(&simd4::flat(edges.q)[..num_actions]);
        }
        result
    }
}

impl<R: Default> Default for RootSearch<R> {
    fn default() -> Self {
        let (tree, state, policy) = (Tree::default(), R::default(), Vec::new());
        Self { tree, state, action: 0, policy, stream: noise::stream(0) }
    }
}

impl<R> RootSearch<R> {
    fn begin<F: SearchAlgorithm<Root = R>>(
        &mut self,
        algorithm: &F,
        settings: &EngineSettings,
        roots: &Roots,
        root: usize,
        purpose: Purpose,
    ) {
        let Self { tree, state, policy, stream, .. } = self;
        let num_actions = roots.num_actions;
        let row = root * num_actions..(root + 1) * num_actions;
        let legal = roots.legal.as_ref().map(|legal| &legal[row.clone()]);
        let simulations = settings.simulations;
        let capacity = Capacity { num_actions, simulations, keep_logits: F::READS_LOGITS };
        tree.reset(capacity, settings.value_prefix_horizon, roots.values[root]);
        let mut logits = roots.logits[row].to_vec();
        settings.prior.replace(&mut logits);
        tree.add_edges(ROOT, &logits, legal);
        policy.clear();
        policy.extend(tree.root_priors().iter().map(|prior| prior.max(0.0)));
        *stream = noise::stream(roots.seeds[root]);
        algorithm.begin(state, tree, purpose, stream);
    }

    /// Descends from the root to an edge without a node, and writes that edge into `leaf`. `known` are
    /// the model's outputs for node 1 and later.
    fn select<F: SearchAlgorithm<Root = R>>(
        &mut self,
        algorithm: &F,
        leaf: Leaf<'_>,
        known: &[Evaluations],
        scratch: &mut Scratch,
    ) {
        let Self { tree, state, stream, .. } = self;
        let mut node = ROOT;
        loop {
            let action = algorithm.select(state, tree, node, stream, scratch);
            let Some(child) = tree.child(node, action) else {
                *leaf.parent = node as u32;
                *leaf.action = action as u32;
                *leaf.depth = tree.record(node).depth + 1;
                return;
            };
            node = child;
            if !tree.has_edges(node) {
                tree.add_edges(node, known[node - 1].logits_of(leaf.root), None);
            }
        }
    }

    fn decide<F: SearchAlgorithm<Root = R>>(
        &mut self,
        algorithm: &F,
        purpose: Purpose,
        scratch: &mut Scratch,
    ) {
        let Self { tree, state, policy, stream, .. } = self;
        self.action = algorithm.decide(state, tree, purpose, stream, scratch, policy) as u32;
    }
}

impl Prior {
    /// Replaces a network's logits by those of this prior. -∞ marks an illegal action.
    fn replace(self, logits: &mut [f32]) {
        if self == Self::Uniform {
            logits.iter_mut().filter(|logit| **logit > f32::NEG_INFINITY).for_each(|it| *it = 0.0);
        }
    }
}

impl Evaluations {
    /// The new node of one root's tree.
    fn new_node(&self, leaf: &Leaf<'_>) -> NewNode {
        NewNode {
            parent: *leaf.parent as usize,
            action: *leaf.action as usize,
            reward: self.rewards[leaf.root],
            discount: self.discounts[leaf.root],
            value: self.values[leaf.root],
        }
    }
}

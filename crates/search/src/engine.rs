//! The engine: select, expand and back up, all roots in lockstep, one model call a simulation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, Scratch};
use crate::lanes;
use crate::model::{Evaluations, Model, Roots, Use};
use crate::noise;
use crate::search::Found;
use crate::spread::{self, Leaf, Leaves, for_each};
use crate::tree::{NewNode, Node, ROOT, Room, Tree};

/// What holds for every root.
#[derive(Debug)]
pub(crate) struct Run {
    pub simulations: usize,
    pub discount: f32,
    pub value_prefix_horizon: Option<u32>,
}

/// A form of search, with its memory.
#[derive(Debug)]
pub(crate) struct Engine<F: Form> {
    form: F,
    run: Run,
    /// `[B]`
    searches: Vec<RootSearch<F::Root>>,
    leaves: Leaves,
    /// What the model said, simulation by simulation.
    evaluations: Vec<Evaluations>,
    /// One for each piece of the batch.
    scratches: Vec<Scratch>,
}

/// One root's search under way.
#[derive(Debug)]
struct RootSearch<R> {
    tree: Tree,
    form: R,
    /// That was decided.
    action: u32,
    /// The network's, and in the end the one found, `[A]`.
    policy: Vec<f32>,
    stream: ChaCha8Rng,
}

impl<F: Form> Engine<F> {
    pub(crate) fn new(form: F, run: Run) -> Self {
        let (searches, leaves) = (Vec::new(), Leaves::default());
        Self { form, run, searches, leaves, evaluations: Vec::new(), scratches: Vec::new() }
    }

    pub(crate) fn run<M: Model>(
        &mut self,
        roots: &Roots,
        use_: Use,
        model: &mut M,
    ) -> Result<Found, M::Error> {
        roots.assert_shapes();
        self.resize(roots.seeds.len(), roots.num_actions);
        let Self { form, run, searches, leaves, evaluations, scratches } = self;
        let (form, last) = (&*form, run.simulations);
        for_each(searches, leaves, scratches, |search, leaf, scratch| {
            search.begin(form, run, roots, leaf.root, use_);
            if last > 0 {
                search.select(form, leaf, &[], scratch);
            }
        });
        for node in 1..=last {
            let new = &mut evaluations[node - 1];
            new.discounts.fill(run.discount);
            model.recurrent(&leaves.expansion(node), new)?;
            new.assert_shapes(roots.seeds.len(), roots.num_actions);
            let known = &evaluations[..node];
            for_each(searches, leaves, scratches, |search, leaf, scratch| {
                search.tree.expand(&known[node - 1].new_node(&leaf));
                // Now, while its tree is in the cache.
                if node < last {
                    search.select(form, leaf, known, scratch);
                }
            });
        }
        for_each(searches, leaves, scratches, |search, _, scratch| {
            search.decide(form, use_, scratch);
        });
        Ok(self.found(roots.num_actions))
    }

    fn resize(&mut self, batch: usize, num_actions: usize) {
        self.searches.truncate(batch);
        self.searches.resize_with(batch, RootSearch::default);
        self.leaves.resize(batch);
        self.evaluations.resize(self.run.simulations, Evaluations::default());
        self.evaluations.iter_mut().for_each(|said| said.resize(batch, num_actions));
        self.scratches.resize(spread::pieces(batch), Scratch::default());
        self.scratches.iter_mut().for_each(|scratch| scratch.resize(num_actions));
    }

    /// The tree of a root of the last search.
    pub(crate) fn nodes(&self, root: usize) -> Vec<Node> {
        self.searches[root].tree.nodes()
    }

    fn found(&self, num_actions: usize) -> Found {
        let batch = self.searches.len();
        let mut found = Found {
            actions: Vec::with_capacity(batch),
            policies: Vec::with_capacity(batch * num_actions),
            visits: Vec::with_capacity(batch * num_actions),
            values: Vec::with_capacity(batch),
            q: Vec::with_capacity(batch * num_actions),
        };
        for RootSearch { tree, action, policy, .. } in &self.searches {
            let edges = tree.edges(ROOT);
            found.actions.push(*action);
            found.policies.extend_from_slice(policy);
            let visits = &lanes::flat(edges.visits)[..num_actions];
            found.visits.extend(visits.iter().map(|visits| *visits as u32));
            found.values.push(tree.record(ROOT).value);
            found.q.extend_from_slice(&lanes::flat(edges.q)[..num_actions]);
        }
        found
    }
}

impl<R: Default> Default for RootSearch<R> {
    fn default() -> Self {
        let (tree, form, policy) = (Tree::default(), R::default(), Vec::new());
        Self { tree, form, action: 0, policy, stream: noise::stream(0) }
    }
}

impl<R> RootSearch<R> {
    fn begin<F: Form<Root = R>>(
        &mut self,
        form: &F,
        run: &Run,
        roots: &Roots,
        root: usize,
        use_: Use,
    ) {
        let Self { tree, form: state, policy, stream, .. } = self;
        let num_actions = roots.num_actions;
        let row = root * num_actions..(root + 1) * num_actions;
        let legal = roots.legal.as_ref().map(|legal| &legal[row.clone()]);
        let room = Room { num_actions, simulations: run.simulations, keep_logits: F::READS_LOGITS };
        tree.plant(room, run.value_prefix_horizon, roots.values[root]);
        tree.open(ROOT, &roots.logits[row], legal);
        policy.clear();
        policy.extend(tree.root_priors().iter().map(|prior| prior.max(0.0)));
        *stream = noise::stream(roots.seeds[root]);
        form.begin(state, tree, use_, stream);
    }

    /// Follows the tree down to an edge without a node. `known` is what the model said of the nodes
    /// from 1 on.
    fn select<F: Form<Root = R>>(
        &mut self,
        form: &F,
        leaf: Leaf<'_>,
        known: &[Evaluations],
        scratch: &mut Scratch,
    ) {
        let Self { tree, form: state, stream, .. } = self;
        let mut node = ROOT;
        loop {
            let action = form.select(state, tree, node, stream, scratch);
            let Some(child) = tree.child(node, action) else {
                *leaf.parent = node as u32;
                *leaf.action = action as u32;
                *leaf.depth = tree.record(node).depth + 1;
                return;
            };
            node = child;
            if !tree.is_open(node) {
                tree.open(node, known[node - 1].logits_of(leaf.root), None);
            }
        }
    }

    fn decide<F: Form<Root = R>>(&mut self, form: &F, use_: Use, scratch: &mut Scratch) {
        let Self { tree, form: state, policy, stream, .. } = self;
        self.action = form.decide(state, tree, use_, stream, scratch, policy) as u32;
    }
}

impl Evaluations {
    /// The new node of one root.
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

//! The search itself: select, expand and back up, all roots in lockstep, one model call a simulation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, Scratch};
use crate::gumbel::Gumbel;
use crate::lanes::{self, Lanes};
use crate::model::{Evaluations, Expansion, Model, Roots, Use};
use crate::noise;
use crate::puct::Puct;
use crate::settings::{Selection, Settings};
use crate::tree::{NewNode, Node, ROOT, Room, Tree};

/// Fewest roots that it pays to hand to another thread: the simulation of one takes about 0.25 µs,
/// to hand over and wait some 5 µs.
const ROOTS_PER_THREAD: usize = 32;

/// What a search found for each of `B` roots over `A` actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The action to take, `[B]`.
    pub actions: Vec<u32>,
    /// The policy target, `[B, A]`: the shares of the visits under pUCT, the improved policy without
    /// the noise under Gumbel; 0 where illegal.
    pub policies: Vec<f32>,
    /// Visits of the root's actions, `[B, A]`.
    pub visits: Vec<u32>,
    /// Value of the root, `[B]`: the mean of the network's value and one return per simulation. It
    /// is also the search-based value target of EfficientZero V2.
    pub values: Vec<f32>,
    /// Q of the root's actions, `[B, A]`; 0 where there was no visit.
    pub q: Vec<f32>,
}

/// A way to search, with the memory of its last search, which the next one uses again.
#[derive(Debug)]
pub struct Search {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Puct(Engine<Puct>),
    Gumbel(Engine<Gumbel>),
}

impl Search {
    /// A way to search. `discount` is that of every edge for which the model says nothing else. With
    /// a `value_prefix_horizon` of h the model's rewards are value prefixes, sums of the rewards
    /// since the last node at a depth that is a multiple of h, and the search takes them apart.
    #[must_use]
    pub fn new(settings: &Settings, discount: f32, value_prefix_horizon: Option<u32>) -> Self {
        let simulations = settings.simulations;
        let run = Run { simulations: simulations as usize, discount, value_prefix_horizon };
        let kind = match settings.selection {
            Selection::Puct => Kind::Puct(Engine::new(Puct::new(&settings.puct, simulations), run)),
            Selection::Gumbel => {
                Kind::Gumbel(Engine::new(Gumbel::new(&settings.gumbel, simulations), run))
            }
        };
        Self { kind }
    }

    /// Searches from every root of a batch. The roots are spread over the threads of the rayon pool
    /// that this is called in; what is found does not depend on how many there are.
    ///
    /// # Errors
    /// Those of the model.
    ///
    /// # Panics
    /// If the rows of `roots`, or those that the model fills in, do not have the shapes that their
    /// fields state, or a root has no legal action.
    pub fn run<M: Model>(
        &mut self,
        roots: &Roots,
        use_: Use,
        model: &mut M,
    ) -> Result<Found, M::Error> {
        match &mut self.kind {
            Kind::Puct(engine) => engine.run(roots, use_, model),
            Kind::Gumbel(engine) => engine.run(roots, use_, model),
        }
    }

    /// The tree of a root of the last search: its nodes in the order of their expansion, 0 the root.
    ///
    /// # Panics
    /// If there was no such root.
    #[must_use]
    pub fn nodes(&self, root: usize) -> Vec<Node> {
        match &self.kind {
            Kind::Puct(engine) => engine.searches[root].tree.nodes(),
            Kind::Gumbel(engine) => engine.searches[root].tree.nodes(),
        }
    }
}

/// What holds for every root.
#[derive(Debug)]
struct Run {
    simulations: usize,
    discount: f32,
    value_prefix_horizon: Option<u32>,
}

#[derive(Debug)]
struct Engine<F: Form> {
    form: F,
    run: Run,
    /// `[B]`
    searches: Vec<RootSearch<F::Root>>,
    leaves: Leaves,
    /// What the model said, simulation by simulation.
    evaluations: Vec<Evaluations>,
    /// One for each thread.
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

/// The edges that the next simulation expands, each `[B]`.
#[derive(Debug, Default)]
struct Leaves {
    parents: Vec<u32>,
    actions: Vec<u32>,
    depths: Vec<u32>,
}

/// One of them.
struct Leaf<'a> {
    /// Place in the batch.
    root: usize,
    parent: &'a mut u32,
    action: &'a mut u32,
    depth: &'a mut u32,
}

impl<F: Form> Engine<F> {
    fn new(form: F, run: Run) -> Self {
        let (searches, leaves) = (Vec::new(), Leaves::default());
        Self { form, run, searches, leaves, evaluations: Vec::new(), scratches: Vec::new() }
    }

    fn run<M: Model>(
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
                search.tree.expand(&known[node - 1].of(&leaf));
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
        let threads = (rayon::current_num_threads() * 4).min(batch / ROOTS_PER_THREAD).max(1);
        self.scratches.resize(threads, Scratch::default());
        self.scratches.iter_mut().for_each(|scratch| scratch.resize(num_actions));
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

/// Does something to every search and its leaf, on as many threads as there are scratches.
fn for_each<R: Send>(
    searches: &mut [RootSearch<R>],
    leaves: &mut Leaves,
    scratches: &mut [Scratch],
    work: impl Fn(&mut RootSearch<R>, Leaf<'_>, &mut Scratch) + Sync,
) {
    let Leaves { parents, actions, depths } = leaves;
    Part { first: 0, searches, parents, actions, depths, scratches }.spread(&work);
}

/// Neighbours in the batch.
struct Part<'a, R> {
    /// Number of the first.
    first: usize,
    searches: &'a mut [RootSearch<R>],
    parents: &'a mut [u32],
    actions: &'a mut [u32],
    depths: &'a mut [u32],
    scratches: &'a mut [Scratch],
}

impl<R: Send> Part<'_, R> {
    fn spread(self, work: &(impl Fn(&mut RootSearch<R>, Leaf<'_>, &mut Scratch) + Sync)) {
        match self.scratches {
            [] => {}
            [scratch] => {
                let leaves = self.parents.iter_mut().zip(self.actions).zip(self.depths);
                for (offset, (search, ((parent, action), depth))) in
                    self.searches.iter_mut().zip(leaves).enumerate()
                {
                    work(
                        search,
                        Leaf { root: self.first + offset, parent, action, depth },
                        scratch,
                    );
                }
            }
            _ => {
                let (left, right) = self.halves();
                rayon::join(|| left.spread(work), || right.spread(work));
            }
        }
    }

    /// Half of the threads, and as much of the work.
    fn halves(self) -> (Self, Self) {
        let threads = self.scratches.len();
        let (scratches, other_scratches) = self.scratches.split_at_mut(threads / 2);
        let middle = self.searches.len() * (threads / 2) / threads;
        let (searches, other_searches) = self.searches.split_at_mut(middle);
        let (parents, other_parents) = self.parents.split_at_mut(middle);
        let (actions, other_actions) = self.actions.split_at_mut(middle);
        let (depths, other_depths) = self.depths.split_at_mut(middle);
        let right = Part {
            first: self.first + middle,
            searches: other_searches,
            parents: other_parents,
            actions: other_actions,
            depths: other_depths,
            scratches: other_scratches,
        };
        (Part { first: self.first, searches, parents, actions, depths, scratches }, right)
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

impl Scratch {
    fn resize(&mut self, num_actions: usize) {
        self.scores.resize(lanes::width(num_actions), Lanes::ZERO);
        self.kept.resize(lanes::width(num_actions), Lanes::ZERO);
    }
}

impl Leaves {
    fn resize(&mut self, batch: usize) {
        self.parents.resize(batch, 0);
        self.actions.resize(batch, 0);
        self.depths.resize(batch, 0);
    }

    fn expansion(&self, node: usize) -> Expansion<'_> {
        Expansion { node, parents: &self.parents, actions: &self.actions, depths: &self.depths }
    }
}

impl Roots {
    fn assert_shapes(&self) {
        let (batch, num_actions) = (self.seeds.len(), self.num_actions);
        assert!(num_actions > 0, "a root has one action at least");
        assert_eq!(self.values.len(), batch, "one root value per seed");
        assert_eq!(self.logits.len(), batch * num_actions, "root logits are [B, A]");
        if let Some(legal) = &self.legal {
            assert_eq!(legal.len(), batch * num_actions, "the mask of legal actions is [B, A]");
            for (index, legal) in legal.chunks(num_actions).enumerate() {
                assert!(legal.contains(&true), "root {index} has no legal action");
            }
        }
    }
}

impl Evaluations {
    fn resize(&mut self, batch: usize, num_actions: usize) {
        self.rewards.resize(batch, 0.0);
        self.values.resize(batch, 0.0);
        self.logits.resize(batch * num_actions, 0.0);
        self.discounts.resize(batch, 0.0);
    }

    fn assert_shapes(&self, batch: usize, num_actions: usize) {
        assert_eq!(self.rewards.len(), batch, "the model's rewards are [B]");
        assert_eq!(self.values.len(), batch, "the model's values are [B]");
        assert_eq!(self.discounts.len(), batch, "the model's discounts are [B]");
        assert_eq!(self.logits.len(), batch * num_actions, "the model's logits are [B, A]");
    }

    /// The new node of one root.
    fn of(&self, leaf: &Leaf<'_>) -> NewNode {
        NewNode {
            parent: *leaf.parent as usize,
            action: *leaf.action as usize,
            reward: self.rewards[leaf.root],
            discount: self.discounts[leaf.root],
            value: self.values[leaf.root],
        }
    }

    /// Of one root's new node, `[A]`.
    fn logits_of(&self, root: usize) -> &[f32] {
        let num_actions = self.logits.len() / self.values.len();
        &self.logits[root * num_actions..(root + 1) * num_actions]
    }
}

//! The search itself: select, expand and back up, all roots in lockstep, one model call a simulation.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::form::Form;
use crate::gumbel::Gumbel;
use crate::model::{Evaluations, Expansion, Model, Roots, Use};
use crate::noise;
use crate::puct::Puct;
use crate::settings::{Selection, Settings};
use crate::tree::{NewNode, Node, ROOT, Tree};

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
    evaluations: Evaluations,
}

/// One root's search under way.
#[derive(Debug)]
struct RootSearch<R> {
    stream: ChaCha8Rng,
    form: R,
    tree: Tree,
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
    parent: &'a mut u32,
    action: &'a mut u32,
    depth: &'a mut u32,
}

impl<F: Form> Engine<F> {
    fn new(form: F, run: Run) -> Self {
        let (leaves, evaluations) = (Leaves::default(), Evaluations::default());
        Self { form, run, searches: Vec::new(), leaves, evaluations }
    }

    fn run<M: Model>(
        &mut self,
        roots: &Roots,
        use_: Use,
        model: &mut M,
    ) -> Result<Found, M::Error> {
        let (batch, num_actions) = (roots.seeds.len(), roots.num_actions);
        roots.assert_shapes();
        self.leaves.resize(batch);
        self.evaluations.resize(batch, num_actions);
        let Self { form, run, searches, leaves, evaluations } = self;
        searches.truncate(batch);
        searches.resize_with(batch, RootSearch::default);
        let last = run.simulations;
        for_each(searches, leaves, |index, search, leaf| {
            search.begin(form, run, roots, index, use_);
            if last > 0 {
                search.select(form, leaf);
            }
        });
        for node in 1..=last {
            evaluations.discounts.fill(run.discount);
            model.recurrent(&leaves.expansion(node), evaluations)?;
            evaluations.assert_shapes(batch, num_actions);
            for_each(searches, leaves, |index, search, leaf| {
                search.tree.expand(&evaluations.of(index, &leaf, num_actions));
                // Now, while its tree is in the cache.
                if node < last {
                    search.select(form, leaf);
                }
            });
        }
        Ok(self.found(num_actions, use_))
    }

    fn found(&mut self, num_actions: usize, use_: Use) -> Found {
        let batch = self.searches.len();
        let mut found = Found {
            actions: Vec::with_capacity(batch),
            policies: vec![0.0; batch * num_actions],
            visits: Vec::with_capacity(batch * num_actions),
            values: Vec::with_capacity(batch),
            q: Vec::with_capacity(batch * num_actions),
        };
        for (search, policy) in self.searches.iter_mut().zip(found.policies.chunks_mut(num_actions))
        {
            let RootSearch { stream, form, tree } = search;
            let action = self.form.decide(form, tree, use_, stream, policy);
            let edges = tree.edges(ROOT);
            found.actions.push(action as u32);
            let visits = &edges.visits.as_flattened()[..num_actions];
            found.visits.extend(visits.iter().map(|visits| *visits as u32));
            found.q.extend_from_slice(&edges.q.as_flattened()[..num_actions]);
            found.values.push(tree.record(ROOT).value);
        }
        found
    }
}

/// Does something to every search and its leaf, on several threads where it pays.
fn for_each<R: Send>(
    searches: &mut [RootSearch<R>],
    leaves: &mut Leaves,
    work: impl Fn(usize, &mut RootSearch<R>, Leaf<'_>) + Sync,
) {
    let Leaves { parents, actions, depths } = leaves;
    let threads = rayon::current_num_threads();
    if searches.len() < 2 * ROOTS_PER_THREAD || threads == 1 {
        let leaves = parents.iter_mut().zip(actions).zip(depths);
        for (index, (search, ((parent, action), depth))) in
            searches.iter_mut().zip(leaves).enumerate()
        {
            work(index, search, Leaf { parent, action, depth });
        }
        return;
    }
    let share = searches.len().div_ceil(threads).max(ROOTS_PER_THREAD);
    (searches, parents, actions, depths).into_par_iter().with_min_len(share).enumerate().for_each(
        |(index, (search, parent, action, depth))| {
            work(index, search, Leaf { parent, action, depth });
        },
    );
}

impl<R: Default> Default for RootSearch<R> {
    fn default() -> Self {
        Self { stream: noise::stream(0), form: R::default(), tree: Tree::default() }
    }
}

impl<R> RootSearch<R> {
    fn begin<F: Form<Root = R>>(
        &mut self,
        form: &F,
        run: &Run,
        roots: &Roots,
        index: usize,
        use_: Use,
    ) {
        self.stream = noise::stream(roots.seeds[index]);
        let row = index * roots.num_actions..(index + 1) * roots.num_actions;
        let legal = roots.legal.as_ref().map(|legal| &legal[row.clone()]);
        self.tree.plant(
            run.simulations,
            run.value_prefix_horizon,
            roots.values[index],
            &roots.logits[row],
            legal,
        );
        form.begin(&mut self.form, &mut self.tree, use_, &mut self.stream);
    }

    /// Follows the tree down to an edge without a node.
    fn select<F: Form<Root = R>>(&mut self, form: &F, leaf: Leaf<'_>) {
        let mut node = ROOT;
        loop {
            self.tree.open(node);
            let action = form.select(&mut self.form, &mut self.tree, node, &mut self.stream);
            match self.tree.child(node, action) {
                Some(child) => node = child,
                None => {
                    *leaf.parent = node as u32;
                    *leaf.action = action as u32;
                    *leaf.depth = self.tree.record(node).depth + 1;
                    return;
                }
            }
        }
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
    fn of(&self, index: usize, leaf: &Leaf<'_>, num_actions: usize) -> NewNode<'_> {
        NewNode {
            parent: *leaf.parent as usize,
            action: *leaf.action as usize,
            reward: self.rewards[index],
            discount: self.discounts[index],
            value: self.values[index],
            logits: &self.logits[index * num_actions..(index + 1) * num_actions],
        }
    }
}

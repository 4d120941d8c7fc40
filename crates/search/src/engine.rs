//! The search itself: select, expand and back up, all roots in lockstep, one model call a simulation.

use rand_chacha::ChaCha8Rng;

use crate::form::{Form, RootRow};
use crate::gumbel::Gumbel;
use crate::lanes;
use crate::model::{Evaluations, Expansion, Model, Roots, Use};
use crate::noise;
use crate::puct::Puct;
use crate::settings::{Selection, Settings};
use crate::tree::{NewNode, ROOT, RootTree, Tree};

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
    /// Value of the root, `[B]`: the mean of the network's value and one return per simulation.
    pub values: Vec<f32>,
    /// Q of the root's actions, `[B, A]`; 0 where there was no visit.
    pub q: Vec<f32>,
    /// The trees.
    pub tree: Tree,
}

/// Searches from every root of a batch.
///
/// `discount` is that of every edge for which the model says nothing else. With a
/// `value_prefix_horizon` of h the model's rewards are value prefixes, sums of the rewards since the
/// last node at a depth that is a multiple of h, and the search takes them apart.
///
/// # Errors
/// Those of the model.
///
/// # Panics
/// If the rows of `roots`, or those that the model fills in, do not have the shapes that their
/// fields state, or a root has no legal action.
pub fn search<M: Model>(
    settings: &Settings,
    discount: f32,
    value_prefix_horizon: Option<u32>,
    roots: &Roots,
    use_: Use,
    model: &mut M,
) -> Result<Found, M::Error> {
    let simulations = settings.simulations;
    let run = Run { simulations: simulations as usize, discount, value_prefix_horizon, use_ };
    match settings.selection {
        Selection::Puct => run.search(&Puct::new(&settings.puct, simulations), roots, model),
        Selection::Gumbel => run.search(&Gumbel::new(&settings.gumbel, simulations), roots, model),
    }
}

struct Run {
    simulations: usize,
    discount: f32,
    value_prefix_horizon: Option<u32>,
    use_: Use,
}

/// One root's search under way.
struct Search<R> {
    row: RootRow,
    stream: ChaCha8Rng,
    form: R,
    tree: RootTree,
}

/// The edges that the next simulation expands, each `[B]`.
struct Leaves {
    parents: Vec<u32>,
    actions: Vec<u32>,
    depths: Vec<u32>,
}

impl Run {
    fn search<F: Form, M: Model>(
        &self,
        form: &F,
        roots: &Roots,
        model: &mut M,
    ) -> Result<Found, M::Error> {
        let (batch, num_actions) = (roots.seeds.len(), roots.num_actions);
        assert_eq!(roots.values.len(), batch, "one root value per seed");
        assert_eq!(roots.logits.len(), batch * num_actions, "root logits are [B, A]");
        let mut searches: Vec<_> = (0..batch).map(|index| self.begin(form, roots, index)).collect();
        let mut leaves = Leaves::new(batch);
        let mut evaluations = Evaluations {
            rewards: vec![0.0; batch],
            values: vec![0.0; batch],
            logits: vec![0.0; batch * num_actions],
            discounts: vec![self.discount; batch],
        };
        for (index, search) in searches.iter_mut().enumerate().filter(|_| self.simulations > 0) {
            leaves.set(index, search.select(form));
        }
        for node in 1..=self.simulations {
            evaluations.discounts.fill(self.discount);
            model.recurrent(&leaves.expansion(node), &mut evaluations)?;
            evaluations.assert_shapes(batch, num_actions);
            for (index, search) in searches.iter_mut().enumerate() {
                search.expand(form, &leaves.evaluated(index, &evaluations, num_actions));
                // Now, while its tree is in the cache.
                if node < self.simulations {
                    leaves.set(index, search.select(form));
                }
            }
        }
        Ok(self.found(form, searches, num_actions))
    }

    fn begin<F: Form>(&self, form: &F, roots: &Roots, index: usize) -> Search<F::Root> {
        let row = index * roots.num_actions..(index + 1) * roots.num_actions;
        let legal = match &roots.legal {
            Some(legal) => legal[row.clone()].to_vec(),
            None => vec![true; roots.num_actions],
        };
        assert!(legal.contains(&true), "root {index} has no legal action");
        let masked = roots.logits[row].iter().zip(&legal);
        let masked: Vec<f32> =
            masked.map(|(logit, legal)| if *legal { *logit } else { f32::NEG_INFINITY }).collect();
        let logits = lanes::padded(&masked, f32::NEG_INFINITY);
        let mut policy = logits.clone();
        lanes::softmax(&mut policy);
        let mut priors = policy.as_flattened()[..roots.num_actions].to_vec();
        let mut stream = noise::stream(roots.seeds[index]);
        let row = RootRow { logits, policy, legal, use_: self.use_ };
        let form = form.begin(&row, &mut priors, &mut stream);
        let (horizon, value) = (self.value_prefix_horizon, roots.values[index]);
        let tree = RootTree::new(self.simulations, horizon, value, &priors, &row.legal);
        Search { row, stream, form, tree }
    }

    fn found<F: Form>(
        &self,
        form: &F,
        searches: Vec<Search<F::Root>>,
        num_actions: usize,
    ) -> Found {
        let batch = searches.len();
        let mut found = Found {
            actions: Vec::with_capacity(batch),
            policies: vec![0.0; batch * num_actions],
            visits: Vec::with_capacity(batch * num_actions),
            values: Vec::with_capacity(batch),
            q: Vec::with_capacity(batch * num_actions),
            tree: Tree { roots: Vec::with_capacity(batch) },
        };
        for (index, mut search) in searches.into_iter().enumerate() {
            let policy = &mut found.policies[index * num_actions..(index + 1) * num_actions];
            let Search { row, stream, form: state, tree } = &mut search;
            let action = form.decide(state, tree, row, stream, policy);
            let edges = search.tree.edges(ROOT);
            found.actions.push(action as u32);
            let visits = &edges.visits.as_flattened()[..num_actions];
            found.visits.extend(visits.iter().map(|visits| *visits as u32));
            found.q.extend_from_slice(&edges.q.as_flattened()[..num_actions]);
            found.values.push(search.tree.value(ROOT));
            found.tree.roots.push(search.tree);
        }
        found
    }
}

impl<R> Search<R> {
    /// Follows the tree down to an edge without a node: the node that it leaves, the action, and
    /// the depth of the node to come.
    fn select<F: Form<Root = R>>(&mut self, form: &F) -> (usize, usize, u32) {
        let mut node = ROOT;
        loop {
            let action = form.select(&mut self.form, &self.tree, node, &mut self.stream);
            match self.tree.child(node, action) {
                Some(child) => node = child,
                None => return (node, action, self.tree.depth(node) + 1),
            }
        }
    }

    fn expand<F: Form<Root = R>>(&mut self, form: &F, new: &NewNode<'_>) {
        self.tree.expand(new);
        form.expanded(&mut self.form, &self.tree, new.logits);
    }
}

impl Leaves {
    fn new(batch: usize) -> Self {
        Self { parents: vec![0; batch], actions: vec![0; batch], depths: vec![0; batch] }
    }

    fn set(&mut self, index: usize, (parent, action, depth): (usize, usize, u32)) {
        self.parents[index] = parent as u32;
        self.actions[index] = action as u32;
        self.depths[index] = depth;
    }

    fn expansion(&self, node: usize) -> Expansion<'_> {
        Expansion { node, parents: &self.parents, actions: &self.actions, depths: &self.depths }
    }

    fn evaluated<'a>(
        &self,
        index: usize,
        evaluations: &'a Evaluations,
        num_actions: usize,
    ) -> NewNode<'a> {
        NewNode {
            parent: self.parents[index] as usize,
            action: self.actions[index] as usize,
            reward: evaluations.rewards[index],
            discount: evaluations.discounts[index],
            value: evaluations.values[index],
            logits: &evaluations.logits[index * num_actions..(index + 1) * num_actions],
        }
    }
}

impl Evaluations {
    fn assert_shapes(&self, batch: usize, num_actions: usize) {
        assert_eq!(self.rewards.len(), batch, "the model's rewards are [B]");
        assert_eq!(self.values.len(), batch, "the model's values are [B]");
        assert_eq!(self.discounts.len(), batch, "the model's discounts are [B]");
        assert_eq!(self.logits.len(), batch * num_actions, "the model's logits are [B, A]");
    }
}

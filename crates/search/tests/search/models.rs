//! Models for the tests: known at every node, without a network.

use std::convert::Infallible;
use std::ops::Deref;

use zerolab_search::{Evaluations, Expansion, Found, Model, Node, Roots, Search, Settings, Use};

/// What a rule says of the step from one state by one action.
#[derive(Debug, Clone)]
pub struct Outcome<S> {
    pub state: S,
    pub reward: f32,
    pub value: f32,
    pub logits: Vec<f32>,
    /// `None` leaves the search's discount.
    pub discount: Option<f32>,
}

/// A model that follows a rule from state to state, and keeps the states of all nodes.
pub struct Rule<S, F> {
    step: F,
    /// `[N][B]`
    states: Vec<Vec<S>>,
    /// Depths of the nodes that were asked for, `[N - 1][B]`.
    pub depths: Vec<Vec<u32>>,
}

impl<S: Clone, F: FnMut(&S, usize) -> Outcome<S>> Rule<S, F> {
    pub fn new(roots: Vec<S>, step: F) -> Self {
        Self { step, states: vec![roots], depths: Vec::new() }
    }
}

impl<S: Clone, F: FnMut(&S, usize) -> Outcome<S>> Model for Rule<S, F> {
    type Error = Infallible;

    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), Infallible> {
        assert_eq!(expansion.node, self.states.len(), "nodes come in order");
        let num_actions = out.logits.len() / out.values.len();
        let mut states = Vec::new();
        for row in 0..out.values.len() {
            let parent = &self.states[expansion.parents[row] as usize][row];
            let outcome = (self.step)(parent, expansion.actions[row] as usize);
            out.rewards[row] = outcome.reward;
            out.values[row] = outcome.value;
            out.logits[row * num_actions..][..num_actions].copy_from_slice(&outcome.logits);
            out.discounts[row] = outcome.discount.unwrap_or(out.discounts[row]);
            states.push(outcome.state);
        }
        self.states.push(states);
        self.depths.push(expansion.depths.to_vec());
        Ok(())
    }
}

/// Parent and action of every node but the root.
pub fn parents_and_actions(nodes: &[Node]) -> (Vec<u32>, Vec<u32>) {
    nodes.iter().filter_map(|node| Some((node.parent?, node.action?))).unzip()
}

/// What a search found, with its trees.
#[derive(Debug, PartialEq)]
pub struct Searched {
    pub found: Found,
    /// `[B]`
    pub trees: Vec<Vec<Node>>,
}

impl Deref for Searched {
    type Target = Found;

    fn deref(&self) -> &Found {
        &self.found
    }
}

impl Searched {
    /// Searches, and takes the trees out.
    pub fn by<M: Model<Error = Infallible>>(
        search: &mut Search,
        roots: &Roots,
        use_: Use,
        model: &mut M,
    ) -> Self {
        let Ok(found) = search.run(roots, use_, model);
        let trees = (0..roots.seeds.len()).map(|root| search.nodes(root)).collect();
        Self { found, trees }
    }
}

/// Searches once, with a search of its own.
pub fn search<M: Model<Error = Infallible>>(
    settings: &Settings,
    discount: f32,
    value_prefix_horizon: Option<u32>,
    roots: &Roots,
    use_: Use,
    model: &mut M,
) -> Searched {
    let mut search = Search::new(settings, discount, value_prefix_horizon);
    Searched::by(&mut search, roots, use_, model)
}

/// Every form of search, by its name.
pub fn presets() -> Vec<(&'static str, Settings)> {
    vec![
        ("efficientzero", Settings::efficientzero()),
        ("muzero", Settings::muzero()),
        ("mctx muzero", Settings::mctx_muzero()),
        ("alphazero", Settings::alphazero()),
        ("gumbel muzero", Settings::gumbel_muzero()),
        ("efficientzero v2", Settings::efficientzero_v2(4)),
    ]
}

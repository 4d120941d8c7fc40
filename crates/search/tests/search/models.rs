//! Models for the tests: functions of the state and the action, without a network.

use std::convert::Infallible;
use std::ops::Deref;

use zerolab_search::{
    Evaluations, Expansion, Model, Node, Purpose, Roots, Search, SearchResult, Settings,
};

/// The result of a step from one state by one action.
#[derive(Debug, Clone)]
pub struct StepOutput<S> {
    pub state: S,
    pub reward: f32,
    pub value: f32,
    pub logits: Vec<f32>,
    /// `None` leaves the search's discount.
    pub discount: Option<f32>,
}

/// A model that computes each state from the one before by a rule. It keeps the states of all nodes.
pub struct Rule<S, F> {
    step: F,
    /// `[N][B]`
    states: Vec<Vec<S>>,
    /// Depths of the new nodes of each call, `[N - 1][B]`.
    pub depths: Vec<Vec<u32>>,
}

impl<S: Clone, F: FnMut(&S, usize) -> StepOutput<S>> Rule<S, F> {
    pub fn new(roots: Vec<S>, step: F) -> Self {
        Self { step, states: vec![roots], depths: Vec::new() }
    }
}

impl<S: Clone, F: FnMut(&S, usize) -> StepOutput<S>> Model for Rule<S, F> {
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
            let step = (self.step)(parent, expansion.actions[row] as usize);
            out.rewards[row] = step.reward;
            out.values[row] = step.value;
            out.logits[row * num_actions..][..num_actions].copy_from_slice(&step.logits);
            out.discounts[row] = step.discount.unwrap_or(out.discounts[row]);
            states.push(step.state);
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

/// The results of a search, with its trees.
#[derive(Debug, PartialEq)]
pub struct ResultWithTrees {
    pub result: SearchResult,
    /// `[B]`
    pub trees: Vec<Vec<Node>>,
}

impl Deref for ResultWithTrees {
    type Target = SearchResult;

    fn deref(&self) -> &SearchResult {
        &self.result
    }
}

impl ResultWithTrees {
    /// Searches and takes the trees.
    pub fn by<M: Model<Error = Infallible>>(
        search: &mut Search,
        roots: &Roots,
        purpose: Purpose,
        model: &mut M,
    ) -> Self {
        let Ok(result) = search.run(roots, purpose, model);
        let trees = (0..roots.seeds.len()).map(|root| search.nodes(root)).collect();
        Self { result, trees }
    }
}

/// Runs a new search once.
pub fn search<M: Model<Error = Infallible>>(
    settings: &Settings,
    discount: f32,
    value_prefix_horizon: Option<u32>,
    roots: &Roots,
    purpose: Purpose,
    model: &mut M,
) -> ResultWithTrees {
    let mut search = Search::new(settings, discount, value_prefix_horizon);
    ResultWithTrees::by(&mut search, roots, purpose, model)
}

/// Every published search with its name.
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

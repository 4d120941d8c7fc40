//! The public interface of a search: settings and roots go in, results and trees come out.

use crate::engine::{Engine, EngineSettings};
use crate::gumbel::Gumbel;
use crate::model::{Model, Purpose, Roots};
use crate::puct::Puct;
use crate::settings::{Selection, Settings};
use crate::tree::Node;

/// Results of a search for each of `B` roots over `A` actions.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// The action to take, `[B]`.
    pub actions: Vec<u32>,
    /// The policy target, `[B, A]`: the visit shares under pUCT, the improved policy without the noise
    /// under Gumbel. 0 for illegal actions.
    pub policies: Vec<f32>,
    /// Visits of the root's actions, `[B, A]`.
    pub visits: Vec<u32>,
    /// Value of the root, `[B]`: the mean of the network's value and one return per simulation. It is
    /// also the search-based value target of EfficientZero V2.
    pub values: Vec<f32>,
    /// Q of the root's actions, `[B, A]`; 0 for actions without a visit.
    pub q: Vec<f32>,
}

/// A search with fixed settings. It keeps the memory of its last batch and reuses it for the next.
#[derive(Debug)]
pub struct Search {
    engine: AnyEngine,
}

/// The engine of the selected algorithm.
#[derive(Debug)]
enum AnyEngine {
    Puct(Engine<Puct>),
    Gumbel(Engine<Gumbel>),
}

impl Search {
    /// A search with these settings.
    ///
    /// `discount` holds for every edge whose discount the model does not set. With a
    /// `value_prefix_horizon` of h the model's rewards are value prefixes: sums of the rewards since
    /// the last node whose depth is a multiple of h. The search computes the rewards from them.
    #[must_use]
    pub fn new(settings: &Settings, discount: f32, value_prefix_horizon: Option<u32>) -> Self {
        let simulations = settings.simulations;
        let shared = EngineSettings {
            simulations: simulations as usize,
            prior: settings.prior,
            discount,
            value_prefix_horizon,
        };
        let engine = match settings.selection {
            Selection::Puct => {
                AnyEngine::Puct(Engine::new(Puct::new(&settings.puct, simulations), shared))
            }
            Selection::Gumbel => {
                AnyEngine::Gumbel(Engine::new(Gumbel::new(&settings.gumbel, simulations), shared))
            }
        };
        Self { engine }
    }

    /// Searches from every root of a batch. Inside a rayon pool it divides a large batch among the
    /// pool's threads. The results do not depend on the number of threads.
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
        purpose: Purpose,
        model: &mut M,
    ) -> Result<SearchResult, M::Error> {
        match &mut self.engine {
            AnyEngine::Puct(engine) => engine.run(roots, purpose, model),
            AnyEngine::Gumbel(engine) => engine.run(roots, purpose, model),
        }
    }

    /// The tree of one root of the last search: its nodes in the order of expansion. Node 0 is the root.
    ///
    /// # Panics
    /// If the last search had no such root.
    #[must_use]
    pub fn nodes(&self, root: usize) -> Vec<Node> {
        match &self.engine {
            AnyEngine::Puct(engine) => engine.nodes(root),
            AnyEngine::Gumbel(engine) => engine.nodes(root),
        }
    }
}

//! The search as one uses it: settings in, batches of roots through it, what was found and the trees out.

use crate::engine::{Engine, Run};
use crate::gumbel::Gumbel;
use crate::model::{Model, Roots, Use};
use crate::puct::Puct;
use crate::settings::{Selection, Settings};
use crate::tree::Node;

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

    /// Searches from every root of a batch. Called inside a rayon pool, it spreads the roots over its
    /// threads where that pays; what is found does not depend on how many there are.
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
            Kind::Puct(engine) => engine.nodes(root),
            Kind::Gumbel(engine) => engine.nodes(root),
        }
    }
}

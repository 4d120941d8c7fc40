//! The kinds of figure. A new kind is one file with a `KIND`, and one line here.

use zerolab_registry::{Named, Registry, RegistryError};

use super::kind::FigureKind;
use super::{
    ablation, cost_against_score, cost_by_phase, cost_ladder, diagnostics, exchange, final_scores,
    goodhart, heat_map, human_normalised, learning_curve, parallel, per_task, performance_profile,
    probability_of_improvement, response, scatter, sweep_response, time_to_event,
};

static FIGURES: Registry<FigureKind> = Registry::new("kind of figure", built_in);

fn built_in() -> Vec<FigureKind> {
    vec![
        learning_curve::KIND,
        final_scores::KIND,
        per_task::KIND,
        probability_of_improvement::KIND,
        ablation::KIND,
        performance_profile::KIND,
        scatter::KIND,
        sweep_response::KIND,
        response::KIND,
        heat_map::KIND,
        parallel::KIND,
        cost_against_score::KIND,
        cost_by_phase::KIND,
        exchange::KIND,
        diagnostics::KIND,
        goodhart::KIND,
        time_to_event::KIND,
        human_normalised::KIND,
        cost_ladder::KIND,
    ]
}

/// Every page shows these, and in addition what its spec asks for.
pub(super) static ALWAYS: [(FigureKind, Choices); 6] = [
    (human_normalised::KIND, Choices::All),
    (per_task::KIND, Choices::Default),
    (learning_curve::KIND, Choices::All),
    (cost_by_phase::KIND, Choices::All),
    (cost_against_score::KIND, Choices::Default),
    (diagnostics::KIND, Choices::Default),
];

/// For which quantities along x every page shows a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choices {
    Default,
    All,
}

impl Named for FigureKind {
    fn name(&self) -> &str {
        self.name
    }
}

/// Adds kinds of figure. A program does this once, before anything looks for a kind of figure.
///
/// # Errors
/// If a name is wrong or taken, or if it is too late.
pub fn extend_figures(added: Vec<FigureKind>) -> Result<(), RegistryError> {
    FIGURES.extend(added)
}

/// Every kind of figure.
pub fn figures() -> &'static [FigureKind] {
    FIGURES.entries()
}

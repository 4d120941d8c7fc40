//! The kinds of figure. A new kind is one file with a `KIND`, and one line here.

use super::kind::FigureKind;
use super::{
    ablation, cost_against_score, cost_by_phase, final_scores, heat_map, human_normalised,
    learning_curve, parallel, per_task, performance_profile, probability_of_improvement,
    sweep_response,
};

static FIGURES: &[FigureKind] = &[
    learning_curve::KIND,
    final_scores::KIND,
    per_task::KIND,
    probability_of_improvement::KIND,
    ablation::KIND,
    performance_profile::KIND,
    sweep_response::KIND,
    heat_map::KIND,
    parallel::KIND,
    cost_against_score::KIND,
    cost_by_phase::KIND,
    human_normalised::KIND,
];

/// Every page shows these for every choice of x, and in addition what its spec asks for.
pub(super) static ALWAYS: [FigureKind; 3] =
    [human_normalised::KIND, learning_curve::KIND, cost_by_phase::KIND];

/// Every kind of figure.
pub fn figures() -> &'static [FigureKind] {
    FIGURES
}

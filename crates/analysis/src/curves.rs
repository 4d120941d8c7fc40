//! Learning curves: the estimate over seeds at each evaluation of a group.
//!
//! A curve has a point where at least half of the group's evaluated runs have an evaluation (and the measure is defined). So a run that
//! failed early does not shorten the curve, and its end is not the score of a single seed.

use std::collections::BTreeMap;

use rayon::prelude::*;
use zerolab_metrics::Measure;
use zerolab_metrics::statistics::median;

use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::Estimate;
use crate::spending::{EvaluationCost, SpentQuantity, evaluation_costs};

/// The curve of one group.
#[derive(Clone)]
pub(crate) struct Curve {
    /// The index of the group in [`Findings::groups`](crate::findings::Findings).
    pub group: usize,
    /// In the order of real steps.
    pub points: Vec<CurvePoint>,
}

/// One evaluation, over seeds.
#[derive(Clone)]
pub(crate) struct CurvePoint {
    /// The median over seeds of what they had spent, for each quantity that is known.
    spent: Vec<(SpentQuantity, f64)>,
    /// The estimate over seeds of the measure.
    pub estimate: Estimate,
}

impl CurvePoint {
    /// The median over seeds of what they had spent; nothing if no seed has recorded it.
    pub fn spent(&self, quantity: SpentQuantity) -> Option<f64> {
        self.spent.iter().find(|(known, _)| *known == quantity).map(|(_, spent)| *spent)
    }
}

/// The learning curve of every group with at least one evaluation for which the measure is defined.
pub(crate) fn curves(groups: &[Group], runs: &[RunResults], measure: &Measure) -> Vec<Curve> {
    let curves: Vec<Curve> = groups
        .par_iter()
        .enumerate()
        .map(|(index, group)| Curve { group: index, points: points(group, runs, measure) })
        .collect();
    curves.into_iter().filter(|curve| !curve.points.is_empty()).collect()
}

fn points(group: &Group, runs: &[RunResults], measure: &Measure) -> Vec<CurvePoint> {
    // The evaluations of all seeds, by phase and real steps; after the same real steps by their order.
    let mut seeds: BTreeMap<(u32, u64, u64), Vec<(f64, EvaluationCost)>> = BTreeMap::new();
    for &index in &group.runs {
        for evaluation in evaluation_costs(&runs[index]) {
            let at = (evaluation.phase, evaluation.evaluation.real_steps, evaluation.place_there);
            if let Some(value) = runs[index].measured(measure, evaluation.evaluation) {
                seeds.entry(at).or_default().push((value, evaluation));
            }
        }
    }
    let max_seeds = seeds.values().map(Vec::len).max().unwrap_or(0);
    let enough: Vec<_> = seeds.into_values().filter(|seeds| 2 * seeds.len() >= max_seeds).collect();
    enough.par_iter().filter_map(|seeds| point(seeds)).collect()
}

fn point(seeds: &[(f64, EvaluationCost)]) -> Option<CurvePoint> {
    let values: Vec<f64> = seeds.iter().map(|(value, _)| *value).collect();
    let over_seeds = |quantity: SpentQuantity| {
        let known: Vec<f64> = seeds.iter().filter_map(|(_, seed)| seed.spent(quantity)).collect();
        (!known.is_empty()).then(|| (quantity, median(&known)))
    };
    Some(CurvePoint {
        estimate: Estimate::of(&values)?,
        spent: SpentQuantity::ALL.into_iter().filter_map(over_seeds).collect(),
    })
}

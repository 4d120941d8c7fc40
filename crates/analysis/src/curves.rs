//! Learning curves: the estimate over seeds at each evaluation of a group.
//!
//! A curve has a point where at least half of the group's evaluated runs have an evaluation. So a run that
//! failed early does not shorten the curve, and its end is not the score of a single seed.

use std::collections::BTreeMap;

use rayon::prelude::*;
use zerolab_metrics::statistics::{mean, median};

use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::Estimate;
use crate::spending::{EvaluationCost, SpentQuantity, evaluation_costs};

/// The curve of one group.
pub(crate) struct Curve {
    /// The index of the group in [`Findings::groups`](crate::findings::Findings).
    pub group: usize,
    /// In the order of real steps.
    pub points: Vec<CurvePoint>,
}

/// One evaluation, over seeds.
pub(crate) struct CurvePoint {
    /// The median over seeds of what they had spent, for each quantity that is known.
    spent: Vec<(SpentQuantity, f64)>,
    /// The estimate over seeds of the mean evaluation return.
    pub estimate: Estimate,
}

impl CurvePoint {
    /// The median over seeds of what they had spent; nothing if no seed has recorded it.
    pub fn spent(&self, quantity: SpentQuantity) -> Option<f64> {
        self.spent.iter().find(|(known, _)| *known == quantity).map(|(_, spent)| *spent)
    }
}

/// The learning curve of every group with at least one evaluation.
pub(crate) fn curves(groups: &[Group], runs: &[RunResults]) -> Vec<Curve> {
    let curves: Vec<Curve> = groups
        .par_iter()
        .enumerate()
        .map(|(index, group)| Curve { group: index, points: points(group, runs) })
        .collect();
    curves.into_iter().filter(|curve| !curve.points.is_empty()).collect()
}

fn points(group: &Group, runs: &[RunResults]) -> Vec<CurvePoint> {
    // The evaluations of all seeds, by real steps.
    let mut seeds: BTreeMap<u64, Vec<EvaluationCost>> = BTreeMap::new();
    for &index in &group.runs {
        for evaluation in evaluation_costs(&runs[index]) {
            let real_steps = evaluation.evaluation.real_steps;
            seeds.entry(real_steps).or_default().push(evaluation);
        }
    }
    let max_seeds = seeds.values().map(Vec::len).max().unwrap_or(0);
    let enough: Vec<_> = seeds.into_values().filter(|seeds| 2 * seeds.len() >= max_seeds).collect();
    enough.par_iter().filter_map(|seeds| point(seeds)).collect()
}

fn point(seeds: &[EvaluationCost]) -> Option<CurvePoint> {
    let returns: Vec<f64> = seeds.iter().map(|seed| mean(&seed.evaluation.returns)).collect();
    let over_seeds = |quantity: SpentQuantity| {
        let known: Vec<f64> = seeds.iter().filter_map(|seed| seed.spent(quantity)).collect();
        (!known.is_empty()).then(|| (quantity, median(&known)))
    };
    Some(CurvePoint {
        estimate: Estimate::of(&returns)?,
        spent: SpentQuantity::ALL.into_iter().filter_map(over_seeds).collect(),
    })
}

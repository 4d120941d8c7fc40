//! Learning curves: the estimate over seeds at each evaluation of a group.
//!
//! A point is drawn where at least half of the group's evaluated runs have come, so that a run that
//! failed early neither cuts the curve short nor leaves its end to a single seed.

use std::collections::BTreeMap;

use rayon::prelude::*;
use zerolab_metrics::statistics::{mean, median};

use crate::groups::Group;
use crate::results::Run;
use crate::scores::Estimate;
use crate::spending::{Quantity, Spent};

/// The curve of one group.
pub(crate) struct Curve {
    /// The group's place.
    pub group: usize,
    /// In the order of real steps.
    pub points: Vec<Point>,
}

/// One evaluation, over seeds.
pub(crate) struct Point {
    /// The median over seeds of what they had spent when they came here, of each quantity that a seed tells.
    spent: Vec<(Quantity, f64)>,
    /// Of the mean evaluation return.
    pub estimate: Estimate,
}

impl Point {
    /// The median over seeds of what they had spent; nothing if none tells.
    pub fn spent(&self, quantity: Quantity) -> Option<f64> {
        self.spent.iter().find(|(known, _)| *known == quantity).map(|(_, spent)| *spent)
    }
}

/// The learning curve of every group that was evaluated at all.
pub(crate) fn curves(groups: &[Group], runs: &[Run]) -> Vec<Curve> {
    let curves: Vec<Curve> = groups
        .par_iter()
        .enumerate()
        .map(|(place, group)| Curve { group: place, points: points(group, runs) })
        .collect();
    curves.into_iter().filter(|curve| !curve.points.is_empty()).collect()
}

fn points(group: &Group, runs: &[Run]) -> Vec<Point> {
    // By real steps: what each seed had spent there.
    let mut seeds: BTreeMap<u64, Vec<Spent>> = BTreeMap::new();
    for &place in &group.runs {
        for spent in runs[place].spent() {
            seeds.entry(spent.evaluation.real_steps).or_default().push(spent);
        }
    }
    let most = seeds.values().map(Vec::len).max().unwrap_or(0);
    let enough: Vec<_> = seeds.into_values().filter(|seeds| 2 * seeds.len() >= most).collect();
    enough.par_iter().filter_map(|seeds| point(seeds)).collect()
}

fn point(seeds: &[Spent]) -> Option<Point> {
    let returns: Vec<f64> = seeds.iter().map(|seed| mean(&seed.evaluation.returns)).collect();
    let over_seeds = |quantity: Quantity| {
        let known: Vec<f64> = seeds.iter().filter_map(|seed| seed.of(quantity)).collect();
        (!known.is_empty()).then(|| (quantity, median(&known)))
    };
    Some(Point {
        estimate: Estimate::of(&returns)?,
        spent: Quantity::ALL.into_iter().filter_map(over_seeds).collect(),
    })
}

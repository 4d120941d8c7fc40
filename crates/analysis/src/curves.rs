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

/// The curve of one group.
pub(crate) struct Curve {
    /// The group's place.
    pub group: usize,
    /// In the order of real steps.
    pub points: Vec<Point>,
}

/// One evaluation, over seeds.
pub(crate) struct Point {
    pub real_steps: u64,
    /// The median over seeds of the seconds at which they came here.
    pub wall_seconds: f64,
    /// Of the mean evaluation return.
    pub estimate: Estimate,
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
    // By real steps: the return and the seconds of each seed.
    let mut seeds: BTreeMap<u64, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for &place in &group.runs {
        for evaluation in runs[place].evaluations() {
            let (returns, seconds) = seeds.entry(evaluation.real_steps).or_default();
            returns.push(mean(&evaluation.returns));
            seconds.push(evaluation.wall_seconds);
        }
    }
    let most = seeds.values().map(|(returns, _)| returns.len()).max().unwrap_or(0);
    let enough: Vec<_> =
        seeds.into_iter().filter(|(_, (returns, _))| 2 * returns.len() >= most).collect();
    enough
        .into_par_iter()
        .filter_map(|(real_steps, (returns, seconds))| {
            let estimate = Estimate::of(&returns)?;
            Some(Point { real_steps, wall_seconds: median(&seconds), estimate })
        })
        .collect()
}

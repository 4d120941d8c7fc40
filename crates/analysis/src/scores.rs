//! The scores of a run, and the estimates over the seeds of a group.
//!
//! A run's score is a measure of its last evaluation. The estimate over seeds is the
//! interquartile mean from 4 seeds on, and the mean below (where the IQM would discard nothing), with a 95
//! % bootstrap interval.

use std::collections::BTreeSet;

use rayon::prelude::*;
use zerolab_metrics::Measure;
use zerolab_metrics::statistics::{Bootstrap, Interval, iqm, mean};

use crate::groups::Group;
use crate::results::RunResults;

/// The estimator over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    Mean,
    Iqm,
}

impl Statistic {
    /// The estimator for a number of seeds.
    pub fn of_seeds(seeds: usize) -> Self {
        if seeds < 4 { Statistic::Mean } else { Statistic::Iqm }
    }

    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::Iqm => "IQM",
        }
    }

    /// The indefinite article of its name.
    pub fn article(self) -> &'static str {
        match self {
            Statistic::Mean => "a",
            Statistic::Iqm => "an",
        }
    }

    pub fn function(self) -> fn(&[f64]) -> f64 {
        match self {
            Statistic::Mean => mean,
            Statistic::Iqm => iqm,
        }
    }
}

/// An estimate over seeds, with an interval if there are at least two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub statistic: Statistic,
    pub value: f64,
    pub interval: Option<Interval>,
    pub seeds: usize,
}

impl Estimate {
    /// The estimate over `scores`, one per seed; nothing if there are none.
    pub fn of(scores: &[f64]) -> Option<Self> {
        if scores.is_empty() {
            return None;
        }
        let statistic = Statistic::of_seeds(scores.len());
        Some(Self {
            statistic,
            value: statistic.function()(scores),
            interval: Bootstrap::default().interval(&[scores], statistic.function()),
            seeds: scores.len(),
        })
    }
}

/// The final score of a group.
pub(crate) struct FinalScore {
    /// The index of the group in [`Findings::groups`](crate::findings::Findings).
    pub group: usize,
    pub measure: Measure,
    /// Nothing if no run of the group has finished with an evaluation, or the measure is not defined for any.
    pub estimate: Option<Estimate>,
}

/// The measures that a group of runs has: the sums of rewards, and those that follow from its anchors and events.
pub(crate) fn measures_of(group: &Group, runs: &[RunResults]) -> Vec<Measure> {
    let runs = || group.runs.iter().map(|&run| &runs[run]);
    let anchors = || runs().filter_map(|run| run.reference.anchors.as_ref());
    let mut measures = vec![Measure::Return, Measure::Performance];
    measures.extend(anchors().next().map(|_| Measure::Competence));
    measures.extend(anchors().find(|it| it.has_gap()).map(|_| Measure::HackFraction));
    let events: BTreeSet<&String> =
        runs().flat_map(RunResults::evaluations).flat_map(|it| it.events.keys()).collect();
    measures.extend(events.into_iter().flat_map(|event| Measure::of_event(event)));
    measures
}

/// The final scores of every group, over its finished runs, by every measure that it has and by those that are
/// `asked` for.
pub(crate) fn final_scores(
    groups: &[Group],
    runs: &[RunResults],
    asked: &[Measure],
) -> Vec<FinalScore> {
    let with_measures = |index: usize| {
        let measures = measures_of(&groups[index], runs).into_iter();
        let group = &groups[index];
        let asked = asked.iter().filter(move |measure| group.has(measure, runs)).cloned();
        measures.chain(asked).map(move |it| (index, it))
    };
    let pairs: Vec<(usize, Measure)> = (0..groups.len()).flat_map(with_measures).collect();
    pairs
        .into_par_iter()
        .map(|(group, measure)| {
            let scores: Vec<f64> =
                seed_scores(&groups[group], runs, &measure).map(|(_, score)| score).collect();
            FinalScore { group, measure, estimate: Estimate::of(&scores) }
        })
        .collect()
}

/// The score of each finished run of a group for which the measure is defined, with its seed.
pub(crate) fn seed_scores<'a>(
    group: &'a Group,
    runs: &'a [RunResults],
    measure: &'a Measure,
) -> impl Iterator<Item = (u64, f64)> + 'a {
    group.finished(runs).filter_map(move |run| {
        let score = run.score(measure)?;
        Some((run.reference.seed, score)).filter(|_| score.is_finite())
    })
}

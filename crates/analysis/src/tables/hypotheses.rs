//! `hypotheses`: the verdicts, with what was compared.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::statistics::{Interval, MeanDifference};

use crate::answer::verdict_name;
use crate::findings::Findings;
use crate::hypothesis::{HypothesisResult, HypothesisTest, TestedHypothesis};

/// A test of a hypothesis; none if it cannot be tested.
struct Row<'a> {
    /// Its number in the spec, from 1.
    number: u64,
    of: &'a TestedHypothesis,
    test: Option<&'a HypothesisTest>,
}

impl Row<'_> {
    fn verdict(&self) -> &'static str {
        match &self.of.result {
            HypothesisResult::Tested { verdict, .. } => verdict_name(*verdict),
            HypothesisResult::NotTestable(_) => "not testable",
        }
    }

    fn difference(&self) -> Option<MeanDifference> {
        self.test?.difference
    }

    fn interval(&self) -> Option<Interval> {
        self.difference()?.interval()
    }
}

/// Whether there is any.
pub(super) fn exist(findings: &Findings) -> bool {
    !findings.hypotheses.is_empty()
}

/// One row per hypothesis and environment in which it is tested.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let rows: Vec<Row<'_>> =
        (1..).zip(&findings.hypotheses).flat_map(|(number, of)| rows_of(number, of)).collect();
    let texts = |of: &dyn Fn(&Row<'_>) -> String| -> Vec<String> { rows.iter().map(of).collect() };
    let numbers = |of: &dyn Fn(&Row<'_>) -> Option<f64>| -> Vec<Option<f64>> {
        rows.iter().map(of).collect()
    };
    let seeds = |of: fn((usize, usize)) -> usize| -> Vec<Option<u64>> {
        rows.iter().map(|row| Some(of(row.test?.seeds) as u64)).collect()
    };
    df![
        "hypothesis" => rows.iter().map(|row| row.number).collect::<Vec<_>>(),
        "metric" => texts(&|row| row.of.hypothesis.metric.clone()),
        "statement" => texts(&|row| row.of.hypothesis.statement.clone()),
        "verdict" => texts(&|row| row.verdict().to_owned()),
        "environment" => rows.iter().map(|row| row.test.map(|it| it.environment.as_str())).collect::<Vec<_>>(),
        "mean" => numbers(&|row| Some(row.test?.mean?.value)),
        "difference" => numbers(&|row| Some(row.difference()?.value)),
        "low" => numbers(&|row| Some(row.interval()?.low)),
        "high" => numbers(&|row| Some(row.interval()?.high)),
        "first_seeds" => seeds(|(first, _)| first),
        "second_seeds" => seeds(|(_, second)| second),
    ]
}

fn rows_of(number: u64, of: &TestedHypothesis) -> Vec<Row<'_>> {
    match &of.result {
        HypothesisResult::Tested { tests, .. } if !tests.is_empty() => {
            tests.iter().map(|test| Row { number, of, test: Some(test) }).collect()
        }
        _ => vec![Row { number, of, test: None }],
    }
}

//! `steps-to-land`: a kind of figure. It shows how soon the ferry lands at the pier in most episodes.

use zerolab::analysis::{FinishedRun, RunScore};
use zerolab::metrics::Record;

pub enum StepsToLand {}

impl RunScore for StepsToLand {
    const NAME: &'static str = "steps-to-land";
    const SUMMARY: &'static str = "real steps until an evaluation has a mean return of 0.9";

    fn of(run: &FinishedRun<'_>) -> Option<f64> {
        run.records.iter().find_map(|record| match record {
            Record::Evaluation(evaluation) => {
                let mean = evaluation.returns.iter().sum::<f64>() / evaluation.returns.len() as f64;
                (mean >= 0.9).then_some(evaluation.real_steps as f64)
            }
            _ => None,
        })
    }
}

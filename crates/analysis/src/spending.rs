//! What a run has spent at each of its evaluations: the quantities that figures show along x.

use zerolab_metrics::{CostRecord, EvaluationRecord, Record};

use crate::numbers::{duration, exact, prefixed, score};
use crate::prices::price_sheet;
use crate::results::RunResults;

/// A quantity that a run spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpentQuantity {
    RealSteps,
    WallSeconds,
    Updates,
    ImaginedSteps,
    Flops,
    Dollars,
}

impl SpentQuantity {
    pub const ALL: [SpentQuantity; 6] = [
        SpentQuantity::RealSteps,
        SpentQuantity::WallSeconds,
        SpentQuantity::Updates,
        SpentQuantity::ImaginedSteps,
        SpentQuantity::Flops,
        SpentQuantity::Dollars,
    ];

    /// Its name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            SpentQuantity::RealSteps => "real_steps",
            SpentQuantity::WallSeconds => "wall_seconds",
            SpentQuantity::Updates => "updates",
            SpentQuantity::ImaginedSteps => "imagined_steps",
            SpentQuantity::Flops => "flops",
            SpentQuantity::Dollars => "dollars",
        }
    }

    /// Its name in sentences.
    pub fn title(self) -> &'static str {
        match self {
            SpentQuantity::RealSteps => "real steps",
            SpentQuantity::WallSeconds => "wall-clock time",
            SpentQuantity::Updates => "updates",
            SpentQuantity::ImaginedSteps => "imagined steps of training",
            SpentQuantity::Flops => "FLOPs of training",
            SpentQuantity::Dollars => "dollars of a run",
        }
    }

    /// An amount of it in words: `12,000 real steps`, `3 min 5 s`, `0.0123 dollars`.
    pub fn amount(self, value: f64) -> String {
        match self {
            SpentQuantity::RealSteps => format!("{} real steps", exact(value)),
            SpentQuantity::WallSeconds => duration(value),
            SpentQuantity::Updates => format!("{} updates", exact(value)),
            SpentQuantity::ImaginedSteps => format!("{} imagined steps", prefixed(value)),
            SpentQuantity::Flops => format!("{} FLOPs", prefixed(value)),
            SpentQuantity::Dollars => format!("{} dollars", score(value)),
        }
    }

    /// The quantity with this name; real steps if there is none.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.name() == name).unwrap_or(SpentQuantity::RealSteps)
    }
}

/// An evaluation of a run with what the run had spent by then.
pub(crate) struct EvaluationCost<'a> {
    pub run: &'a RunResults,
    /// The number of its phase, from 1.
    pub phase: u32,
    /// How many evaluations were before it after the same real steps of the phase.
    pub place_there: u64,
    pub evaluation: &'a EvaluationRecord,
    /// The cost record that follows the evaluation.
    pub cost: Option<&'a CostRecord>,
}

/// The evaluations of a run with its costs, in order.
pub(crate) fn evaluation_costs(run: &RunResults) -> impl Iterator<Item = EvaluationCost<'_>> {
    let (mut phase, mut last) = (1, None);
    run.records.iter().enumerate().filter_map(move |(index, record)| match record {
        Record::Phase(begun) => {
            phase = begun.phase;
            None
        }
        Record::Evaluation(evaluation) if !evaluation.returns.is_empty() => {
            let at = (phase, evaluation.real_steps);
            let place_there = match last {
                Some((before, place)) if before == at => place + 1,
                _ => 0,
            };
            last = Some((at, place_there));
            let cost = cost_after(&run.records[index + 1..], evaluation.real_steps);
            Some(EvaluationCost { run, phase, place_there, evaluation, cost })
        }
        _ => None,
    })
}

/// The cost record of the evaluation that `records` follow.
fn cost_after(records: &[Record], real_steps: u64) -> Option<&CostRecord> {
    let until_next = records.iter().take_while(|record| {
        record.real_steps() == real_steps && !matches!(record, Record::Evaluation(_))
    });
    until_next.into_iter().find_map(|record| match record {
        Record::Cost(cost) => Some(cost),
        _ => None,
    })
}

impl EvaluationCost<'_> {
    /// The amount of `quantity` that was spent; nothing if the run has not recorded it.
    pub fn spent(&self, quantity: SpentQuantity) -> Option<f64> {
        match quantity {
            SpentQuantity::RealSteps => Some(self.evaluation.real_steps as f64),
            SpentQuantity::WallSeconds => Some(self.evaluation.wall_seconds),
            SpentQuantity::Updates => Some(self.evaluation.updates as f64),
            SpentQuantity::ImaginedSteps => Some(self.cost?.training().imagined_steps as f64),
            SpentQuantity::Flops => Some(self.cost?.training().flops as f64),
            SpentQuantity::Dollars => {
                let device = &self.run.manifest.as_ref()?.provenance.device;
                Some(price_sheet(device)?.dollars(self.evaluation.wall_seconds))
            }
        }
    }
}

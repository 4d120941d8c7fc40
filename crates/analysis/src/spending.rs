//! What a run has spent at each of its evaluations: the quantities that figures show along x.

use std::collections::BTreeMap;

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
    pub evaluation: &'a EvaluationRecord,
    /// The cost record that follows the evaluation.
    pub cost: Option<&'a CostRecord>,
}

/// The evaluations of a run with its costs, in order.
pub(crate) fn evaluation_costs(run: &RunResults) -> impl Iterator<Item = EvaluationCost<'_>> {
    let costs: BTreeMap<u64, &CostRecord> = run
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Cost(cost) => Some((cost.real_steps, cost)),
            _ => None,
        })
        .collect();
    run.evaluations().map(move |evaluation| EvaluationCost {
        run,
        evaluation,
        cost: costs.get(&evaluation.real_steps).copied(),
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

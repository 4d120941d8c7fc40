//! What a run has spent so far, quantity by quantity: what stands along x.

use zerolab_metrics::{CostRecord, EvaluationRecord};

use crate::costs::GroupCost;
use crate::numbers::{duration, exact, prefixed, score};
use crate::prices::price_sheet;
use crate::results::Run;

/// A quantity that a run spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    RealSteps,
    WallSeconds,
    Updates,
    ImaginedSteps,
    Flops,
    Dollars,
}

impl Quantity {
    pub const ALL: [Quantity; 6] = [
        Quantity::RealSteps,
        Quantity::WallSeconds,
        Quantity::Updates,
        Quantity::ImaginedSteps,
        Quantity::Flops,
        Quantity::Dollars,
    ];

    /// Its name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::RealSteps => "real_steps",
            Quantity::WallSeconds => "wall_seconds",
            Quantity::Updates => "updates",
            Quantity::ImaginedSteps => "imagined_steps",
            Quantity::Flops => "flops",
            Quantity::Dollars => "dollars",
        }
    }

    /// What it is called in sentences.
    pub fn title(self) -> &'static str {
        match self {
            Quantity::RealSteps => "real steps",
            Quantity::WallSeconds => "wall-clock time",
            Quantity::Updates => "updates",
            Quantity::ImaginedSteps => "imagined steps of training",
            Quantity::Flops => "FLOPs of training",
            Quantity::Dollars => "dollars of a run",
        }
    }

    /// An amount of it in words: `12,000 real steps`, `3 min 5 s`, `0.0123 dollars`.
    pub fn amount(self, value: f64) -> String {
        match self {
            Quantity::RealSteps => format!("{} real steps", exact(value)),
            Quantity::WallSeconds => duration(value),
            Quantity::Updates => format!("{} updates", exact(value)),
            Quantity::ImaginedSteps => format!("{} imagined steps", prefixed(value)),
            Quantity::Flops => format!("{} FLOPs", prefixed(value)),
            Quantity::Dollars => format!("{} dollars", score(value)),
        }
    }

    /// The one of that name; real steps for any other.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.name() == name).unwrap_or(Quantity::RealSteps)
    }

    /// The mean over the finished runs of a group; nothing where it is not known.
    pub fn of_group(self, cost: &GroupCost) -> Option<f64> {
        match self {
            Quantity::RealSteps => Some(cost.real_steps),
            Quantity::WallSeconds => Some(cost.wall_seconds),
            Quantity::Updates => Some(cost.updates),
            Quantity::ImaginedSteps => Some(cost.imagined_steps),
            Quantity::Flops => Some(cost.flops),
            Quantity::Dollars => cost.dollars,
        }
    }
}

/// What a run had spent at an evaluation.
pub(crate) struct Spent<'a> {
    pub run: &'a Run,
    pub evaluation: &'a EvaluationRecord,
    /// The account that was written behind the evaluation.
    pub cost: Option<&'a CostRecord>,
}

impl Spent<'_> {
    /// Nothing where the run does not tell.
    pub fn of(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::RealSteps => Some(self.evaluation.real_steps as f64),
            Quantity::WallSeconds => Some(self.evaluation.wall_seconds),
            Quantity::Updates => Some(self.evaluation.updates as f64),
            Quantity::ImaginedSteps => Some(self.cost?.training().imagined_steps as f64),
            Quantity::Flops => Some(self.cost?.training().flops as f64),
            Quantity::Dollars => {
                let device = &self.run.manifest.as_ref()?.provenance.device;
                Some(price_sheet(device)?.dollars(self.evaluation.wall_seconds))
            }
        }
    }
}

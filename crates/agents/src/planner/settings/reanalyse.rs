//! The settings of reanalysis, and where value targets come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checks::{Wrong, at_least_one, share};

/// Reanalysis (Schrittwieser et al. 2021) with the target network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reanalyse {
    /// Share of each batch whose policy targets are searched anew.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub ratio: f64,
    /// Updates between two copies of the online network into the target network.
    #[schemars(range(min = 1))]
    pub target_interval: u64,
    /// For how many updates the outcome of a search, policy and value, is used again where its state is sampled
    /// again; after that the state is searched anew. 0: every sample is searched. More is cheaper, and gives up
    /// freshness and variety: a target may be of a target network that so many updates have passed since, and
    /// what chance said in the first search is learnt from several times.
    pub reuse: u64,
    /// What value targets are made of; all by the target network.
    pub values: ValueTarget,
    /// Of `values = "mixed"`: which of the two.
    pub mixed: Mixed,
}

/// What value targets are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueTarget {
    /// n-step returns, completed by the network's value (EfficientZero as released).
    Network,
    /// n-step returns, completed by the value of a search (EfficientZero's paper, section 4.3): one more
    /// search for each state of a batch.
    SearchedBootstrap,
    /// The value of the state's own search where its policy is searched anew, otherwise as `network`.
    Search,
    /// EfficientZero V2 (Wang et al. 2024): as `network` early in training and for recent experience,
    /// otherwise as `search`. There with `td_shortening_share = 0`.
    Mixed,
}

/// When EfficientZero V2 trusts a search more than what was experienced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mixed {
    /// Share of the budget after which searches are asked. EfficientZero V2 on Atari: 0.3.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub start: f64,
    /// Experience younger than this share of the budget keeps its returns. EfficientZero V2 on Atari: 0.05.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub recent: f64,
}

impl Default for Reanalyse {
    fn default() -> Self {
        let (values, mixed) = (ValueTarget::Network, Mixed::default());
        Self { ratio: 0.99, target_interval: 200, reuse: 0, values, mixed }
    }
}

impl Default for Mixed {
    fn default() -> Self {
        Self { start: 0.3, recent: 0.05 }
    }
}

impl Reanalyse {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        share("reanalyse.ratio", self.ratio)?;
        at_least_one("reanalyse.target_interval", self.target_interval)?;
        share("reanalyse.mixed.start", self.mixed.start)?;
        share("reanalyse.mixed.recent", self.mixed.recent)
    }

    /// Whether the value of its own search is the target of a sample searched anew, `age` transitions old,
    /// when `progress` of the `budget` (0 to 1) is spent.
    pub(crate) fn trusts_search(&self, age: u64, progress: f64, budget: u64) -> bool {
        match self.values {
            ValueTarget::Network | ValueTarget::SearchedBootstrap => false,
            ValueTarget::Search => true,
            ValueTarget::Mixed => {
                progress >= self.mixed.start && age as f64 >= self.mixed.recent * budget as f64
            }
        }
    }
}

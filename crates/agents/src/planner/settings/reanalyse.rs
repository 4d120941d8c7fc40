//! The settings of reanalysis and of value targets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use zerolab_settings::SettingsError;
use zerolab_settings::range::{at_least_one, share};

/// Reanalysis (Schrittwieser et al. 2021) with the target network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reanalyse {
    /// Share of each batch that gets new policy targets, by a search with the target network.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub ratio: f64,
    /// Updates between two copies of the online network into the target network.
    #[schemars(range(min = 1))]
    pub target_interval: u64,
    /// For how many updates the result of a search (policy and value) is reused when its state is sampled
    /// again. 0: every sample is searched. Larger values are cheaper, but targets come from older target
    /// networks, and the noise of one search is learnt several times.
    pub reuse: u64,
    /// The kind of value targets. All come from the target network.
    pub values: ValueTarget,
    /// The rule of `values = "mixed"`.
    pub mixed: Mixed,
}

/// The kinds of value targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueTarget {
    /// n-step returns that bootstrap from the network's value (EfficientZero's released code).
    Network,
    /// n-step returns that bootstrap from the value of a search (EfficientZero's paper, section 4.3). It
    /// takes one more search for each state of a batch.
    SearchedBootstrap,
    /// The value of the state's own search if the state is reanalysed, otherwise as `network`.
    Search,
    /// EfficientZero V2 (Wang et al. 2024, with `td_shortening_share = 0`): as `network` early in training
    /// and for recent experience, otherwise as `search`.
    Mixed,
}

/// When mixed value targets are values of searches (EfficientZero V2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mixed {
    /// Share of the budget before values of searches are used. EfficientZero V2 on Atari: 0.3.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub start: f64,
    /// Experience younger than this share of the budget has n-step returns. EfficientZero V2 on Atari: 0.05.
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
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        share("reanalyse.ratio", self.ratio)?;
        at_least_one("reanalyse.target_interval", self.target_interval)?;
        share("reanalyse.mixed.start", self.mixed.start)?;
        share("reanalyse.mixed.recent", self.mixed.recent)
    }

    /// Whether a reanalysed sample has the value of its own search as the target. The sample is `age`
    /// transitions old, and `progress` of the `budget` (0 to 1) is spent.
    pub(crate) fn uses_search_value(&self, age: u64, progress: f64, budget: u64) -> bool {
        match self.values {
            ValueTarget::Network | ValueTarget::SearchedBootstrap => false,
            ValueTarget::Search => true,
            ValueTarget::Mixed => {
                progress >= self.mixed.start && age as f64 >= self.mixed.recent * budget as f64
            }
        }
    }
}

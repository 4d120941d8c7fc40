//! The settings of the cross-entropy method.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;
use zerolab_settings::range::{MOST, MOST_UNITS, at_most, count, not_negative, positive, share};

/// The settings of the cross-entropy method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Candidates of a generation. A lane that has no episode of a candidate left to play plays the mean, which does not
    /// count; so a run should have fewer lanes than a generation has episodes.
    #[schemars(range(min = 1, max = MOST))]
    pub population: usize,
    /// Training episodes of each candidate. Its score is the mean of their undiscounted returns.
    #[schemars(range(min = 1, max = MOST))]
    pub episodes: usize,
    /// Share of the candidates, those with the best scores, from which the next mean and standard deviation are
    /// computed. It is rounded up to whole candidates.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1.0))]
    pub elite: f64,
    /// Standard deviation of each parameter in the first generation. The mean is 0.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub initial_deviation: f64,
    /// Added to the standard deviation of each parameter after each generation, so that the search does not stop too
    /// early (Szita & Lőrincz 2006). It decreases linearly to 0 over the real steps of the run.
    #[schemars(range(min = 0.0))]
    pub noise: f64,
    /// Units of the policy's hidden layer. Without one (0) the policy is linear in the observation.
    #[schemars(range(min = 0, max = MOST_UNITS))]
    pub hidden: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            population: 40,
            episodes: 2,
            elite: 0.2,
            initial_deviation: 3.0,
            noise: 1.0,
            hidden: 0,
        }
    }
}

impl Settings {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        count("population", self.population as u64, MOST)?;
        count("episodes", self.episodes as u64, MOST)?;
        share("elite", self.elite)?;
        positive("elite", self.elite)?;
        positive("initial_deviation", self.initial_deviation)?;
        not_negative("noise", self.noise)?;
        at_most("hidden", self.hidden as u64, MOST_UNITS)
    }

    /// Episodes of a generation.
    pub(super) fn generation_episodes(&self) -> usize {
        self.population.saturating_mul(self.episodes)
    }

    /// The setting that makes a generation long, if one is too long for a run.
    pub(super) fn larger_factor(&self) -> &'static str {
        if self.episodes > self.population { "episodes" } else { "population" }
    }

    /// Candidates that decide the next generation.
    pub(super) fn elites(&self) -> usize {
        ((self.elite * self.population as f64).ceil() as usize).clamp(1, self.population)
    }
}

//! The best setting of each agent in an environment: what the answer names.

use crate::findings::Findings;
use crate::groups::{Group, find_or_add};
use crate::numbers::counted;
use crate::scores::Estimate;
use zerolab_metrics::Measure;

/// The best of the swept settings of one agent.
pub(crate) struct BestSetting<'a> {
    pub group: &'a Group,
    pub estimate: Estimate,
    /// How many settings of the agent have a score.
    pub tried: usize,
}

impl BestSetting<'_> {
    /// ` (best of 6 settings)`; nothing if there was no choice.
    pub fn choice(&self) -> String {
        match self.tried {
            1 => String::new(),
            tried => format!(" (best of {})", counted(tried, "setting")),
        }
    }
}

/// The best setting of each agent by its return, the best agent first.
pub(crate) fn best_settings<'a>(findings: &'a Findings, environment: &str) -> Vec<BestSetting<'a>> {
    let mut best: Vec<BestSetting<'_>> = Vec::new();
    for score in findings.scores.iter().filter(|score| score.measure == Measure::Return) {
        let (group, Some(estimate)) = (&findings.groups[score.group], score.estimate) else {
            continue;
        };
        if group.environment != environment {
            continue;
        }
        let known = find_or_add(
            &mut best,
            |it| it.group.agent_name == group.agent_name,
            || BestSetting { group, estimate, tried: 0 },
        );
        known.tried += 1;
        if estimate.value > known.estimate.value {
            (known.group, known.estimate) = (group, estimate);
        }
    }
    best.sort_by(|first, second| second.estimate.value.total_cmp(&first.estimate.value));
    best
}

//! The best setting of each agent in an environment: what the answer names.

use crate::findings::Findings;
use crate::groups::{Group, find_or_add};
use crate::numbers::{count, counted};
use crate::scores::Estimate;
use zerolab_metrics::Measure;

/// The best of the swept settings of one agent.
pub(crate) struct BestSetting<'a> {
    pub group: &'a Group,
    pub estimate: Estimate,
    /// How many settings of the agent have a score.
    pub tried: usize,
    /// How many others of them have the same score.
    pub equal: usize,
    /// The budget of its runs.
    pub real_steps: u64,
}

impl BestSetting<'_> {
    /// ` (best of 6 settings)`; nothing if there was no choice.
    pub fn choice(&self) -> String {
        let equal = match self.equal {
            0 => String::new(),
            1 => ", and 1 other is equal".to_owned(),
            others => format!(", and {} others are equal", count(others as u64)),
        };
        match self.tried {
            1 => String::new(),
            tried => format!(" (best of {}{equal})", counted(tried, "setting")),
        }
    }

    /// The number of seeds, with the budget if the agents of `all` have different ones.
    pub fn seeds_and_budget(&self, all: &[BestSetting<'_>]) -> String {
        let seeds = counted(self.estimate.seeds, "seed");
        match common_budget(all) {
            Some(_) => seeds,
            None => format!("{seeds}, after {} real steps", count(self.real_steps)),
        }
    }
}

/// The beginning of a sentence on the agents of `all`: `After 600 real steps on catch`, without the budget if they have
/// different ones.
pub(crate) fn place(all: &[BestSetting<'_>], environment: &str) -> String {
    match common_budget(all) {
        Some(steps) => format!("After {} real steps on {environment}", count(steps)),
        None => format!("On {environment}"),
    }
}

/// The budget of all agents, if it is the same.
fn common_budget(all: &[BestSetting<'_>]) -> Option<u64> {
    let first = all.first()?.real_steps;
    all.iter().all(|best| best.real_steps == first).then_some(first)
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
            || BestSetting { group, estimate, tried: 0, equal: 0, real_steps: 0 },
        );
        known.tried += 1;
        if estimate.value > known.estimate.value {
            (known.group, known.estimate, known.equal) = (group, estimate, 0);
        } else if estimate.value == known.estimate.value && known.tried > 1 {
            known.equal += 1;
        }
    }
    for best in &mut best {
        let finished = best.group.finished(&findings.runs);
        let budgets = finished.filter_map(|run| Some(run.manifest.as_ref()?.total_real_steps));
        best.real_steps = budgets.max().unwrap_or(findings.experiment.budget_real_steps);
    }
    best.sort_by(|first, second| second.estimate.value.total_cmp(&first.estimate.value));
    best
}

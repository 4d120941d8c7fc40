//! The agent's decision as lines of text: its value, the table of its actions, and the rewards that it imagines.

use zerolab_agents::{Decision, ImaginedStep};
use zerolab_experiments::inspect::imagined::ImaginedReward;
use zerolab_experiments::inspect::watch::WatchedStep;
use zerolab_metrics::display_width::{display_width, wrapped};
use zerolab_metrics::text_table::{Align, TextTable};

/// The length of the bar of a share in characters.
const BAR_LENGTH: usize = 10;

/// The number of imagined steps that are shown.
const IMAGINED_STEPS: usize = 6;

/// The lines of a decision. Lists are wrapped to `width` columns, and bars are left out if the table is wider; without
/// them it may still be.
pub fn decision_lines(step: &WatchedStep, width: usize) -> Vec<String> {
    let Some(decision) = &step.thought else { return vec!["the opponent's move".to_owned()] };
    let mut lines = Vec::new();
    lines.extend(decision.value.map(|value| format!("value {value:+.2}")));
    let whole = actions(decision, &step.legal, true);
    let fits = whole.iter().all(|line| display_width(line) <= width);
    lines.extend(if fits { whole } else { actions(decision, &step.legal, false) });
    if !decision.imagined.is_empty() {
        let imagined = decision.imagined.iter().take(IMAGINED_STEPS);
        let steps =
            imagined.map(|ImaginedStep { action, reward, .. }| format!("{action} {reward:+.2}"));
        let imagined = format!("imagines {}", steps.collect::<Vec<_>>().join(", "));
        lines.extend(wrapped(&imagined, ", ", width));
    }
    let earlier: Vec<String> = step
        .foreseen
        .iter()
        .filter(|foreseen| foreseen.steps_before > 0)
        .map(|ImaginedReward { steps_before, reward }| {
            format!("{steps_before} before {reward:+.2}")
        })
        .collect();
    if let Some(reward) = step.reward.filter(|_| !earlier.is_empty()) {
        let earlier = format!("reward {reward:+.2}, imagined {}", earlier.join(", "));
        lines.extend(wrapped(&earlier, ", ", width));
    }
    lines
}

/// The table of actions, with the columns that the agent has values for.
fn actions(decision: &Decision, legal: &[bool], bars: bool) -> Vec<String> {
    let Decision { policy, prior, visits, action_values, .. } = decision;
    if policy.is_empty() && action_values.is_empty() {
        return Vec::new();
    }
    let columns = [
        (true, ("action", Align::Left)),
        (!policy.is_empty(), ("policy", Align::Right)),
        (!policy.is_empty() && bars, ("", Align::Left)),
        (!prior.is_empty(), ("prior", Align::Right)),
        (!visits.is_empty(), ("visits", Align::Right)),
        (!action_values.is_empty(), ("value", Align::Right)),
    ];
    let columns: Vec<(&str, Align)> =
        columns.into_iter().filter(|(known, _)| *known).map(|(_, column)| column).collect();
    let mut table = TextTable::new(&columns).without_rule();
    for (action, legal) in legal.iter().enumerate() {
        let mut cells = vec![match (action == decision.action, legal) {
            (true, _) => format!("> {action}"),
            (false, true) => format!("  {action}"),
            (false, false) => format!("  {action} illegal"),
        }];
        let number = |numbers: &[f32]| numbers.get(action).copied();
        if let Some(share) = number(policy) {
            cells.push(format!("{share:.2}"));
            cells.extend(bars.then(|| bar(share)));
        }
        cells.extend(number(prior).map(|share| format!("{share:.2}")));
        cells.extend(visits.get(action).map(u32::to_string));
        cells.extend(number(action_values).map(|value| format!("{value:+.2}")));
        table.row(cells);
    }
    table.to_string().lines().map(str::to_owned).collect()
}

/// A bar for a share in [0, 1], padded to [`BAR_LENGTH`].
fn bar(share: f32) -> String {
    let filled = (share.clamp(0.0, 1.0) * BAR_LENGTH as f32).round() as usize;
    format!("{:<BAR_LENGTH$}", "█".repeat(filled))
}

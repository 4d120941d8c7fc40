//! What the page says about learning that did not happen, and about targets that were cut.

use zerolab_metrics::statistics::mean;
use zerolab_metrics::{CUT_TARGETS, Record};

use crate::findings::Findings;
use crate::groups::Group;
use crate::html::escape;
use crate::numbers::counted;
use crate::results::RunResults;

/// A list of the agents that made no update, and of those with targets beyond the support; empty without any.
pub(super) fn notes(findings: &Findings) -> String {
    let of_group = |group: &Group| {
        let cut = CUT_TARGETS
            .into_iter()
            .filter_map(|(name, loss)| cut_targets(group, &findings.runs, name, loss));
        let facts = without_update(group, &findings.runs).into_iter().chain(cut);
        let name = format!("{} in {}", group.agent, group.environment);
        facts.map(|fact| format!("<li>{} {}</li>\n", escape(&name), escape(&fact))).collect()
    };
    let items: Vec<String> = findings.groups.iter().map(of_group).collect();
    match items.concat() {
        items if items.is_empty() => items,
        items => format!("<ul class=\"note\">\n{items}</ul>\n"),
    }
}

/// Finished runs of an agent with networks that made no update.
fn without_update(group: &Group, runs: &[RunResults]) -> Option<String> {
    let is_untrained = |run: &&RunResults| {
        run.reference.networks.is_some() && run.cost().is_some_and(|cost| cost.updates == 0)
    };
    let untrained = group.finished(runs).filter(is_untrained).count();
    (untrained > 0).then(|| {
        let finished = counted(group.finished(runs).count(), "run");
        format!(
            "made no update in {untrained} of {finished}: its networks are untrained. `zerolab plan` names \
             the setting that prevents updates."
        )
    })
}

/// The share of targets that the support cuts, over all updates of the group's runs.
fn cut_targets(group: &Group, runs: &[RunResults], name: &str, loss: &str) -> Option<String> {
    let shares: Vec<f64> =
        group.runs.iter().filter_map(|&run| mean_over_updates(&runs[run], loss)).collect();
    let share = mean(&shares);
    (share > 0.0).then(|| {
        format!(
            "had {} of its {name} targets beyond its support; they were cut. A wider support holds them.",
            percent(share)
        )
    })
}

/// The mean of a loss over the updates of a run; `None` if it has none of this name.
fn mean_over_updates(run: &RunResults, loss: &str) -> Option<f64> {
    let (mut sum, mut counted, mut before) = (0.0, 0, 0);
    for record in &run.records {
        let Record::Learning(learning) = record else { continue };
        let updates = learning.updates.saturating_sub(before);
        before = learning.updates;
        if let Some(value) = learning.losses.get(loss).filter(|value| value.is_finite()) {
            sum += value * updates as f64;
            counted += updates;
        }
    }
    (counted > 0).then(|| sum / counted as f64)
}

fn percent(share: f64) -> String {
    if share < 0.001 { "less than 0.1 %".into() } else { format!("{:.1} %", 100.0 * share) }
}

//! The table of measures beyond the sums of rewards: those of anchors and of events.

use zerolab_metrics::{MIN_COMPETENCE_OF_HACKING, Measure};

use super::sections::files_note;
use crate::findings::Findings;
use crate::numbers::{count, score};
use crate::report_table::{Align, ReportTable, TableCell};

/// One row for each measure of each agent; empty if the environments have neither anchors nor events.
pub(super) fn section(findings: &Findings) -> String {
    let mut table = ReportTable::new(&[
        ("environment", Align::Left),
        ("agent", Align::Left),
        ("measure", Align::Left),
        ("value", Align::Right),
        ("95 % interval", Align::Right),
        ("runs", Align::Right),
    ]);
    let measures = findings.further_measures();
    for row in findings.scores.iter().filter(|row| measures.contains(&&row.measure)) {
        let group = &findings.groups[row.group];
        let finished = group.finished(&findings.runs).count();
        let defined = row.estimate.map_or(0, |estimate| estimate.seeds);
        table.rows.push(vec![
            group.environment.as_str().into(),
            TableCell::shortened(&group.agent, findings.short_agent(&group.agent)),
            row.measure.name().into(),
            TableCell::known(row.estimate.map(|estimate| estimate.value), score),
            TableCell::interval(row.estimate.and_then(|estimate| estimate.interval)),
            of_finished(defined, finished),
        ]);
    }
    if table.rows.is_empty() {
        return String::new();
    }
    format!("{}{}{}", table.html(), explanation(&measures), files_note("final_scores, runs, curves"))
}

/// For how many of the finished runs the measure is defined.
fn of_finished(defined: usize, finished: usize) -> TableCell {
    TableCell::number(defined as f64, |_| match defined == finished {
        true => count(finished as u64),
        false => format!("{} of {}", count(defined as u64), count(finished as u64)),
    })
}

fn explanation(measures: &[&Measure]) -> String {
    let mut sentences = vec!["Of the last evaluation of each finished run; statistics as above.".to_owned()];
    if measures.contains(&&Measure::Competence) {
        sentences.push(
            "Competence: the return, 0 for random actions and 1 for the best policy, both exact.".to_owned(),
        );
    }
    if measures.contains(&&Measure::HackFraction) {
        sentences.push(format!(
            "Hack fraction: the performance, 0 for the best policy and 1 for the worst of those of the best \
             return; defined only for runs of competence {MIN_COMPETENCE_OF_HACKING} or more, which the last \
             column counts."
        ));
    }
    if measures.iter().any(|measure| measure.event().is_some()) {
        sentences.push(
            "share.EVENT: the share of steps in which the event happened; rate.EVENT: the share of episodes in \
             which it happened at all."
                .to_owned(),
        );
    }
    format!("<p class=\"note\">{}</p>\n", sentences.join(" "))
}

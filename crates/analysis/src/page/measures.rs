//! The table of measures beyond the sums of rewards: those of anchors and of events.

use zerolab_metrics::statistics::Interval;
use zerolab_metrics::{MIN_COMPETENCE_OF_HACKING, Measure};

use super::sections::files_note;
use crate::event_times::{self, EventTimes, THRESHOLD, WINDOW};
use crate::findings::Findings;
use crate::numbers::{count, exact, score};
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
    for row in &findings.event_times {
        let group = &findings.groups[row.group];
        table.rows.push(vec![
            group.environment.as_str().into(),
            TableCell::shortened(&group.agent, findings.short_agent(&group.agent)),
            event_times::name(&row.event).into(),
            TableCell::known(row.times.median(), exact),
            time_interval(row),
            of_finished(row.reached, row.runs),
        ]);
    }
    if table.rows.is_empty() {
        return String::new();
    }
    format!(
        "{}{}{}",
        table.html(),
        explanation(findings, &measures),
        files_note("final_scores, runs, curves")
    )
}

/// The interval of the median, of which the runs may bound one end only.
fn time_interval(row: &EventTimes) -> TableCell {
    let interval = row.times.median_interval(0.95).filter(|it| it.low.is_finite());
    interval.map_or("–".into(), |Interval { low, high }| {
        TableCell::number(low, |_| match high.is_finite() {
            true => format!("[{}, {}]", exact(low), exact(high)),
            false => format!("[{}, ∞)", exact(low)),
        })
    })
}

/// For how many of the finished runs the measure is defined.
fn of_finished(defined: usize, finished: usize) -> TableCell {
    TableCell::number(defined as f64, |_| match defined == finished {
        true => count(finished as u64),
        false => format!("{} of {}", count(defined as u64), count(finished as u64)),
    })
}

fn explanation(findings: &Findings, measures: &[&Measure]) -> String {
    let mut sentences =
        vec!["Of the last evaluation of each finished run; statistics as above.".to_owned()];
    if measures.contains(&&Measure::Competence) {
        sentences.push(
            "Competence: the return, 0 for random actions and 1 for the best policy, both exact."
                .to_owned(),
        );
    }
    if measures.contains(&&Measure::HackFraction) {
        sentences.push(format!(
            "Hack fraction: the performance, 0 for the best policy and 1 for the worst of those of the best \
             return; defined only for runs that get {MIN_COMPETENCE_OF_HACKING} or more of the way from random actions to \
             the best return or to the best performance, which the last column counts."
        ));
    }
    if measures.iter().any(|measure| measure.event().is_some() && measure.is_of_evaluation()) {
        sentences.push(
            "share.EVENT: the share of steps in which the event happened; rate.EVENT: the share of episodes in \
             which it happened at all."
                .to_owned(),
        );
    }
    if measures.iter().any(|measure| measure.is_time()) {
        sentences.push(
            "half_life.EVENT: real steps from the start of the last phase until what the agent did then is seen in \
             half as many episodes; steps_until[…]: until an evaluation has so much. A run that does not get there \
             counts with the real steps of the phase, the least that its time can be."
                .to_owned(),
        );
    }
    if measures.iter().any(|measure| matches!(measure, Measure::Examined { .. })) {
        sentences.push(
            "examination.NAME: measured again after the training, as the spec says; the table examinations has all \
             of its numbers."
                .to_owned(),
        );
    }
    if !findings.event_times.is_empty() {
        sentences.push(format!(
            "steps_to.EVENT: the first real step at which the mean share of steps with the event, over the last \
             {WINDOW} training episodes, exceeds {THRESHOLD}; the median over runs (Kaplan–Meier), unknown if \
             fewer than half of the runs reach it. The last column counts those that do."
        ));
    }
    format!("<p class=\"note\">{}</p>\n", sentences.join(" "))
}

//! What figures say about the measures that they show.

use crate::findings::Findings;
use crate::numbers::{count, counted};
use zerolab_metrics::statistics::EventTime;
use zerolab_metrics::{MIN_COMPETENCE_OF_HACKING, Measure};

/// How a measure is defined, for captions: a sentence with a leading space; empty for a measure whose title says it.
pub(super) fn definition(findings: &Findings, measure: &Measure) -> String {
    match measure {
        Measure::Competence => {
            " Competence: the return, 0 for random actions and 1 for the best policy.".to_owned()
        }
        Measure::HackFraction => {
            let finished =
                || findings.groups.iter().flat_map(|group| group.finished(&findings.runs));
            let defined = finished().filter(|run| run.score(measure).is_some()).count();
            format!(
                " Hack fraction: the performance, 0 for the best policy and 1 for the worst of those of the best \
                 return; defined only from {MIN_COMPETENCE_OF_HACKING} of the way from random actions to the best return \
                 or performance on, at the end for {} of {}.",
                count(defined as u64),
                counted(finished().count(), "finished run")
            )
        }
        measure if measure.is_time() => {
            let finished =
                || findings.groups.iter().flat_map(|group| group.finished(&findings.runs));
            let times = || finished().filter_map(|run| run.time(measure));
            let censored = times().filter(|it| matches!(it, EventTime::Censored(_))).count();
            format!(
                " {} of {} do not get there; they count with the real steps of the phase, the least that their time \
                 can be.",
                count(censored as u64),
                counted(times().count(), "finished run")
            )
        }
        _ => String::new(),
    }
}

/// Why there is no figure of a measure.
pub(super) fn undefined(measure: &Measure) -> String {
    match measure {
        Measure::Competence => "no environment has an exact solution".to_owned(),
        Measure::HackFraction => format!(
            "no environment has a gap between return and performance in which a run gets \
             {MIN_COMPETENCE_OF_HACKING} or more of the way from random actions to the best return or performance"
        ),
        measure => match measure.event() {
            Some(event) => format!("no evaluation has recorded the event `{event}`"),
            None => super::kind::NOTHING_FINISHED.to_owned(),
        },
    }
}

//! `steps_to.EVENT`: from when on the training episodes of a run are mostly ones of an event.
//!
//! It is the first real step at which the mean share of steps with the event, over the last [`WINDOW`] training
//! episodes, exceeds [`THRESHOLD`]. A run that never reaches it is censored at its budget.

use std::collections::BTreeSet;

use zerolab_metrics::statistics::{EventTime, TimesToThreshold};
use zerolab_metrics::{EpisodeRecord, Record};

use crate::groups::Group;
use crate::results::RunResults;

/// The training episodes over which the share of steps is averaged.
pub(crate) const WINDOW: usize = 20;
/// The mean share of steps that it must exceed.
pub(crate) const THRESHOLD: f64 = 0.5;
/// The beginning of the measure's name.
const NAME: &str = "steps_to.";

/// The times of the finished runs of a group.
pub(crate) struct EventTimes {
    /// The index of the group in [`Findings::groups`](crate::findings::Findings).
    pub group: usize,
    pub event: String,
    pub times: TimesToThreshold,
    /// How many runs reached the threshold.
    pub reached: usize,
    pub runs: usize,
    /// Real steps of the longest run.
    pub horizon: f64,
}

/// The name of the measure of an event.
pub(crate) fn name(event: &str) -> String {
    format!("{NAME}{event}")
}

/// The times of every group with finished runs and every event that its training episodes record.
pub(crate) fn event_times(groups: &[Group], runs: &[RunResults]) -> Vec<EventTimes> {
    let of_group = |(index, group): (usize, &Group)| -> Vec<EventTimes> {
        let finished: Vec<&RunResults> = group.finished(runs).collect();
        let events: BTreeSet<&String> =
            finished.iter().flat_map(|run| episodes(run)).flat_map(|it| it.events.keys()).collect();
        let of_event = |event: &String| {
            let times: Vec<EventTime> =
                finished.iter().filter_map(|run| event_time(run, event)).collect();
            let reached = times.iter().filter(|it| matches!(it, EventTime::Reached(_))).count();
            let horizons = finished.iter().map(|run| run.real_steps() as f64);
            Some(EventTimes {
                group: index,
                event: event.clone(),
                reached,
                runs: times.len(),
                times: TimesToThreshold::new(times).ok()?,
                horizon: horizons.fold(0.0, f64::max),
            })
        };
        events.into_iter().filter_map(of_event).collect()
    };
    groups.iter().enumerate().flat_map(of_group).collect()
}

/// When a run reached the threshold, or its budget; nothing if it does not record the event.
pub(crate) fn event_time(run: &RunResults, event: &str) -> Option<EventTime> {
    let share = |episode: &EpisodeRecord| {
        let happened = f64::from(*episode.events.get(event)?);
        Some((episode.real_steps as f64, happened / f64::from(episode.length.max(1))))
    };
    let shares: Vec<(f64, f64)> = episodes(run).filter_map(share).collect();
    shares.first()?;
    let exceeds = |window: &&[(f64, f64)]| {
        window.iter().map(|(_, share)| share).sum::<f64>() > THRESHOLD * WINDOW as f64
    };
    let found = shares.windows(WINDOW).find(exceeds).and_then(<[_]>::last);
    Some(
        found.map_or(EventTime::Censored(run.real_steps() as f64), |(at, _)| {
            EventTime::Reached(*at)
        }),
    )
}

fn episodes(run: &RunResults) -> impl Iterator<Item = &EpisodeRecord> {
    run.records.iter().filter_map(|record| match record {
        Record::Episode(episode) => Some(episode),
        _ => None,
    })
}

//! The training episodes of the last phase of a run, to measure as an evaluation is.

use std::collections::BTreeMap;

use zerolab_metrics::{EpisodeRecord, Episodes, Record};

/// One number for each episode.
#[derive(Default)]
pub(crate) struct TrainingEpisodes {
    returns: Vec<f64>,
    performances: Vec<f64>,
    lengths: Vec<u32>,
    events: BTreeMap<String, Vec<u32>>,
}

impl TrainingEpisodes {
    /// Those that ended in the last phase.
    pub fn of_last_phase(records: &[Record]) -> Self {
        let is_phase = |record: &Record| matches!(record, Record::Phase(_));
        let begin = records.iter().rposition(is_phase).map_or(0, |place| place + 1);
        let mut all = Self::default();
        for record in &records[begin..] {
            if let Record::Episode(episode) = record {
                all.push(episode);
            }
        }
        all
    }

    fn push(&mut self, episode: &EpisodeRecord) {
        self.returns.push(episode.r#return);
        self.performances.push(episode.performance);
        self.lengths.push(episode.length);
        for (event, steps) in &episode.events {
            self.events.entry(event.clone()).or_default().push(*steps);
        }
    }

    /// The episodes.
    pub fn episodes(&self) -> Episodes<'_> {
        Episodes {
            returns: &self.returns,
            performances: &self.performances,
            lengths: &self.lengths,
            events: &self.events,
        }
    }
}

//! The search: the distribution of the parameters apart from its mean, the current generation, and the episode of each
//! lane.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::generation::{Fit, Generation};
use super::settings::Settings;
use crate::agent::{AgentError, Transition};

/// The state of the search.
#[derive(Serialize, Deserialize)]
pub(super) struct Search {
    /// `[P]`: the standard deviation of the distribution.
    pub(super) deviation: Vec<f32>,
    generation: Generation,
    /// `[lanes]`: the episode of each lane; `None` before it begins.
    lanes: Vec<Option<LaneEpisode>>,
    /// Draws the candidates.
    drawing: ChaCha8Rng,
}

/// An episode in a lane.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct LaneEpisode {
    /// Who plays it; `None` for the mean.
    candidate: Option<usize>,
    /// The sum of its rewards so far.
    r#return: f64,
}

impl Search {
    /// The first generation, and the first episode of each lane.
    pub(super) fn begin(
        settings: &Settings,
        mean: &[f32],
        deviation: Vec<f32>,
        lanes: usize,
        mut drawing: ChaCha8Rng,
    ) -> Self {
        let generation = Generation::draw(settings, mean, &deviation, &mut drawing);
        let mut search = Self { deviation, generation, lanes: vec![None; lanes], drawing };
        search.begin_episodes();
        search
    }

    /// Begins an episode in each lane that has none.
    pub(super) fn begin_episodes(&mut self) {
        for lane in self.lanes.iter_mut().filter(|lane| lane.is_none()) {
            *lane = Some(LaneEpisode { candidate: self.generation.take(), r#return: 0.0 });
        }
    }

    /// Drops the current generation, whose returns are of an earlier task, and draws another one around `mean`.
    pub(super) fn begin_anew(&mut self, settings: &Settings, mean: &[f32]) {
        self.generation = Generation::draw(settings, mean, &self.deviation, &mut self.drawing);
        self.lanes.fill(None);
        self.begin_episodes();
    }

    /// Whether all episodes of the generation have ended.
    pub(super) fn is_generation_finished(&self) -> bool {
        self.generation.is_finished()
    }

    /// Fits the distribution to the best candidates, with `noise` added to its standard deviation, and draws the next
    /// generation from it.
    pub(super) fn next_generation(&mut self, settings: &Settings, noise: f32) -> Fit {
        let mut fit = self.generation.fit(settings.elites());
        fit.deviation.iter_mut().for_each(|deviation| *deviation += noise);
        self.deviation.clone_from(&fit.deviation);
        self.generation = Generation::draw(settings, &fit.mean, &fit.deviation, &mut self.drawing);
        fit
    }

    /// The parameters of the candidate in each lane, `[P]`; `None` for the mean.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Option<&[f32]>> {
        let of_lane = |lane: &Option<LaneEpisode>| {
            lane.and_then(|lane| lane.candidate).map(|it| self.generation.parameters(it))
        };
        self.lanes.iter().map(of_lane)
    }

    /// Adds a transition to the episode of its lane.
    pub(super) fn add(&mut self, transition: &Transition) -> Result<(), AgentError> {
        let Some(mut episode) = self.lanes.get(transition.lane).copied().flatten() else {
            return Err(AgentError::Message(format!(
                "`observe` got a transition of lane {}, in which no episode has begun",
                transition.lane
            )));
        };
        episode.r#return += f64::from(transition.reward.unwrap_or(0.0));
        let ends = transition.terminated || transition.truncated;
        if let (true, Some(candidate)) = (ends, episode.candidate) {
            self.generation.add(candidate, episode.r#return);
        }
        self.lanes[transition.lane] = (!ends).then_some(episode);
        Ok(())
    }
}

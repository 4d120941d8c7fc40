//! What an environment is and how fast it is, from a play of random legal actions.

use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::finding::Objection;
use super::script::chosen;
use super::subject::Subject;

/// What an environment is, and what happens in it if actions are random.
#[derive(Clone, Debug, Serialize)]
pub struct Information {
    /// The shape of an observation.
    pub observation_shape: Vec<usize>,
    /// Stacked frames in an observation.
    pub frames: usize,
    /// The range of the numbers of an observation.
    pub observation_range: (f32, f32),
    /// The number of actions.
    pub num_actions: usize,
    /// The number of players.
    pub num_players: usize,
    /// The limit of steps.
    pub max_episode_steps: Option<u32>,
    /// The events.
    pub events: Vec<EventCount>,
    /// Steps of random play.
    pub steps: u64,
    /// The mean of the rewards that were not hidden.
    pub mean_reward: Option<f64>,
    /// The mean of the true rewards, if some of them differ from the observed ones.
    pub mean_performance: Option<f64>,
    /// The number of episodes that ended, if one did, and their least, mean and greatest length.
    pub episodes: Option<Episodes>,
    /// Seconds for the steps, each with its observation and legal actions.
    pub seconds: f64,
}

/// An event, and how often it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventCount {
    /// Its name.
    pub name: String,
    /// The number of steps in which it happened.
    pub steps: u64,
}

/// The lengths of finished episodes in steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Episodes {
    /// How many there are.
    pub count: u64,
    /// The shortest one.
    pub least: u64,
    /// The mean.
    pub mean: f64,
    /// The longest one.
    pub greatest: u64,
}

impl Information {
    /// Steps in a second.
    pub fn steps_per_second(&self) -> f64 {
        self.steps as f64 / self.seconds.max(f64::MIN_POSITIVE)
    }

    /// Microseconds of a step.
    pub fn microseconds_per_step(&self) -> f64 {
        1e6 * self.seconds / self.steps.max(1) as f64
    }
}

/// Plays random legal actions, until so many steps are done, the time is over, or no step succeeds.
pub(super) fn measure(subject: &Subject, seed: u64, most: u64) -> Result<Information, Objection> {
    let description = &subject.description;
    let mut environment = subject.make()?;
    let mut observation = vec![0.0; description.observation_len()];
    let mut legal = vec![false; description.num_actions];
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let named = description.events.iter().cloned();
    let mut events: Vec<EventCount> = named.map(|name| EventCount { name, steps: 0 }).collect();
    let (mut rewards, mut shown, mut performance, mut hacked) = (0.0, 0_u64, 0.0, false);
    let (mut steps, mut length, mut lengths) = (0, 0, Vec::new());
    let mut episode = seed;
    environment.reset(episode);
    let start = Instant::now();
    while steps < most && subject.deadline.is_none_or(|deadline| Instant::now() < deadline) {
        environment.observe(&mut observation);
        environment.legal_actions(&mut legal);
        let Some(action) = chosen(random.random(), &legal) else { break };
        let Ok(step) = environment.step(action) else { break };
        steps += 1;
        length += 1;
        rewards += step.reward.map_or(0.0, f64::from);
        shown += u64::from(step.reward.is_some());
        performance += f64::from(step.performance);
        hacked |= step.reward != Some(step.performance);
        for (number, event) in events.iter_mut().enumerate() {
            event.steps += u64::from(step.events.contains(number));
        }
        if step.ends() {
            lengths.push(length);
            length = 0;
            episode = episode.wrapping_add(1);
            environment.next_episode(episode);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Information {
        observation_shape: description.observation_shape.clone(),
        frames: description.frames,
        observation_range: description.observation_range,
        num_actions: description.num_actions,
        num_players: description.num_players,
        max_episode_steps: description.max_episode_steps,
        events,
        steps,
        mean_reward: (shown > 0).then(|| rewards / shown as f64),
        mean_performance: hacked.then(|| performance / steps.max(1) as f64),
        episodes: episodes(&lengths),
        seconds,
    })
}

fn episodes(lengths: &[u64]) -> Option<Episodes> {
    let count = lengths.len() as u64;
    let (&least, &greatest) = (lengths.iter().min()?, lengths.iter().max()?);
    let mean = lengths.iter().sum::<u64>() as f64 / count as f64;
    Some(Episodes { count, least, mean, greatest })
}

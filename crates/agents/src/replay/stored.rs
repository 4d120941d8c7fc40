//! A replay buffer on disk. What was experienced never changes, so it is written once: a save writes the pieces of
//! episodes that are new since the save before, and takes over that one's files by linking them.
//!
//! `replay.bin` says what is held and how likely it is drawn; `replay-<n>.bin` are the pieces, in order. A file all of
//! whose episodes are forgotten is not taken over.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::packed::Packed;
use super::priorities::Priorities;
use super::{End, Episode, Insertion, Replay};
use crate::agent::AgentError;
use crate::saved;

/// All of a buffer but what was experienced.
#[derive(Serialize, Deserialize)]
struct Index {
    capacity: usize,
    priority_exponent: f64,
    insertion: Insertion,
    first_episode: u64,
    /// Frames of one observation.
    stack: usize,
    /// From `first_episode` on.
    episodes: Vec<Outline>,
    open: Vec<Option<u64>>,
    steps: VecDeque<(u64, u32)>,
    first_step: u64,
    /// Of the held transitions, oldest first.
    weights: Vec<f64>,
    largest_ever: f64,
    files: Vec<Pieces>,
}

/// An episode without what was experienced in it.
#[derive(Serialize, Deserialize)]
struct Outline {
    len: usize,
    end: End,
    dropped: usize,
}

/// A file of pieces.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Pieces {
    number: u64,
    /// The youngest episode of which it holds anything.
    last_episode: u64,
}

/// What comes next in an episode: its number, frames (the first piece holds one more), actions, rewards,
/// policies, legal actions and players.
type Piece = (u64, Vec<Packed>, Vec<u32>, Vec<f32>, Vec<f32>, Vec<bool>, Vec<usize>);
type PieceOf<'a> = (u64, &'a [Packed], &'a [u32], &'a [f32], &'a [f32], &'a [bool], &'a [usize]);

const INDEX: &str = "replay.bin";

impl Pieces {
    fn in_folder(self, folder: &Path) -> PathBuf {
        folder.join(format!("replay-{}.bin", self.number))
    }
}

impl Replay {
    /// Writes the buffer into `folder`. `previous` is where the same buffer was saved before: what stands there is
    /// not written again.
    ///
    /// # Errors
    /// If a file cannot be written, or one in `previous` cannot be read.
    pub fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError> {
        let before: Option<Index> =
            previous.map(|previous| saved::read(&previous.join(INDEX))).transpose()?;
        let mut known = BTreeMap::new();
        let mut files: Vec<Pieces> = Vec::new();
        if let (Some(before), Some(previous)) = (&before, previous) {
            known.extend((before.first_episode..).zip(before.episodes.iter().map(|it| it.len)));
            files.extend(
                before.files.iter().filter(|it| it.last_episode >= self.first_episode).copied(),
            );
            for file in &files {
                link(&file.in_folder(previous), &file.in_folder(folder))?;
            }
        }
        let pieces = self.episodes.iter().filter_map(|episode| {
            let saved = known.get(&episode.number).copied().unwrap_or(0);
            (saved < episode.len()).then(|| episode.piece(saved))
        });
        let pieces: Vec<PieceOf<'_>> = pieces.collect();
        if let Some(&(last_episode, ..)) = pieces.last() {
            let number = before.and_then(|before| before.files.last().map(|it| it.number + 1));
            let file = Pieces { number: number.unwrap_or(0), last_episode };
            saved::write(&file.in_folder(folder), &pieces)?;
            files.push(file);
        }
        saved::write(&folder.join(INDEX), &self.index(files))
    }

    fn index(&self, files: Vec<Pieces>) -> Index {
        let outline = |episode: &Episode| Outline {
            len: episode.len(),
            end: episode.end,
            dropped: episode.dropped,
        };
        let slots = self.first_step..self.first_step + self.steps.len() as u64;
        Index {
            capacity: self.capacity,
            priority_exponent: self.priority_exponent,
            insertion: self.insertion,
            first_episode: self.first_episode,
            stack: self.stack,
            episodes: self.episodes.iter().map(outline).collect(),
            open: self.open.clone(),
            steps: self.steps.clone(),
            first_step: self.first_step,
            weights: slots.map(|step| self.priorities.weight(self.slot(step))).collect(),
            largest_ever: self.priorities.largest_ever(),
            files,
        }
    }

    /// Takes up what [`Replay::save`] wrote.
    ///
    /// # Errors
    /// If a file cannot be read, or is not of a buffer like this one.
    pub fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        let index: Index = saved::read(&folder.join(INDEX))?;
        let misfit = |message: &str| AgentError::State {
            path: folder.join(INDEX),
            message: message.to_owned(),
        };
        let same_exponent = index.priority_exponent.to_bits() == self.priority_exponent.to_bits();
        if (index.capacity, index.insertion, index.open.len(), index.stack, same_exponent)
            != (self.capacity, self.insertion, self.open.len(), self.stack, true)
        {
            return Err(misfit("it is of a replay buffer with other settings"));
        }
        let mut episodes: VecDeque<Episode> = index.outlines().collect();
        for file in &index.files {
            let path = file.in_folder(folder);
            for piece in saved::read::<Vec<Piece>>(&path)? {
                let place = piece.0.checked_sub(index.first_episode);
                if let Some(episode) = place.and_then(|place| episodes.get_mut(place as usize)) {
                    episode.extend(piece);
                }
            }
        }
        if let Some(fault) = index.fault(&episodes) {
            return Err(misfit(fault));
        }
        self.episodes = episodes;
        self.first_episode = index.first_episode;
        self.open = index.open;
        self.steps = index.steps;
        self.first_step = index.first_step;
        self.priorities = Priorities::new(self.capacity);
        for (step, &weight) in (self.first_step..).zip(&index.weights) {
            let slot = self.slot(step);
            self.priorities.set(slot, weight);
        }
        self.priorities.raise_largest_ever(index.largest_ever);
        Ok(())
    }
}

impl Index {
    fn outlines(&self) -> impl Iterator<Item = Episode> + use<'_> {
        (self.first_episode..).zip(&self.episodes).map(|(number, outline)| Episode {
            end: outline.end,
            dropped: outline.dropped,
            ..Episode::new(number, self.stack)
        })
    }

    /// Why this cannot be the index of these episodes, if it cannot.
    fn fault(&self, episodes: &VecDeque<Episode>) -> Option<&'static str> {
        let held = |number: u64| {
            let place = usize::try_from(number.checked_sub(self.first_episode)?).ok()?;
            episodes.get(place)
        };
        let whole = |(episode, outline): (&Episode, &Outline)| {
            let len = outline.len;
            let players_and_frames = [episode.to_play.len(), episode.frames.len()];
            [episode.actions.len(), episode.rewards.len()] == [len; 2]
                && players_and_frames == [len + 1; 2]
                && [&episode.policies.len(), &episode.legal.len()]
                    .iter()
                    .all(|width| width.is_multiple_of(len.max(1)))
                && outline.dropped <= len
                && len > 0
        };
        let found = |&(number, step): &(u64, u32)| {
            held(number).is_some_and(|episode| (step as usize) < episode.len())
        };
        if !episodes.iter().zip(&self.episodes).all(whole) {
            Some("an episode is not whole")
        } else if !self.steps.iter().all(found) || self.steps.len() > self.capacity {
            Some("it holds a step of no episode")
        } else if !self.open.iter().flatten().all(|&number| held(number).is_some()) {
            Some("an open episode is not there")
        } else if self.weights.len() != self.steps.len()
            || !self.weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0)
        {
            Some("the priorities are impossible")
        } else {
            None
        }
    }
}

impl Episode {
    /// The episode before its first observation.
    pub(super) fn new(number: u64, stack: usize) -> Self {
        Self {
            number,
            stack,
            frames: Vec::new(),
            actions: Vec::new(),
            rewards: Vec::new(),
            policies: Vec::new(),
            legal: Vec::new(),
            to_play: Vec::new(),
            end: End::Open,
            dropped: 0,
        }
    }

    /// What came after the first `saved` actions.
    fn piece(&self, saved: usize) -> PieceOf<'_> {
        let width = |numbers: usize| numbers / self.len();
        let seen = if saved == 0 { 0 } else { saved + 1 };
        (
            self.number,
            &self.frames[seen..],
            &self.actions[saved..],
            &self.rewards[saved..],
            &self.policies[saved * width(self.policies.len())..],
            &self.legal[saved * width(self.legal.len())..],
            &self.to_play[seen..],
        )
    }

    fn extend(&mut self, (_, frames, actions, rewards, policies, legal, to_play): Piece) {
        self.frames.extend(frames);
        self.actions.extend(actions);
        self.rewards.extend(rewards);
        self.policies.extend(policies);
        self.legal.extend(legal);
        self.to_play.extend(to_play);
    }
}

/// The same file under another name, or, where the file system has no links, a copy of it.
fn link(from: &Path, to: &Path) -> Result<(), AgentError> {
    fs::hard_link(from, to)
        .or_else(|_| fs::copy(from, to).map(drop))
        .map_err(|source| AgentError::File { path: to.to_owned(), source })
}

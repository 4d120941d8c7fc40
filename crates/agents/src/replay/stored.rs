//! Saves and loads a replay buffer. Experience never changes, so it is written only once: a save writes the
//! pieces of episodes that are new since the previous save, and links the files of that save.
//!
//! `replay.bin` is an index with the priorities. `replay-<n>.bin` are the pieces, in order. A file is not
//! linked if the buffer has dropped all its episodes.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::packed::Packed;
use super::priorities::Priorities;
use super::{End, Episode, Insertion, Replay};
use crate::agent::AgentError;
use crate::saved;

/// The whole buffer except the experience.
#[derive(Serialize, Deserialize)]
struct Index {
    capacity: usize,
    priority_exponent: f64,
    insertion: Insertion,
    first_episode: u64,
    /// Frames of one observation.
    stack: usize,
    /// The episodes from number `first_episode` on.
    episodes: Vec<Outline>,
    open: Vec<Option<u64>>,
    steps: VecDeque<(u64, u32)>,
    first_step: u64,
    /// The priorities of the transitions in the buffer, oldest first.
    weights: Vec<f64>,
    largest_ever: f64,
    files: Vec<PieceFile>,
}

/// An episode without its experience.
#[derive(Serialize, Deserialize)]
struct Outline {
    len: usize,
    end: End,
    dropped: usize,
}

/// A file of pieces of episodes.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct PieceFile {
    number: u64,
    /// The last episode with a piece in it.
    last_episode: u64,
}

/// Consecutive steps of an episode, as they are read. The first piece of an episode has one more frame and
/// player.
#[derive(Deserialize)]
struct Piece {
    episode: u64,
    frames: Vec<Packed>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    policies: Vec<f32>,
    legal: Vec<bool>,
    to_play: Vec<usize>,
}

/// A [`Piece`] as it is written.
#[derive(Serialize)]
struct PieceRef<'a> {
    episode: u64,
    frames: &'a [Packed],
    actions: &'a [u32],
    rewards: &'a [f32],
    policies: &'a [f32],
    legal: &'a [bool],
    to_play: &'a [usize],
}

const INDEX: &str = "replay.bin";

impl PieceFile {
    fn in_folder(self, folder: &Path) -> PathBuf {
        folder.join(format!("replay-{}.bin", self.number))
    }
}

impl Replay {
    /// Writes the buffer into `folder`. `previous` is the folder of an earlier save of the same buffer: its
    /// files are linked.
    ///
    /// # Errors
    /// If a file cannot be written, or a file in `previous` cannot be read.
    pub fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError> {
        let before: Option<Index> =
            previous.map(|previous| saved::read(&previous.join(INDEX))).transpose()?;
        let mut known = BTreeMap::new();
        let mut files: Vec<PieceFile> = Vec::new();
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
        let pieces: Vec<PieceRef<'_>> = pieces.collect();
        if let Some(piece) = pieces.last() {
            let number = before.and_then(|before| before.files.last().map(|it| it.number + 1));
            let file = PieceFile { number: number.unwrap_or(0), last_episode: piece.episode };
            saved::write(&file.in_folder(folder), &pieces)?;
            files.push(file);
        }
        saved::write(&folder.join(INDEX), &self.index(files))
    }

    fn index(&self, files: Vec<PieceFile>) -> Index {
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

    /// Restores what [`Replay::save`] wrote.
    ///
    /// # Errors
    /// If a file cannot be read, or belongs to a buffer with other settings.
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
            return Err(misfit("it belongs to a replay buffer with other settings"));
        }
        let mut episodes: VecDeque<Episode> = index.outlines().collect();
        for file in &index.files {
            let path = file.in_folder(folder);
            for piece in saved::read::<Vec<Piece>>(&path)? {
                let place = piece.episode.checked_sub(index.first_episode);
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

    /// Why this cannot be the index of these episodes; `None` if it can.
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
            Some("an episode is incomplete")
        } else if !self.steps.iter().all(found) || self.steps.len() > self.capacity {
            Some("a step has no episode")
        } else if !self.open.iter().flatten().all(|&number| held(number).is_some()) {
            Some("an open episode is missing")
        } else if self.weights.len() != self.steps.len()
            || !self.weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0)
        {
            Some("the priorities are invalid")
        } else {
            None
        }
    }
}

impl Episode {
    /// An episode before its first observation.
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

    /// The steps after the first `saved` ones.
    fn piece(&self, saved: usize) -> PieceRef<'_> {
        let width = |numbers: usize| numbers / self.len();
        let seen = if saved == 0 { 0 } else { saved + 1 };
        PieceRef {
            episode: self.number,
            frames: &self.frames[seen..],
            actions: &self.actions[saved..],
            rewards: &self.rewards[saved..],
            policies: &self.policies[saved * width(self.policies.len())..],
            legal: &self.legal[saved * width(self.legal.len())..],
            to_play: &self.to_play[seen..],
        }
    }

    fn extend(&mut self, piece: Piece) {
        self.frames.extend(piece.frames);
        self.actions.extend(piece.actions);
        self.rewards.extend(piece.rewards);
        self.policies.extend(piece.policies);
        self.legal.extend(piece.legal);
        self.to_play.extend(piece.to_play);
    }
}

/// Links a file, or copies it if the file system has no links.
fn link(from: &Path, to: &Path) -> Result<(), AgentError> {
    fs::hard_link(from, to)
        .or_else(|_| fs::copy(from, to).map(drop))
        .map_err(|source| AgentError::File { path: to.to_owned(), source })
}

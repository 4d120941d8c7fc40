//! The messages to and from the process of the environments. `adapter.py` is the other side, and says how they are framed.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::found::Found;
use super::settings::Settings;

/// What the process is asked for.
#[derive(Debug)]
pub(super) enum Request<'a> {
    /// Makes an environment with these settings and tells of it. Always the first one.
    Describe(&'a Settings),
    /// Begins an episode.
    Reset { lane: u32, seed: u32 },
    /// Takes these actions, in order: lane and action.
    Steps(&'a [(u32, u32)]),
    /// The environment's own state.
    State { lane: u32 },
    /// Sets the environment's own state, so many steps after its reset.
    SetState { lane: u32, steps: u32, state: &'a [u8] },
    /// The action of the environment's opponent.
    Opponent { lane: u32 },
    /// The lane is not used any more.
    Close { lane: u32 },
}

/// The settings that the process gets.
#[derive(Serialize)]
struct AdapterSettings<'a> {
    id: &'a str,
    entry: &'a str,
    arguments: &'a toml::Table,
    path: &'a [PathBuf],
    action_repeat: u32,
    time_limit: u32,
}

impl Request<'_> {
    /// The request with its head.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, body) = self.kind_and_body();
        // A body is far below 4 GiB: states are the largest.
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
        [&length[..], &[kind], &body].concat()
    }

    fn kind_and_body(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Describe(settings) => (b'D', adapter_settings(settings)),
            Self::Reset { lane, seed } => (b'R', numbers([*lane, *seed])),
            Self::Steps(steps) => {
                (b'S', numbers(steps.iter().flat_map(|(lane, action)| [*lane, *action])))
            }
            Self::State { lane } => (b'G', numbers([*lane])),
            Self::SetState { lane, steps, state } => {
                (b'P', [&numbers([*lane, *steps]), *state].concat())
            }
            Self::Opponent { lane } => (b'O', numbers([*lane])),
            Self::Close { lane } => (b'C', numbers([*lane])),
        }
    }
}

fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}

fn adapter_settings(settings: &Settings) -> Vec<u8> {
    let Settings { id, entry, arguments, path, action_repeat, time_limit, .. } = settings;
    let (action_repeat, time_limit) = (*action_repeat, *time_limit);
    let settings = AdapterSettings { id, entry, arguments, path, action_repeat, time_limit };
    // Tables of TOML have no keys but strings, so they are always possible as JSON.
    serde_json::to_vec(&settings).unwrap_or_default()
}

/// What the process tells of an environment.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    /// All but the hashes of its files.
    pub about: Found,
    /// The files that were loaded from the folders of `path`.
    pub files: Vec<PathBuf>,
}

/// An observation as the environment gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Numbers {
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
}

/// What is seen after a reset or a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub to_play: u32,
    /// `[A]`.
    pub legal: Vec<bool>,
    pub observation: Numbers,
}

impl View {
    /// Whether all numbers of the observation are finite.
    pub fn is_finite(&self) -> bool {
        match &self.observation {
            Numbers::Bytes(_) => true,
            Numbers::Floats(numbers) => numbers.iter().all(|number| number.is_finite()),
        }
    }

    /// The hash of this view after those with the hash `before`.
    pub fn hash(&self, before: u64) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&before.to_le_bytes());
        hasher.update(&self.to_play.to_le_bytes());
        for legal in &self.legal {
            hasher.update(&[u8::from(*legal)]);
        }
        match &self.observation {
            Numbers::Bytes(bytes) => {
                hasher.update(bytes);
            }
            Numbers::Floats(numbers) => numbers.iter().for_each(|number| {
                hasher.update(&number.to_le_bytes());
            }),
        }
        hasher.finalize().as_bytes().first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taken {
    pub reward: f64,
    pub performance: f64,
    /// One bit for each event.
    pub events: u32,
    pub terminated: bool,
    pub truncated: bool,
    pub view: View,
}

/// How an answer is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    num_actions: usize,
    /// Numbers of an observation.
    size: usize,
    is_bytes: bool,
}

impl Layout {
    pub fn of(found: &Found) -> Self {
        let size = found.shape.iter().product();
        Self { num_actions: found.num_actions, size, is_bytes: found.bytes }
    }

    /// Reads the view at the beginning of `answer`, which then begins after it.
    pub fn view(&self, answer: &mut &[u8]) -> Result<View, Failure> {
        let to_play = u32::from_le_bytes(array(answer)?);
        let legal = take(answer, self.num_actions)?.iter().map(|legal| *legal != 0).collect();
        let observation = if self.is_bytes {
            Numbers::Bytes(take(answer, self.size)?.to_vec())
        } else {
            let bytes = take(answer, 4 * self.size)?;
            let number = |four: &[u8]| four.try_into().map_or(0.0, f32::from_le_bytes);
            Numbers::Floats(bytes.chunks_exact(4).map(number).collect())
        };
        Ok(View { to_play, legal, observation })
    }

    /// Reads the step at the beginning of `answer`, which then begins after it.
    pub fn taken(&self, answer: &mut &[u8]) -> Result<Taken, Failure> {
        let reward = f64::from_le_bytes(array(answer)?);
        let performance = f64::from_le_bytes(array(answer)?);
        let events = u32::from_le_bytes(array(answer)?);
        let [ends] = array(answer)?;
        let view = self.view(answer)?;
        let terminated = ends & 1 != 0;
        Ok(Taken { reward, performance, events, terminated, truncated: ends & 2 != 0, view })
    }
}

/// The number in an answer that has one number only.
pub(super) fn number(mut answer: &[u8]) -> Result<u32, Failure> {
    Ok(u32::from_le_bytes(array(&mut answer)?))
}

fn array<const N: usize>(answer: &mut &[u8]) -> Result<[u8; N], Failure> {
    take(answer, N)?.try_into().map_err(|_| too_short())
}

fn take<'a>(answer: &mut &'a [u8], length: usize) -> Result<&'a [u8], Failure> {
    let (taken, rest) = answer.split_at_checked(length).ok_or_else(too_short)?;
    *answer = rest;
    Ok(taken)
}

fn too_short() -> Failure {
    Failure::Garbled("an answer that is too short".to_owned())
}

//! Uploads stored observations to the networks' device.
//!
//! On a GPU, frames of images are cached as bytes and observations are assembled from them. An update reads
//! thousands of observations, most of them repeatedly, and each Atari frame is part of four observations. The
//! cache does not affect results, so it is not saved.

use std::collections::{HashMap, HashSet};

use candle_core::{Result, Tensor};
use zerolab_models::networks::PlannerNetworks;
use zerolab_models::{FrameView, Images, Precision};

use super::augmentation::ImageTransform;
use super::target_cache::StoredState;
use crate::agent::Context;
use crate::replay::Episode;

/// The cache has room for this many more frames than the replay buffer: those before an episode's first
/// transition.
const MARGIN: usize = 4096;

/// Observations of stored states, with their augmentations.
#[derive(Clone, Debug)]
pub(crate) struct ObservationBatch<'a> {
    states: Vec<StoredState<'a>>,
    /// The augmentation of each state; empty without augmentation.
    transforms: Vec<ImageTransform>,
}

impl<'a> ObservationBatch<'a> {
    /// The observations of `states`. `transforms` has one for each state, or is empty.
    pub(crate) fn new(states: Vec<StoredState<'a>>, transforms: Vec<ImageTransform>) -> Self {
        Self { states, transforms }
    }

    /// The observations, `[N, observation]`.
    pub(crate) fn numbers(&self, observation_shape: &[usize]) -> Vec<f32> {
        let mut plain = Vec::new();
        for StoredState { episode, observation } in &self.states {
            episode.read_observation(*observation, &mut plain);
        }
        let [_, height, width] = *observation_shape else { return plain };
        if self.transforms.is_empty() {
            return plain;
        }
        let mut rows = Vec::with_capacity(plain.len());
        let length = plain.len() / self.states.len().max(1);
        for (image, transform) in plain.chunks_exact(length).zip(&self.transforms) {
            transform.apply(image, height, width, &mut rows);
        }
        rows
    }

    fn look(&self, at: usize, parts: Vec<u32>) -> FrameView {
        match self.transforms.get(at) {
            Some(transform) => transform.of(parts),
            None => FrameView { parts, offset: (0, 0), factor: 1.0 },
        }
    }
}

/// Identifies a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct FrameKey {
    /// The number of its episode.
    episode: u64,
    /// Its index in the episode.
    frame: usize,
}

/// Frames on a GPU.
struct DeviceFrames {
    images: Images,
    /// The slot of each cached frame.
    slots: HashMap<FrameKey, u32>,
    /// `[room]`: the frame in each slot.
    frames: Vec<Option<FrameKey>>,
    /// The next slot to use, which has the oldest frame.
    next: usize,
}

/// A cache of frames on the device; without one, observations are uploaded each time.
#[derive(Default)]
pub(crate) struct FrameCache {
    frames: Option<DeviceFrames>,
}

impl FrameCache {
    /// A cache for a replay buffer of `capacity` transitions. A device without memory of its own needs no
    /// cache.
    ///
    /// # Errors
    /// If the device has too little memory.
    pub(crate) fn new(context: &Context, capacity: usize) -> Result<Self> {
        if !context.device.has_own_memory() {
            return Ok(Self::default());
        }
        let capacity = capacity.min(usize::try_from(context.real_steps).unwrap_or(usize::MAX));
        Self::with_room(context, capacity.saturating_add(capacity / 8).saturating_add(MARGIN))
    }

    /// A cache with room for so many frames.
    ///
    /// # Errors
    /// If the device has too little memory.
    pub(crate) fn with_room(context: &Context, room: usize) -> Result<Self> {
        let description = &context.description;
        let [planes, height, width] = *description.observation_shape else {
            return Ok(Self::default());
        };
        let shape = [planes / description.frames.max(1), height, width];
        let images = Images::new(&context.device, room, shape)?;
        Ok(Self { frames: Some(DeviceFrames::new(images, room)) })
    }

    /// The observations of `batch` on the device, as rows of cells.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn rows(
        &mut self,
        networks: &PlannerNetworks,
        batch: &ObservationBatch<'_>,
    ) -> Result<Tensor> {
        if let Some(frames) = &mut self.frames
            && let Some(rows) = frames.rows(batch, networks.design().size.precision)?
        {
            return Ok(rows);
        }
        networks.rows(&batch.numbers(&networks.design().observation_shape))
    }
}

impl DeviceFrames {
    fn new(images: Images, room: usize) -> Self {
        Self { images, slots: HashMap::new(), frames: vec![None; room], next: 0 }
    }

    /// `None` if the batch has more frames than there is room, or a frame does not consist of bytes.
    fn rows(
        &mut self,
        batch: &ObservationBatch<'_>,
        precision: Precision,
    ) -> Result<Option<Tensor>> {
        let keys = |state: &StoredState<'_>| {
            let number = state.episode.number();
            let frames = state.episode.frames_of(state.observation);
            frames.map(move |frame| FrameKey { episode: number, frame })
        };
        let mut needed = HashSet::new();
        let mut missing: Vec<(&Episode, usize)> = Vec::new();
        for state in &batch.states {
            for key in keys(state) {
                if needed.insert(key) && !self.slots.contains_key(&key) {
                    missing.push((state.episode, key.frame));
                }
            }
        }
        if needed.len() > self.frames.len() {
            return Ok(None);
        }
        if !self.keep(&missing, &needed)? {
            return Ok(None);
        }
        let part = |key: FrameKey| self.slots.get(&key).copied();
        let looks = batch.states.iter().enumerate().map(|(at, state)| {
            let parts: Option<Vec<u32>> = keys(state).map(part).collect();
            parts.map(|parts| batch.look(at, parts))
        });
        let looks: Option<Vec<FrameView>> = looks.collect();
        looks.map(|looks| self.images.observations(&looks, precision)).transpose()
    }

    /// Uploads frames into the slots of the oldest frames that are not `needed`. Returns `false` if a frame
    /// does not consist of bytes.
    fn keep(&mut self, missing: &[(&Episode, usize)], needed: &HashSet<FrameKey>) -> Result<bool> {
        let bytes = missing.iter().map(|(episode, frame)| episode.frame_bytes(*frame));
        let Some(bytes) = bytes.collect::<Option<Vec<_>>>() else { return Ok(false) };
        let mut runs: Vec<(usize, Vec<&[u8]>)> = Vec::new();
        for (&(episode, frame), bytes) in missing.iter().zip(&bytes) {
            let at = self.free(needed);
            let key = FrameKey { episode: episode.number(), frame };
            self.frames[at] = Some(key);
            self.slots.insert(key, at as u32);
            match runs.last_mut() {
                Some((first, run)) if *first + run.len() == at => run.push(bytes),
                _ => runs.push((at, vec![bytes])),
            }
        }
        for (first, run) in runs {
            self.images.put(first, &run)?;
        }
        Ok(true)
    }

    /// The next slot whose frame is not needed. There are always enough slots.
    fn free(&mut self, needed: &HashSet<FrameKey>) -> usize {
        loop {
            let at = self.next;
            self.next = (at + 1) % self.frames.len();
            match self.frames[at] {
                Some(key) if needed.contains(&key) => {}
                unneeded => {
                    unneeded.map(|key| self.slots.remove(&key));
                    return at;
                }
            }
        }
    }
}

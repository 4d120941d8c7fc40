//! What was experienced, as the networks look at it.
//!
//! A GPU keeps the images that it has seen, as bytes, and puts observations together of them: an update reads thousands
//! of observations, most of them again, and a frame of an Atari game is part of four. What is kept there is a copy: a
//! mirror that begins empty shows the same.

use std::collections::{HashMap, HashSet};

use candle_core::{Result, Tensor};
use zerolab_models::networks::PlannerNetworks;
use zerolab_models::{FrameView, Images, Precision};

use super::augmentation::View;
use super::cache::State;
use crate::agent::Context;
use crate::replay::Episode;

/// Room for this much more than the replay buffer holds: frames that come before an episode's first held transition.
const MARGIN: usize = 4096;

/// States to be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Scene<'a> {
    states: Vec<State<'a>>,
    /// Of each state; empty where all are seen as they are.
    views: Vec<View>,
}

impl<'a> Scene<'a> {
    /// `states`, each seen by its view, or, where there are none, all as they are.
    pub(crate) fn new(states: Vec<State<'a>>, views: Vec<View>) -> Self {
        Self { states, views }
    }

    /// The observations, `[N, observation]`.
    pub(crate) fn numbers(&self, observation_shape: &[usize]) -> Vec<f32> {
        let mut plain = Vec::new();
        for State { episode, observation } in &self.states {
            episode.read_observation(*observation, &mut plain);
        }
        let [_, height, width] = *observation_shape else { return plain };
        if self.views.is_empty() {
            return plain;
        }
        let mut rows = Vec::with_capacity(plain.len());
        let length = plain.len() / self.states.len().max(1);
        for (image, view) in plain.chunks_exact(length).zip(&self.views) {
            view.look(image, (height, width), &mut rows);
        }
        rows
    }

    fn look(&self, at: usize, parts: Vec<u32>) -> FrameView {
        match self.views.get(at) {
            Some(view) => view.of(parts),
            None => FrameView { parts, offset: (0, 0), factor: 1.0 },
        }
    }
}

/// The number of a frame's episode, and of the frame therein.
type Place = (u64, usize);

/// Frames on a GPU.
struct Frames {
    images: Images,
    /// Where a frame is kept.
    kept: HashMap<Place, u32>,
    /// `[room]`: what is kept there.
    held: Vec<Option<Place>>,
    /// The place that is taken next: that of what came longest ago.
    next: usize,
}

/// Shows states to networks.
#[derive(Default)]
pub(crate) struct Mirror {
    frames: Option<Frames>,
}

impl Mirror {
    /// For a replay buffer that holds so many transitions. A device that reads where they lie keeps nothing.
    ///
    /// # Errors
    /// If the device has not memory enough.
    pub(crate) fn new(context: &Context, capacity: usize) -> Result<Self> {
        if !context.device.has_own_memory() {
            return Ok(Self::default());
        }
        let capacity = capacity.min(usize::try_from(context.real_steps).unwrap_or(usize::MAX));
        Self::with_room(context, capacity.saturating_add(capacity / 8).saturating_add(MARGIN))
    }

    /// With room for so many frames.
    ///
    /// # Errors
    /// If the device has not memory enough.
    pub(crate) fn with_room(context: &Context, room: usize) -> Result<Self> {
        let description = &context.description;
        let [planes, height, width] = *description.observation_shape else {
            return Ok(Self::default());
        };
        let shape = [planes / description.frames.max(1), height, width];
        let images = Images::new(&context.device, room, shape)?;
        Ok(Self { frames: Some(Frames::new(images, room)) })
    }

    /// What is seen in `scene`, as rows of cells.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn rows(&mut self, networks: &PlannerNetworks, scene: &Scene<'_>) -> Result<Tensor> {
        if let Some(frames) = &mut self.frames
            && let Some(rows) = frames.rows(scene, networks.design().size.precision)?
        {
            return Ok(rows);
        }
        networks.rows(&scene.numbers(&networks.design().observation_shape))
    }
}

impl Frames {
    fn new(images: Images, room: usize) -> Self {
        Self { images, kept: HashMap::new(), held: vec![None; room], next: 0 }
    }

    /// `None` where there is not room enough, or a frame is no image of shades.
    fn rows(&mut self, scene: &Scene<'_>, precision: Precision) -> Result<Option<Tensor>> {
        let places = |state: &State<'_>| {
            let number = state.episode.number();
            state.episode.frames_of(state.observation).map(move |frame| (number, frame))
        };
        let mut needed = HashSet::new();
        let mut missing: Vec<(&Episode, usize)> = Vec::new();
        for state in &scene.states {
            for place in places(state) {
                if needed.insert(place) && !self.kept.contains_key(&place) {
                    missing.push((state.episode, place.1));
                }
            }
        }
        if needed.len() > self.held.len() {
            return Ok(None);
        }
        if !self.keep(&missing, &needed)? {
            return Ok(None);
        }
        let part = |place: Place| self.kept.get(&place).copied();
        let looks = scene.states.iter().enumerate().map(|(at, state)| {
            let parts: Option<Vec<u32>> = places(state).map(part).collect();
            parts.map(|parts| scene.look(at, parts))
        });
        let looks: Option<Vec<FrameView>> = looks.collect();
        looks.map(|looks| self.images.observations(&looks, precision)).transpose()
    }

    /// Keeps frames in the places of those that came longest ago and are not `needed`. Whether that could be done.
    fn keep(&mut self, missing: &[(&Episode, usize)], needed: &HashSet<Place>) -> Result<bool> {
        let shades = missing.iter().map(|(episode, frame)| episode.shades(*frame));
        let Some(shades) = shades.collect::<Option<Vec<_>>>() else { return Ok(false) };
        let mut runs: Vec<(usize, Vec<&[u8]>)> = Vec::new();
        for (&(episode, frame), shades) in missing.iter().zip(&shades) {
            let at = self.free(needed);
            self.held[at] = Some((episode.number(), frame));
            self.kept.insert((episode.number(), frame), at as u32);
            match runs.last_mut() {
                Some((first, run)) if *first + run.len() == at => run.push(shades),
                _ => runs.push((at, vec![shades])),
            }
        }
        for (first, run) in runs {
            self.images.put(first, &run)?;
        }
        Ok(true)
    }

    /// The next place whose frame is not needed; there are more places than needed frames.
    fn free(&mut self, needed: &HashSet<Place>) -> usize {
        loop {
            let at = self.next;
            self.next = (at + 1) % self.held.len();
            match self.held[at] {
                Some(place) if needed.contains(&place) => {}
                held => {
                    held.map(|place| self.kept.remove(&place));
                    return at;
                }
            }
        }
    }
}

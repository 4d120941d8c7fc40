//! The probe without training: an imagined state is retrieved if, of the model's representations of all states that the
//! environment names, the nearest is that of the state which truly follows.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use zerolab_agents::{Agent, Imagination, ImaginedState};

use super::positions::lanes_at;
use crate::error::RunError;
use crate::plan::instantiate;
use crate::plan::resolved::ResolvedRun;
use crate::training::lane::{Lane, LaneBatch};

/// The states that the environment names, by the time, as the agent's model represents them.
pub(super) struct Candidates<'a> {
    run: &'a ResolvedRun,
    by_time: BTreeMap<u32, Vec<Candidate>>,
}

struct Candidate {
    observation: Vec<f32>,
    latent: Vec<f32>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(run: &'a ResolvedRun) -> Self {
        Self { run, by_time: BTreeMap::new() }
    }

    /// Whether an imagined state, `time` steps after the beginning, is nearest to the representation of the state with the
    /// observation `truth`; `None` if that is no state which the environment names.
    pub(super) fn retrieve(
        &mut self,
        agent: &mut dyn Agent,
        time: u32,
        state: &ImaginedState,
        truth: &[f32],
    ) -> Result<Option<bool>, RunError> {
        let candidates = self.at(agent, time)?;
        if !candidates.iter().any(|it| it.observation == truth) {
            return Ok(None);
        }
        let distance = |it: &Candidate| distance(&it.latent, &state.latent);
        let nearest = candidates.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        Ok(nearest.map(|nearest| nearest.observation == truth))
    }

    fn at(&mut self, agent: &mut dyn Agent, time: u32) -> Result<&[Candidate], RunError> {
        let run = self.run;
        let vacant = match self.by_time.entry(time) {
            Entry::Occupied(known) => return Ok(known.into_mut()),
            Entry::Vacant(vacant) => vacant,
        };
        let named = instantiate::evaluation_environment(run)?.positions(time);
        let lanes = lanes_at(run, named.iter())?;
        let batch = LaneBatch::gather(lanes.iter());
        let nowhere = vec![&[][..]; lanes.len()];
        let seen = agent.imagine(&batch.observations(), &nowhere);
        let seen = seen.map_err(instantiate::failed(&run.agent))?.unwrap_or_default();
        let candidate = |(lane, seen): (&Lane, Imagination)| Candidate {
            observation: lane.observation().to_vec(),
            latent: seen.root.latent,
        };
        Ok(vacant.insert(lanes.iter().zip(seen).map(candidate).collect()))
    }
}

/// The squared Euclidean distance.
fn distance(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum()
}

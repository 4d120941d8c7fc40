//! The planners: EfficientZero, its variants such as MuZero, and AlphaZero.
//!
//! A planner searches to act and learns from a replay buffer. `agent.rs` is common to all planners. They
//! differ in what the search steps in ([`lookahead`]). EfficientZero and MuZero search in a learned model
//! (`learned.rs`), train that model, and search stored states again (reanalysis). AlphaZero searches in
//! copies of the environment (`simulated/`) and trains only a value and a policy.
//!
//! The losses of the learned model are in `learner.rs`.

mod acting;
mod agent;
mod augmentation;
mod diagnostics;
mod explain;
mod forecast;
mod frame_cache;
mod imagine;
mod learned;
mod learner;
mod lookahead;
mod loss_report;
mod memory_traffic;
mod model;
mod reanalysis;
mod run_counts;
mod settings;
pub mod simulated;
mod step_runner;
mod target_cache;
#[cfg(test)]
mod tests;
mod training_batch;
mod unrolled_batch;

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use zerolab_models::Support;
use zerolab_models::networks::{Design, Network, PlannerNetworks};
use zerolab_search::Search;
use zerolab_settings::read;

pub use settings::Settings;

use crate::agent::{Agent, AgentError, Context};
use crate::agent_entry::{AgentEntry, resolve};
use crate::memory::Memory;
use crate::online_and_target::OnlineAndTarget;
use crate::streams::Streams;
use crate::summary::{RECURRENT_INFERENCE, Summary};
use crate::update_schedule::UpdateSchedule;
use agent::Planner;
use forecast::{Flops, forecast};
use learned::LearnedLookahead;
use memory_traffic::memory_traffic;
use run_counts::RunCounts;

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "planner",
    summary: "searches with a learned model: EfficientZero, MuZero and their variants",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| make(read(table)?, context),
    describe: |table, context| describe(&read(table)?, context),
};

/// The key of the setting because of which a planner makes no update in its budget.
fn prevents_updates(schedule: UpdateSchedule, context: &Context) -> Option<String> {
    schedule
        .prevents_updates(&context.phases, context.real_steps)
        .map(|key| format!("training.{key}"))
}

/// The stream of the initial weights.
const WEIGHTS: &str = "planner/weights";

impl Settings {
    fn update_schedule(&self) -> UpdateSchedule {
        UpdateSchedule {
            learning_starts: self.training.learning_starts,
            update_ratio: self.training.update_ratio,
        }
    }

    /// The search in environments of so many players. With two players the turn changes after each step.
    fn search(&self, num_players: usize) -> Search {
        let horizon = self.value_prefix.enabled.then_some(self.value_prefix.horizon as u32);
        let discount = self.discount as f32;
        let discount = if num_players == 2 { -discount } else { discount };
        Search::new(&self.search, discount, horizon)
    }

    fn networks(
        &self,
        context: &Context,
        stream: &mut ChaCha8Rng,
    ) -> Result<PlannerNetworks, AgentError> {
        let design = Design {
            observation_shape: context.description.observation_shape.clone(),
            num_actions: context.description.num_actions,
            size: self.network.size(&context.description.observation_shape).clone(),
            value_support: Support::new(self.value_limit),
            reward_support: Support::new(self.reward_limit),
            value_prefix: self.value_prefix.enabled,
            consistency: self.consistency.weight > 0.0,
        };
        Ok(PlannerNetworks::new(design, stream, &context.device)?)
    }
}

fn make(settings: Settings, context: &Context) -> Result<Box<dyn Agent>, AgentError> {
    context.check_players(2, ENTRY.name)?;
    let networks = || settings.networks(context, &mut Streams::new(context.seed).stream(WEIGHTS));
    let target_interval = settings.reanalyse.target_interval;
    let networks =
        OnlineAndTarget::new(networks()?, networks()?, &settings.optimizer, target_interval)?;
    let common = settings.common();
    let learned = LearnedLookahead::new(settings, context)?;
    Ok(Box::new(Planner::new(learned, common, networks, context)))
}

fn memory(settings: &Settings, context: &Context, networks: &PlannerNetworks) -> Memory {
    let samples = settings.training.batch_size as u64;
    let steps = samples.saturating_mul(settings.training.unroll_steps as u64);
    let key = "training.batch_size";
    let (first, later): (Vec<_>, Vec<_>) =
        networks.parts().iter().partition(|part| part.name == "representation");
    Memory::default()
        .networks(networks.parameters().count(), 2, &settings.optimizer)
        .replay("replay.capacity", settings.replay.capacity)
        .batch(key, samples, first)
        .batch(key, steps, later)
        .search(context.lanes, settings.search.simulations, context.description.num_actions)
}

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    context.check_players(2, ENTRY.name)?;
    let networks = settings.networks(context, &mut Streams::new(0).stream(WEIGHTS))?;
    let (flops, counts) = (Flops::of(networks.parts()), RunCounts::of(settings, context));
    let precision = networks.design().size.precision;
    let update_schedule = settings.update_schedule();
    let learning_only = ["projector", "predictor"];
    let acting =
        networks.parts().iter().filter(|part| !learning_only.contains(&part.name.as_str()));
    Ok(Summary {
        parameters: networks.parameters().count(),
        acting_parameters: acting.map(zerolab_models::Part::parameters).sum(),
        flops: BTreeMap::from([
            ("initial inference".to_owned(), flops.initial()),
            (RECURRENT_INFERENCE.to_owned(), flops.recurrent()),
            ("search".to_owned(), flops.searched(counts.simulations)),
            ("reanalysis of an update, at most".to_owned(), flops.reanalysis(&counts)),
            ("update".to_owned(), flops.update(&counts)),
        ]),
        forecast: forecast(&counts, context, flops),
        traffic: memory_traffic(&counts, context, networks.parts(), precision),
        memory: memory(settings, context, &networks).into_map(),
        learning_starts: update_schedule.learning_starts,
        learns_offline: true,
        prevents_updates: prevents_updates(update_schedule, context),
        parts: networks.parts().to_vec(),
    })
}

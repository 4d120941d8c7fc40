//! The planner family: EfficientZero, what comes of it when its parts are switched, and AlphaZero.
//!
//! A planner searches to act, and learns from what it experienced. `agent.rs` is all of them; they differ in what the
//! search steps in ([`lookahead`]). With a learned model (`learned.rs`) the model is learnt too, and what was
//! experienced is searched again. In a simulator (`simulated/`) a value and a policy are all there is to learn.

mod acting;
mod agent;
mod augmentation;
mod batch;
mod cache;
mod forecast;
mod learned;
mod learner;
mod lesson;
mod lookahead;
mod mirror;
mod model;
mod reanalysis;
mod settings;
pub mod simulated;
mod steps;
mod telling;
#[cfg(test)]
mod tests;
mod told;
mod traffic;
mod work;

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use zerolab_environments::settings::read;
use zerolab_models::Support;
use zerolab_models::networks::{Design, Network, PlannerNetworks};
use zerolab_search::Search;

pub use settings::Settings;

use crate::agent::{Agent, AgentError, Context};
use crate::pace::Pace;
use crate::registry::{Entry, resolve};
use crate::streams::Streams;
use crate::summary::{RECURRENT_INFERENCE, Summary};
use crate::twin::Twin;
use agent::Planner;
use forecast::{Flops, forecast};
use learned::Learned;
use traffic::traffic;
use work::Work;

/// The line of the registry.
pub const ENTRY: Entry = Entry {
    name: "planner",
    summary: "searches with a learned model: EfficientZero, MuZero and their variants",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| make(read(table)?, context),
    describe: |table, context| describe(&read(table)?, context),
};

/// The stream that weights are drawn from.
const WEIGHTS: &str = "planner/weights";

impl Settings {
    fn pace(&self) -> Pace {
        Pace {
            learning_starts: self.training.learning_starts,
            update_ratio: self.training.update_ratio,
        }
    }

    /// The search in games of so many players. With two the turn is the other's after each step.
    fn search(&self, num_players: usize) -> Search {
        let horizon = self.value_prefix.enabled.then_some(self.value_prefix.horizon as u32);
        let discount = if num_players == 2 { -self.discount } else { self.discount };
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
    context.at_most(2, ENTRY.name)?;
    let networks = || settings.networks(context, &mut Streams::new(context.seed).stream(WEIGHTS));
    let target_interval = settings.reanalyse.target_interval;
    let twin = Twin::new(networks()?, networks()?, &settings.optimizer, target_interval)?;
    let conduct = settings.conduct();
    let learned = Learned::new(settings, context)?;
    Ok(Box::new(Planner::new(learned, conduct, twin, context)))
}

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    context.at_most(2, ENTRY.name)?;
    let networks = settings.networks(context, &mut Streams::new(0).stream(WEIGHTS))?;
    let (flops, work) = (Flops::of(networks.parts()), Work::of(settings, context));
    let precision = networks.design().size.precision;
    let learning_only = ["projector", "predictor"];
    let acting =
        networks.parts().iter().filter(|part| !learning_only.contains(&part.name.as_str()));
    Ok(Summary {
        parameters: networks.parameters().count(),
        acting_parameters: acting.map(zerolab_models::Part::parameters).sum(),
        flops: BTreeMap::from([
            ("initial inference".to_owned(), flops.initial()),
            (RECURRENT_INFERENCE.to_owned(), flops.recurrent()),
            ("search".to_owned(), flops.searched(work.simulations)),
            ("reanalysis of an update, at most".to_owned(), flops.reanalysis(&work)),
            ("update".to_owned(), flops.update(&work)),
        ]),
        forecast: forecast(&work, context, flops),
        traffic: traffic(&work, context, networks.parts(), precision),
        parts: networks.parts().to_vec(),
    })
}

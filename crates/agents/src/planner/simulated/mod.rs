//! Search with the environment's own dynamics: AlphaZero (Silver et al. 2018), the upper bound for a learned
//! model.
//!
//! The search steps in copies of the environments, which have random numbers of their own. A network
//! evaluates the states. Its value is trained on n-step returns, its policy on the searches of acting. The
//! replay buffer does not hold environment states, so there is no reanalysis of policies.
//!
//! A step from a truncated state leads to that state again, with reward 0 and discount 1. So truncated states
//! keep their value. A termination has discount 0: nothing is added behind it.

mod dynamics;
mod learner;
mod settings;

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use zerolab_metrics::{Account, Phase, PhaseCost};
use zerolab_models::networks::{ActorCritic, Network};
use zerolab_search::{Node, Purpose, Search, SimulatorModel};
use zerolab_settings::read;

pub use settings::Settings;

use super::WEIGHTS;
use super::agent::Planner;
use super::learner::UpdateResult;
use super::lookahead::{CommonSettings, Lookahead, SearchOutput};
use super::prevents_updates;
use super::target_cache::TargetCache;
use super::unrolled_batch::UpdateContext;
use crate::agent::{Agent, AgentError, Context, Observations};
use crate::agent_entry::{AgentEntry, resolve};
use crate::memory::Memory;
use crate::online_and_target::OnlineAndTarget;
use crate::replay::Sample;
use crate::streams::Streams;
use crate::summary::Summary;
use crate::update_schedule::UpdateSchedule;
use dynamics::EnvironmentDynamics;

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "alphazero",
    summary: "searches in copies of the environment: AlphaZero",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| make(read(table)?, context),
    describe: |table, context| describe(&read(table)?, context),
};

/// A simulator would show the rewards that the environment hides.
fn check(context: &Context) -> Result<(), AgentError> {
    context.check_players(2, ENTRY.name)?;
    context.check_rewards_shown(ENTRY.name)
}

fn make(settings: Settings, context: &Context) -> Result<Box<dyn Agent>, AgentError> {
    check(context)?;
    let target_interval = settings.training.target_interval;
    let network = || settings.network(context, &mut Streams::new(context.seed).stream(WEIGHTS));
    let networks =
        OnlineAndTarget::new(network()?, network()?, &settings.optimizer, target_interval)?;
    let common = settings.common();
    let search = Search::new(&settings.search, settings.discount as f32, None);
    let num_actions = context.description.num_actions;
    let simulated = SimulatedLookahead { settings, num_actions, search };
    Ok(Box::new(Planner::new(simulated, common, networks, context)))
}

impl Settings {
    fn network(
        &self,
        context: &Context,
        stream: &mut ChaCha8Rng,
    ) -> Result<ActorCritic, AgentError> {
        let shape = &context.description.observation_shape;
        let (actions, size) = (context.description.num_actions, self.network.size(shape));
        Ok(ActorCritic::new(shape, actions, size, stream, &context.device)?)
    }

    fn update_schedule(&self) -> UpdateSchedule {
        UpdateSchedule {
            learning_starts: self.training.learning_starts,
            update_ratio: self.training.update_ratio,
        }
    }

    fn common(&self) -> CommonSettings {
        CommonSettings {
            random_steps: 0,
            discount: self.discount,
            simulations: self.search.simulations,
            update_schedule: self.update_schedule(),
            batch_size: self.training.batch_size,
            replay: self.replay.clone(),
            reward_clipping: self.training.reward_clipping.clone(),
            exploration: self.exploration.clone(),
        }
    }
}

struct SimulatedLookahead {
    settings: Settings,
    num_actions: usize,
    search: Search,
}

impl Lookahead for SimulatedLookahead {
    type Networks = ActorCritic;

    fn networks(
        &self,
        stream: &mut ChaCha8Rng,
        context: &Context,
    ) -> Result<ActorCritic, AgentError> {
        self.settings.network(context, stream)
    }

    fn search(
        &mut self,
        network: &ActorCritic,
        seen: &Observations<'_>,
        purpose: Purpose,
        seeds: Vec<u64>,
    ) -> Result<SearchOutput, AgentError> {
        let copy_seeds = seeds.iter().map(|&seed| Streams::new(seed).seed("planner/simulator", 0));
        let states = seen.environments.copies(ENTRY.name, copy_seeds)?;
        let dynamics = EnvironmentDynamics::new(network, &self.settings, self.num_actions);
        let mut model = SimulatorModel::new(dynamics, self.num_actions);
        let mut roots = model.roots(states, seeds)?;
        roots.legal = seen.some_illegal();
        let found = self.search.run(&roots, purpose, &mut model)?;
        Ok(SearchOutput {
            found,
            values: roots.values,
            logits: roots.logits,
            imagined_steps: model.dynamics().steps(),
        })
    }

    fn tree(&self, row: usize) -> Vec<Node> {
        self.search.nodes(row)
    }

    fn update(
        &mut self,
        networks: &mut OnlineAndTarget<ActorCritic>,
        samples: Vec<Sample<'_>>,
        update_context: &UpdateContext,
        cache: &mut TargetCache,
        account: &mut Account,
    ) -> Result<UpdateResult, AgentError> {
        let timer = account.start();
        let (target, online) = (&networks.target, &networks.online);
        let targets = learner::targets(&samples, &self.settings, target, cache)?;
        account.phase(Phase::Reanalysis).flops += 2 * target.counter().take();
        account.stop(Phase::Reanalysis, timer);
        let timer = account.start();
        let (optimizer, settings) = (&mut networks.optimizer, &self.settings);
        let result = learner::update(
            online,
            optimizer,
            &samples,
            &targets,
            settings,
            update_context.progress,
        )?;
        account.stop(Phase::Learning, timer);
        Ok(result)
    }
}

/// The forecast of acting and of reanalysis is an upper bound: nothing is stepped or evaluated after the end
/// of an episode, and some returns do not bootstrap.
fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    check(context)?;
    let network = settings.network(context, &mut Streams::new(0).stream(WEIGHTS))?;
    let forward: u64 = network.parts().iter().map(|part| 2 * part.macs()).sum();
    let simulations = u64::from(settings.search.simulations);
    let searched = (1 + simulations) * forward;
    let update_schedule = settings.update_schedule();
    let updates = context.phases.total(update_schedule, context.real_steps);
    let batch = settings.training.batch_size as u64;
    let acting = PhaseCost {
        real_steps: context.real_steps,
        imagined_steps: context.real_steps * simulations,
        simulations: context.real_steps * simulations,
        flops: context.real_steps * searched,
        ..PhaseCost::default()
    };
    let learning = |updates, flops| PhaseCost { updates, flops, ..PhaseCost::default() };
    Ok(Summary {
        parameters: network.parameters().count(),
        acting_parameters: network.parameters().count(),
        flops: BTreeMap::from([
            ("inference".to_owned(), forward),
            ("search, at most".to_owned(), searched),
            ("fresh values of an update, at most".to_owned(), batch * forward),
            ("update".to_owned(), 3 * batch * forward),
        ]),
        forecast: BTreeMap::from([
            (Phase::Acting, acting),
            (Phase::Reanalysis, learning(0, updates * batch * forward)),
            (Phase::Learning, learning(updates, updates * 3 * batch * forward)),
        ]),
        memory: Memory::default()
            .networks(network.parameters().count(), 2, &settings.optimizer)
            .replay("replay.capacity", settings.replay.capacity)
            .batch("training.batch_size", batch, network.parts())
            .search(context.lanes, settings.search.simulations, context.description.num_actions)
            .into_map(),
        learning_starts: update_schedule.learning_starts,
        learns_offline: true,
        prevents_updates: prevents_updates(update_schedule, context),
        parts: network.parts().to_vec(),
        ..Summary::empty()
    })
}

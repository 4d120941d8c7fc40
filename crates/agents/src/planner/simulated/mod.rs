//! Looking ahead in the environment's own rules: AlphaZero (Silver et al. 2018), the most that a perfect model buys.
//!
//! The search steps in copies of the environments, whose chance is their own, and a network judges the states that it
//! meets. Values and a policy are all that is learnt, from n-step returns and from the searches of acting; a state is
//! not kept, so that it cannot be searched again.

mod learner;
mod settings;
mod world;

use std::collections::BTreeMap;

use zerolab_environments::settings::read;
use zerolab_metrics::{Account, Phase, PhaseCost};
use zerolab_models::networks::{ActorCritic, Network};
use zerolab_search::{Node, Purpose, Search, SimulatorModel};

pub use settings::Settings;

use super::WEIGHTS;
use super::agent::Planner;
use super::batch::Moment;
use super::cache::Cache;
use super::learner::Outcome;
use super::lookahead::{Conduct, Lookahead, Thought};
use crate::agent::{Agent, AgentError, Context, Observations};
use crate::pace::Pace;
use crate::registry::{Entry, resolve};
use crate::replay::Sample;
use crate::streams::Streams;
use crate::summary::Summary;
use crate::twin::Twin;
use world::Rules;

/// The line of the registry.
pub const ENTRY: Entry = Entry {
    name: "alphazero",
    summary: "searches in the environment's own rules: AlphaZero",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| make(read(table)?, context),
    describe: |table, context| describe(&read(table)?, context),
};

fn make(settings: Settings, context: &Context) -> Result<Box<dyn Agent>, AgentError> {
    context.at_most(2, ENTRY.name)?;
    let target_interval = settings.training.target_interval;
    let network = || settings.network(context, context.seed);
    let twin = Twin::new(network()?, network()?, &settings.optimizer, target_interval)?;
    let conduct = settings.conduct();
    let search = Search::new(&settings.search, settings.discount, None);
    let num_actions = context.description.num_actions;
    let simulated = Simulated { settings, num_actions, search };
    Ok(Box::new(Planner::new(simulated, conduct, twin, context)))
}

impl Settings {
    fn network(&self, context: &Context, seed: u64) -> Result<ActorCritic, AgentError> {
        let shape = &context.description.observation_shape;
        let (actions, size) = (context.description.num_actions, self.network.size(shape));
        let mut stream = Streams::new(seed).stream(WEIGHTS);
        Ok(ActorCritic::new(shape, actions, size, &mut stream, &context.device)?)
    }

    fn pace(&self) -> Pace {
        Pace {
            learning_starts: self.training.learning_starts,
            update_ratio: self.training.update_ratio,
        }
    }

    fn conduct(&self) -> Conduct {
        Conduct {
            random_steps: 0,
            simulations: self.search.simulations,
            pace: self.pace(),
            batch_size: self.training.batch_size,
            replay: self.replay.clone(),
            reward_clipping: self.training.reward_clipping.clone(),
            exploration: self.exploration.clone(),
        }
    }
}

struct Simulated {
    settings: Settings,
    num_actions: usize,
    search: Search,
}

impl Lookahead for Simulated {
    type Networks = ActorCritic;

    fn search(
        &mut self,
        network: &ActorCritic,
        seen: &Observations<'_>,
        use_: Purpose,
        seeds: Vec<u64>,
    ) -> Result<Thought, AgentError> {
        let chance = seeds.iter().map(|&seed| Streams::new(seed).seed("planner/simulator", 0));
        let states = seen.worlds.simulators(ENTRY.name, chance)?;
        let rules = Rules::new(network, &self.settings, self.num_actions);
        let mut model = SimulatorModel::new(rules, self.num_actions);
        let mut roots = model.roots(states, seeds)?;
        roots.legal = seen.some_illegal();
        let found = self.search.run(&roots, use_, &mut model)?;
        Ok(Thought {
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
        networks: &mut Twin<ActorCritic>,
        samples: Vec<Sample<'_>>,
        moment: &Moment,
        cache: &mut Cache,
        account: &mut Account,
    ) -> Result<Outcome, AgentError> {
        let timer = account.start();
        let (target, online) = (&networks.target, &networks.online);
        let targets = learner::targets(&samples, &self.settings, target, cache)?;
        account.phase(Phase::Reanalysis).flops += 2 * target.counter().take();
        account.stop(Phase::Reanalysis, timer);
        let timer = account.start();
        let (optimizer, settings) = (&mut networks.optimizer, &self.settings);
        let outcome =
            learner::update(online, optimizer, &samples, &targets, settings, moment.progress)?;
        account.stop(Phase::Learning, timer);
        Ok(outcome)
    }
}

/// Of searches and of reanalysis the forecast is the most that they can cost: what comes after the end of an episode
/// is neither stepped nor judged, and what a return ends with is not bootstrapped.
fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    context.at_most(2, ENTRY.name)?;
    let network = settings.network(context, 0)?;
    let forward: u64 = network.parts().iter().map(|part| 2 * part.macs()).sum();
    let simulations = u64::from(settings.search.simulations);
    let searched = (1 + simulations) * forward;
    let updates = settings.pace().due(context.real_steps);
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
        parts: network.parts().to_vec(),
        ..Summary::empty()
    })
}

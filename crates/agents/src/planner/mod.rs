//! The planner family: EfficientZero, and what comes of it when its parts are switched.
//!
//! It searches with a learned model to act, and learns the model, its values and its policy from what it
//! experienced and from searching that again.

mod batch;
mod forecast;
mod learner;
mod model;
mod reanalysis;
mod settings;

use std::collections::BTreeMap;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_environments::settings::read;
use zerolab_metrics::Phase;
use zerolab_models::Support;
use zerolab_models::networks::{Design, PlannerNetworks};
use zerolab_search::{Search, Use};

pub use settings::Settings;

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::ledger::Ledger;
use crate::pace::{Pace, linear};
use crate::random::uniform_actions;
use crate::registry::{Entry, resolve};
use crate::replay::Replay;
use crate::saved;
use crate::streams::Streams;
use crate::summary::Summary;
use crate::twin::Twin;
use batch::Batch;
use forecast::{Flops, forecast};
use model::LearnedModel;

/// The line of the registry.
pub const ENTRY: Entry = Entry {
    name: "planner",
    summary: "searches with a learned model: EfficientZero, MuZero and their variants",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| Ok(Box::new(Planner::new(read(table)?, context)?)),
    describe: |table, context| describe(&read(table)?, context),
};

impl Settings {
    pub(crate) fn pace(&self) -> Pace {
        Pace {
            learning_starts: self.training.learning_starts,
            update_ratio: self.training.update_ratio,
        }
    }

    fn search(&self) -> Search {
        let horizon = self.value_prefix.enabled.then_some(self.value_prefix.horizon as u32);
        Search::new(&self.search, self.discount, horizon)
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

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    let networks = settings.networks(context, &mut Streams::new(0).stream("planner/weights"))?;
    let flops = Flops::of(networks.parts());
    let learning_only = ["projector", "predictor"];
    let acting =
        networks.parts().iter().filter(|part| !learning_only.contains(&part.name.as_str()));
    Ok(Summary {
        parameters: networks.parameters().count(),
        acting_parameters: acting.map(zerolab_models::Part::parameters).sum(),
        flops: BTreeMap::from([
            ("initial inference".to_owned(), flops.initial()),
            ("recurrent inference".to_owned(), flops.recurrent()),
            ("search".to_owned(), flops.searched(u64::from(settings.search.simulations))),
            ("reanalysis of an update".to_owned(), flops.reanalysis(settings)),
            ("update".to_owned(), flops.update(settings)),
        ]),
        forecast: forecast(settings, context, flops),
        parts: networks.parts().to_vec(),
    })
}

struct Planner {
    settings: Settings,
    context: Context,
    networks: Twin<PlannerNetworks>,
    replay: Replay,
    acting_search: Search,
    reanalysing_search: Search,
    acting: ChaCha8Rng,
    sampling: ChaCha8Rng,
    reanalysing: ChaCha8Rng,
    ledger: Ledger,
    /// `[lanes, A]`: the policies of the last exploring decisions, until their transitions come.
    policies: Vec<f32>,
}

impl Planner {
    fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        let streams = Streams::new(context.seed);
        let online = settings.networks(context, &mut streams.stream("planner/weights"))?;
        let target = settings.networks(context, &mut streams.stream("planner/weights"))?;
        let replay = &settings.replay;
        Ok(Self {
            networks: Twin::new(
                online,
                target,
                &settings.optimizer,
                settings.reanalyse.target_interval,
            )?,
            replay: Replay::new(replay.capacity, context.lanes, replay.priority_exponent),
            acting_search: settings.search(),
            reanalysing_search: settings.search(),
            acting: streams.stream("planner/act"),
            sampling: streams.stream("planner/sample"),
            reanalysing: streams.stream("planner/reanalyse"),
            ledger: Ledger::default(),
            policies: Vec::new(),
            context: context.clone(),
            settings,
        })
    }

    fn progress(&self) -> f64 {
        self.ledger.progress(self.context.real_steps)
    }

    /// Searches from each row: the actions, and the policies found.
    fn search(
        &mut self,
        seen: &Observations<'_>,
        use_: Use,
        phase: Phase,
        mut seed: impl FnMut() -> u64,
    ) -> Result<(Vec<usize>, Vec<f32>), AgentError> {
        let Settings { search, value_prefix, .. } = &self.settings;
        let nodes = search.simulations as usize + 1;
        let (mut model, mut roots) = LearnedModel::new(
            &self.networks.online,
            seen.observations,
            nodes,
            value_prefix.horizon,
        )?;
        roots.legal = seen.legal.contains(&false).then(|| seen.legal.to_vec());
        roots.seeds = (0..seen.rows()).map(|_| seed()).collect();
        let found = self.acting_search.run(&roots, use_, &mut model)?;
        let imagined = u64::from(search.simulations) * seen.rows() as u64;
        let macs = self.networks.online.counter().take();
        self.ledger.account.count(phase, |cost| {
            cost.imagined_steps += imagined;
            cost.simulations += imagined;
            cost.flops += 2 * macs;
        });
        Ok((found.actions.iter().map(|&action| action as usize).collect(), found.policies))
    }

    fn update(&mut self) -> Result<(), AgentError> {
        let Settings { training, replay, .. } = &self.settings;
        self.networks.refresh_target()?;
        let progress = self.progress();
        let beta = linear(replay.importance_exponent, 1.0, progress);
        let samples = self.replay.sample(training.batch_size, beta, &mut self.sampling);
        let sizes = (self.context.observation_len(), self.context.description.num_actions);
        let batch =
            Batch::new(samples, &self.settings, sizes, self.context.real_steps, &mut self.sampling);
        let fresh = reanalysis::reanalyse(
            &self.networks.target,
            &batch,
            &self.settings,
            &mut self.reanalysing_search,
            &mut self.reanalysing,
            &mut self.ledger.account,
        )?;
        let timer = self.ledger.account.start();
        let outcome = learner::update(
            &self.networks.online,
            &mut self.networks.optimizer,
            &batch,
            &fresh,
            &self.settings,
            progress,
        )?;
        let numbers: Vec<u64> = batch.samples().iter().map(|sample| sample.number).collect();
        self.replay.reprioritise(&numbers, &outcome.value_errors);
        self.ledger.account.count(Phase::Learning, |cost| {
            cost.updates += 1;
            cost.flops += outcome.flops;
        });
        self.ledger.account.stop(Phase::Learning, timer);
        self.ledger.updated(&outcome.losses)
    }
}

impl Agent for Planner {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Evaluate { seed } => {
                let streams = Streams::new(seed);
                let mut row = 0..;
                let seed = || streams.seed("planner/evaluate", row.next().unwrap_or(0));
                Ok(self.search(seen, Use::Greedy, Phase::Evaluation, seed)?.0)
            }
            Mode::Explore if self.ledger.real_steps < self.settings.training.learning_starts => {
                let width = self.context.description.num_actions;
                let uniform = |legal: &[bool]| {
                    let count = legal.iter().filter(|&&legal| legal).count().max(1);
                    legal
                        .iter()
                        .map(move |&legal| f32::from(legal) / count as f32)
                        .collect::<Vec<_>>()
                };
                self.policies = seen.legal.chunks(width).flat_map(uniform).collect();
                Ok(uniform_actions(seen, &mut self.acting))
            }
            Mode::Explore => {
                let temperature = self.settings.temperature(self.progress());
                let seeds: Vec<u64> = (0..seen.rows()).map(|_| self.acting.random()).collect();
                let mut seeds = seeds.into_iter();
                let seed = || seeds.next().unwrap_or(0);
                let (actions, policies) =
                    self.search(seen, Use::Explore { temperature }, Phase::Acting, seed)?;
                self.policies = policies;
                Ok(actions)
            }
        }
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        let width = self.context.description.num_actions;
        if self.policies.len() != transitions.len() * width {
            return Err(AgentError::Message(
                "transitions came without a decision to explore".to_owned(),
            ));
        }
        self.ledger.real_steps += transitions.len() as u64;
        for (transition, policy) in transitions.iter().zip(self.policies.chunks_exact(width)) {
            self.replay.push(transition, policy);
        }
        self.policies.clear();
        Ok(())
    }

    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError> {
        while self.ledger.updates() < self.settings.pace().due(real_steps) {
            self.update()?;
        }
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn save(&self, folder: &Path) -> Result<(), AgentError> {
        self.networks.save(folder)?;
        let plain = (
            &self.replay,
            &self.acting,
            &self.sampling,
            &self.reanalysing,
            &self.ledger,
            &self.policies,
        );
        saved::write(&folder.join("state.bin"), &plain)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        (self.replay, self.acting, self.sampling, self.reanalysing, self.ledger, self.policies) =
            saved::read(&folder.join("state.bin"))?;
        self.networks.load(folder, self.ledger.updates())
    }
}

//! The planner as an agent: acts, observes, learns, and can be saved.

use std::collections::BTreeMap;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::Phase;
use zerolab_models::networks::PlannerNetworks;
use zerolab_search::Search;

use super::acting::Decisions;
use super::batch::{Batch, Moment};
use super::cache::Cache;
use super::learner;
use super::reanalysis::reanalyse;
use super::settings::Settings;
use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::ledger::Ledger;
use crate::replay::Replay;
use crate::saved;
use crate::streams::Streams;
use crate::twin::Twin;

pub(super) struct Planner {
    pub(super) settings: Settings,
    pub(super) context: Context,
    pub(super) networks: Twin<PlannerNetworks>,
    replay: Replay,
    pub(super) acting_search: Search,
    reanalysing_search: Search,
    cache: Cache,
    /// Of everything in an update that has chance of its own.
    streams: Streams,
    pub(super) acting: ChaCha8Rng,
    sampling: ChaCha8Rng,
    pub(super) ledger: Ledger,
    pub(super) decisions: Decisions,
}

impl Planner {
    pub(super) fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        let players = context.players("planner", 2)?;
        let streams = Streams::new(context.seed);
        let online = settings.networks(context, &mut streams.stream("planner/weights"))?;
        let target = settings.networks(context, &mut streams.stream("planner/weights"))?;
        let target_interval = settings.reanalyse.target_interval;
        let replay = &settings.replay;
        Ok(Self {
            networks: Twin::new(online, target, &settings.optimizer, target_interval)?,
            replay: Replay::new(replay.capacity, context.lanes, replay.priority_exponent)
                .with_insertion(replay.insertion),
            acting_search: settings.search(players),
            reanalysing_search: settings.search(players),
            cache: Cache::default(),
            streams,
            acting: streams.stream("planner/act"),
            sampling: streams.stream("planner/sample"),
            ledger: Ledger::default(),
            decisions: Decisions::default(),
            context: context.clone(),
            settings,
        })
    }

    fn progress(&self) -> f64 {
        self.ledger.progress(self.context.real_steps)
    }

    fn update(&mut self) -> Result<(), AgentError> {
        self.networks.refresh_target()?;
        let settings = &self.settings;
        let moment = Moment {
            progress: self.progress(),
            streams: self.streams.within("planner/update", self.ledger.updates()),
        };
        let oldest = self.replay.oldest_episode();
        self.cache.begin(self.ledger.updates(), self.networks.target_version(), oldest);
        let beta = settings.replay.importance(moment.progress);
        let samples = self.replay.sample(settings.training.batch_size, beta, &mut self.sampling);
        let batch = Batch::new(samples, settings, &self.context, &moment);
        let fresh = reanalyse(
            &self.networks.target,
            &batch,
            settings,
            &mut self.cache,
            &mut self.reanalysing_search,
            &mut self.ledger.account,
        )?;
        let timer = self.ledger.account.start();
        let outcome = learner::update(
            &self.networks.online,
            &mut self.networks.optimizer,
            &batch,
            &fresh,
            settings,
            moment.progress,
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
                let seed = |row| streams.seed("planner/evaluate", row);
                self.exploit(seen, (0..seen.rows() as u64).map(seed).collect())
            }
            Mode::Explore if self.ledger.real_steps < self.settings.training.learning_starts => {
                Ok(self.wander(seen))
            }
            Mode::Explore => {
                let temperature = self.settings.temperature(self.progress());
                let seeds = (0..seen.rows()).map(|_| self.acting.random()).collect();
                self.explore(seen, temperature, seeds)
            }
        }
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        let width = self.context.description.num_actions;
        let Decisions { policies, value_errors } = std::mem::take(&mut self.decisions);
        if policies.len() != transitions.len() * width {
            return Err(AgentError::Message(
                "transitions came without a decision to explore".to_owned(),
            ));
        }
        self.ledger.real_steps += transitions.len() as u64;
        let rows = transitions.into_iter().zip(policies.chunks_exact(width)).enumerate();
        for (row, (mut transition, policy)) in rows {
            transition.reward = self.settings.training.reward_clipping.clip(transition.reward);
            self.replay.push_judged(&transition, policy, value_errors.get(row).copied());
        }
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

    /// Among them the version of the target network that was learnt from last.
    fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        let mut losses = self.ledger.drain_losses();
        if !losses.is_empty() {
            let version = self.networks.target_version() as f64;
            losses.insert("target_version".to_owned(), version);
        }
        losses
    }

    fn save(&self, folder: &Path) -> Result<(), AgentError> {
        self.networks.save(folder)?;
        let plain = (
            &self.replay,
            &self.cache,
            &self.streams,
            &self.acting,
            &self.sampling,
            &self.ledger,
            &self.decisions,
        );
        saved::write(&folder.join("state.bin"), &plain)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        (
            self.replay,
            self.cache,
            self.streams,
            self.acting,
            self.sampling,
            self.ledger,
            self.decisions,
        ) = saved::read(&folder.join("state.bin"))?;
        self.networks.load(folder, self.ledger.updates())
    }
}

//! The planner as an agent: acts, observes, learns, and can be saved.

use std::collections::BTreeMap;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::Phase;
use zerolab_models::Parameters;
use zerolab_models::networks::Network;

use super::acting::Decisions;
use super::batch::Moment;
use super::cache::Cache;
use super::lookahead::{Conduct, Lookahead};
use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::deliberation::Deliberation;
use crate::ledger::Ledger;
use crate::replay::Replay;
use crate::saved;
use crate::streams::Streams;
use crate::twin::Twin;

pub(super) struct Planner<L: Lookahead> {
    pub(super) lookahead: L,
    pub(super) conduct: Conduct,
    pub(super) context: Context,
    pub(super) networks: Twin<L::Networks>,
    replay: Replay,
    cache: Cache,
    /// Of everything in an update that has chance of its own.
    streams: Streams,
    pub(super) acting: ChaCha8Rng,
    sampling: ChaCha8Rng,
    pub(super) ledger: Ledger,
    pub(super) decisions: Decisions,
}

impl<L: Lookahead> Planner<L> {
    pub(super) fn new(
        lookahead: L,
        conduct: Conduct,
        networks: Twin<L::Networks>,
        context: &Context,
    ) -> Self {
        let streams = Streams::new(context.seed);
        let replay = &conduct.replay;
        Self {
            lookahead,
            networks,
            replay: Replay::new(replay.capacity, context.lanes, replay.priority_exponent)
                .with_stack(context.description.frames)
                .with_insertion(replay.insertion),
            cache: Cache::default(),
            streams,
            acting: streams.stream("planner/act"),
            sampling: streams.stream("planner/sample"),
            ledger: Ledger::default(),
            decisions: Decisions::default(),
            context: context.clone(),
            conduct,
        }
    }

    fn progress(&self) -> f64 {
        self.ledger.progress(self.context.real_steps)
    }

    fn update(&mut self) -> Result<(), AgentError> {
        self.networks.refresh_target()?;
        let moment = Moment {
            progress: self.progress(),
            streams: self.streams.within("planner/update", self.ledger.updates()),
        };
        let oldest = self.replay.oldest_episode();
        self.cache.begin(self.ledger.updates(), self.networks.target_version(), oldest);
        let beta = self.conduct.replay.importance(moment.progress);
        let samples = self.replay.sample(self.conduct.batch_size, beta, &mut self.sampling);
        let numbers: Vec<u64> = samples.iter().map(|sample| sample.number).collect();
        let (networks, account) = (&mut self.networks, &mut self.ledger.account);
        let outcome =
            self.lookahead.update(networks, samples, &moment, &mut self.cache, account)?;
        self.replay.reprioritise(&numbers, &outcome.value_errors);
        account.count(Phase::Learning, |cost| {
            cost.updates += 1;
            cost.flops += outcome.flops;
        });
        self.ledger.updated(&outcome.losses)
    }
}

/// `[B]`: seeds of the rows' own chance in a decision of an evaluation.
fn evaluation_seeds(seen: &Observations<'_>, seed: u64) -> Vec<u64> {
    let streams = Streams::new(seed);
    (0..seen.rows() as u64).map(|row| streams.seed("planner/evaluate", row)).collect()
}

impl<L: Lookahead> Agent for Planner<L> {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Evaluate { seed } => self.exploit(seen, evaluation_seeds(seen, seed)),
            Mode::Explore if self.ledger.real_steps < self.conduct.random_steps => {
                Ok(self.wander(seen))
            }
            Mode::Explore => {
                let temperature = self.conduct.exploration.temperature(self.progress());
                let seeds = (0..seen.rows()).map(|_| self.acting.random()).collect();
                self.explore(seen, temperature, seeds)
            }
        }
    }

    fn deliberate(
        &mut self,
        seen: &Observations<'_>,
        seed: u64,
    ) -> Result<Vec<Deliberation>, AgentError> {
        self.explain(seen, evaluation_seeds(seen, seed))
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
            transition.reward = self.conduct.reward_clipping.clip(transition.reward);
            self.replay.push_judged(&transition, policy, value_errors.get(row).copied());
        }
        Ok(())
    }

    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError> {
        while self.ledger.updates() < self.conduct.pace.due(real_steps) {
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

    fn weights(&self) -> Option<&Parameters> {
        Some(self.networks.online.parameters())
    }

    fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError> {
        self.networks.save(folder)?;
        self.replay.save(folder, previous)?;
        let plain = (
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
        self.replay.load(folder)?;
        (self.cache, self.streams, self.acting, self.sampling, self.ledger, self.decisions) =
            saved::read(&folder.join("state.bin"))?;
        self.networks.load(folder, self.ledger.updates())
    }
}

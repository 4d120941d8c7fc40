//! The planner as an agent.

use std::collections::BTreeMap;
use std::mem;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::Phase;
use zerolab_models::Parameters;
use zerolab_models::networks::Network;

use super::WEIGHTS;
use super::acting::PendingSearches;
use super::diagnostics::ActingDiagnostics;
use super::lookahead::{CommonSettings, Lookahead};
use super::target_cache::TargetCache;
use super::unrolled_batch::UpdateContext;
use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::decision::Decision;
use crate::imagination::Imagination;
use crate::ledger::Ledger;
use crate::online_and_target::OnlineAndTarget;
use crate::phase_start::PhaseStart;
use crate::replay::{Replay, priority_error};
use crate::saved;
use crate::streams::Streams;
use crate::update_schedule::UpdateProgress;

/// The file of the diagnostics of acting, in the folder of a saved planner.
const DIAGNOSTICS: &str = "diagnostics.bin";

pub(super) struct Planner<L: Lookahead> {
    pub(super) lookahead: L,
    pub(super) common: CommonSettings,
    pub(super) context: Context,
    pub(super) networks: OnlineAndTarget<L::Networks>,
    replay: Replay,
    cache: TargetCache,
    /// The streams of updates.
    streams: Streams,
    pub(super) acting: ChaCha8Rng,
    sampling: ChaCha8Rng,
    pub(super) ledger: Ledger,
    update_progress: UpdateProgress,
    pub(super) pending: PendingSearches,
    pub(super) diagnostics: ActingDiagnostics,
}

impl<L: Lookahead> Planner<L> {
    pub(super) fn new(
        lookahead: L,
        common: CommonSettings,
        networks: OnlineAndTarget<L::Networks>,
        context: &Context,
    ) -> Self {
        let streams = Streams::new(context.seed);
        let replay = &common.replay;
        Self {
            lookahead,
            networks,
            replay: Replay::new(replay.capacity, context.lanes, replay.priority_exponent)
                .with_stack(context.description.frames)
                .with_insertion(replay.insertion),
            cache: TargetCache::default(),
            streams,
            acting: streams.stream("planner/act"),
            sampling: streams.stream("planner/sample"),
            ledger: Ledger::default(),
            update_progress: UpdateProgress::default(),
            pending: PendingSearches::default(),
            diagnostics: ActingDiagnostics::default(),
            context: context.clone(),
            common,
        }
    }

    fn progress(&self) -> f64 {
        self.ledger.progress(self.context.real_steps)
    }

    fn explore(&mut self, seen: &Observations<'_>) -> Result<Vec<usize>, AgentError> {
        if self.ledger.real_steps < self.common.random_steps {
            return Ok(self.random_actions(seen));
        }
        let temperature = self.common.exploration.temperature(self.progress());
        let seeds = (0..seen.rows()).map(|_| self.acting.random()).collect();
        self.exploring_actions(seen, temperature, seeds)
    }

    fn update(&mut self) -> Result<(), AgentError> {
        self.networks.refresh_target()?;
        let update_context = UpdateContext {
            progress: self.progress(),
            streams: self.streams.within("planner/update", self.ledger.updates()),
        };
        let oldest = self.replay.oldest_episode();
        self.cache.begin(self.ledger.updates(), self.networks.target_version(), oldest);
        let beta = self.common.replay.importance(update_context.progress);
        let samples = self.replay.sample(self.common.batch_size, beta, &mut self.sampling);
        let numbers: Vec<u64> = samples.iter().map(|sample| sample.number).collect();
        let (networks, account) = (&mut self.networks, &mut self.ledger.account);
        let result =
            self.lookahead.update(networks, samples, &update_context, &mut self.cache, account)?;
        self.replay.reprioritise(&numbers, &result.value_errors);
        account.count(Phase::Learning, |cost| {
            cost.updates += 1;
            cost.flops += result.flops;
        });
        let mut losses = result.losses;
        losses.push(priority_error(&result.value_errors));
        self.ledger.updated(&losses)
    }
}

/// `[B]`: a seed for each row of an evaluation.
fn evaluation_seeds(seen: &Observations<'_>, seed: u64) -> Vec<u64> {
    let streams = Streams::new(seed);
    (0..seen.rows() as u64).map(|row| streams.seed("planner/evaluate", row)).collect()
}

impl<L: Lookahead> Agent for Planner<L> {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Evaluate { seed } => self.greedy_actions(seen, evaluation_seeds(seen, seed)),
            Mode::Explore => self.explore(seen),
            Mode::Foretell { seed } => {
                let acting = Streams::new(seed).stream("planner/act");
                let own = (
                    mem::replace(&mut self.acting, acting),
                    mem::take(&mut self.pending),
                    mem::take(&mut self.diagnostics),
                );
                let actions = self.explore(seen);
                (self.acting, self.pending, self.diagnostics) = own;
                actions
            }
        }
    }

    fn explain(&mut self, seen: &Observations<'_>, seed: u64) -> Result<Vec<Decision>, AgentError> {
        self.explain_searches(seen, evaluation_seeds(seen, seed))
    }

    fn imagine(
        &mut self,
        seen: &Observations<'_>,
        plans: &[&[usize]],
    ) -> Result<Option<Vec<Imagination>>, AgentError> {
        let online = &self.networks.online;
        let imagined = self.lookahead.imagine(online, seen, plans)?;
        let steps = imagined.iter().flatten().map(|it| it.rewards.len() as u64).sum::<u64>();
        let macs = online.counter().take();
        self.ledger.account.count(Phase::Evaluation, |cost| {
            cost.imagined_steps += steps;
            cost.flops += 2 * macs;
        });
        Ok(imagined)
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        let width = self.context.description.num_actions;
        let PendingSearches { policies, value_errors } = std::mem::take(&mut self.pending);
        if policies.len() != transitions.len() * width {
            return Err(AgentError::Message(
                "`observe` got transitions without a preceding `act` that explores".to_owned(),
            ));
        }
        self.ledger.real_steps += transitions.len() as u64;
        let rows = transitions.into_iter().zip(policies.chunks_exact(width)).enumerate();
        for (row, (mut transition, policy)) in rows {
            let clipping = &self.common.reward_clipping;
            transition.reward = transition.reward.map(|reward| clipping.clip(reward));
            self.diagnostics.observe(row, &transition, self.common.discount);
            self.replay.push_with_value_error(&transition, policy, value_errors.get(row).copied());
        }
        Ok(())
    }

    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError> {
        let due = self.update_progress.due(self.common.update_schedule, real_steps);
        while self.ledger.updates() < due {
            self.update()?;
        }
        Ok(())
    }

    fn learn_offline(&mut self, updates: u64) -> Result<(), AgentError> {
        self.update_progress.add_offline(updates);
        (0..updates).try_for_each(|_| self.update())
    }

    fn begin_phase(&mut self, start: &PhaseStart) -> Result<(), AgentError> {
        if start.forget {
            self.replay.forget();
            self.update_progress.forget(self.common.update_schedule, self.ledger.real_steps);
        }
        if !start.reset.is_empty() {
            let mut stream = Streams::new(self.context.seed).stream(&start.stream(WEIGHTS));
            let fresh = self.lookahead.networks(&mut stream, &self.context)?;
            self.networks.reset(&fresh, start)?;
            // Its values and policies are of the weights before.
            self.cache = TargetCache::default();
        }
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Includes the version of the target network in the last update, and the diagnostics of acting.
    fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        let mut losses = self.ledger.drain_losses();
        if !losses.is_empty() {
            let version = self.networks.target_version() as f64;
            losses.insert("target_version".to_owned(), version);
            losses.extend(self.diagnostics.drain());
        }
        losses
    }

    fn weights(&self) -> Option<&Parameters> {
        Some(self.networks.online.parameters())
    }

    fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError> {
        self.networks.save(folder)?;
        self.replay.save(folder, previous)?;
        let plain =
            (&self.cache, &self.streams, &self.acting, &self.sampling, &self.ledger, &self.pending);
        self.update_progress.save(folder)?;
        saved::write(&folder.join(DIAGNOSTICS), &self.diagnostics)?;
        saved::write(&folder.join("state.bin"), &plain)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.replay.load(folder)?;
        (self.cache, self.streams, self.acting, self.sampling, self.ledger, self.pending) =
            saved::read(&folder.join("state.bin"))?;
        self.update_progress = UpdateProgress::load(folder)?;
        // Checkpoints of earlier versions have none.
        let diagnostics = folder.join(DIAGNOSTICS);
        if diagnostics.exists() {
            self.diagnostics = saved::read(&diagnostics)?;
        }
        self.networks.load(folder, self.ledger.updates())
    }
}

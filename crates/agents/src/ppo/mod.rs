//! Proximal policy optimisation with clipping (Schulman et al. 2017): on-policy and model-free.
//!
//! The agent acts in all lanes for some rounds, learns from this rollout in a few epochs, and drops it. It
//! also learns from the incomplete rollout at the end of the budget.

mod advantages;
mod learner;
pub(crate) mod policy;
mod rollout;
mod settings;

use std::collections::BTreeMap;
use std::mem;
use std::path::Path;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::networks::{ActorCritic, Network};
use zerolab_models::{ForwardMode as Pass, Optimizer, Parameters};
use zerolab_settings::read;

pub use advantages::{ValuedStep, advantages};
pub use settings::Settings;

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::agent_entry::{AgentEntry, resolve};
use crate::decision::{Decision, probabilities};
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::phase_start::PhaseStart;
use crate::saved;
use crate::streams::Streams;
use crate::summary::Summary;
use learner::RolloutTargets;
use rollout::{ActingOutput, Rollout};

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "ppo",
    summary: "learns a policy and its value, on-policy: PPO",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| Ok(Box::new(Ppo::new(read(table)?, context)?)),
    describe: |table, context| describe(&read(table)?, context),
};

impl Settings {
    fn network(
        &self,
        context: &Context,
        stream: &mut ChaCha8Rng,
    ) -> Result<ActorCritic, AgentError> {
        let (shape, actions) =
            (&context.description.observation_shape, context.description.num_actions);
        Ok(ActorCritic::new(shape, actions, self.network.size(shape), stream, &context.device)?)
    }
}

/// PPO supports one player and no hidden rewards: advantages are sums of all rewards of one player.
fn check(context: &Context) -> Result<(), AgentError> {
    context.check_players(1, ENTRY.name)?;
    context.check_rewards_shown(ENTRY.name)
}

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    check(context)?;
    let network = settings.network(context, &mut Streams::new(0).stream(WEIGHTS))?;
    let forward: u64 = network.parts().iter().map(|part| 2 * part.macs()).sum();
    let full = settings.rollout_steps as u64 * context.lanes as u64;
    let rest = (context.real_steps % full) as usize;
    let updates =
        context.real_steps / full * settings.updates(full as usize) + settings.updates(rest);
    // The observation after each step is evaluated once. Then each epoch takes a forward and a backward pass,
    // which counts as two.
    let learnt = forward * (1 + 3 * settings.epochs as u64);
    let phase = |flops| PhaseCost { flops: flops * context.real_steps, ..PhaseCost::default() };
    let acting = PhaseCost { real_steps: context.real_steps, ..phase(forward) };
    Ok(Summary {
        parameters: network.parameters().count(),
        acting_parameters: network.parameters().count(),
        flops: BTreeMap::from([
            ("inference".to_owned(), forward),
            ("learning from a real step".to_owned(), learnt),
        ]),
        forecast: BTreeMap::from([
            (Phase::Acting, acting),
            (Phase::Learning, PhaseCost { updates, ..phase(learnt) }),
        ]),
        memory: Memory::default()
            .networks(network.parameters().count(), 1, &settings.optimizer)
            .batch("rollout_steps", settings.minibatch(full as usize) as u64, network.parts())
            .into_map(),
        parts: network.parts().to_vec(),
        ..Summary::empty()
    })
}

/// The stream of the initial weights.
const WEIGHTS: &str = "ppo/weights";

struct Ppo {
    settings: Settings,
    context: Context,
    network: ActorCritic,
    optimizer: Optimizer,
    rollout: Rollout,
    /// `[lanes]`: outputs for the last exploring actions, until their transitions are observed.
    outputs: Vec<ActingOutput>,
    acting: ChaCha8Rng,
    shuffling: ChaCha8Rng,
    ledger: Ledger,
}

impl Ppo {
    fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        check(context)?;
        let streams = Streams::new(context.seed);
        let network = settings.network(context, &mut streams.stream(WEIGHTS))?;
        Ok(Self {
            optimizer: Optimizer::new(settings.optimizer.clone(), network.parameters())?,
            network,
            rollout: Rollout::default(),
            outputs: Vec::new(),
            acting: streams.stream("ppo/act"),
            shuffling: streams.stream("ppo/shuffle"),
            ledger: Ledger::default(),
            context: context.clone(),
            settings,
        })
    }

    /// Policy logits `[B, A]` and values `[B]`.
    fn forward(
        &mut self,
        seen: &Observations<'_>,
        phase: Phase,
    ) -> Result<(Vec<f32>, Vec<f32>), AgentError> {
        let (logits, values) = self.network.forward(seen.observations, Pass::Infer)?;
        self.ledger.account.phase(phase).flops += 2 * self.network.counter().take();
        let device = &self.context.device;
        Ok((device.download(logits.tensor())?, device.download(values.tensor())?))
    }

    fn explore(&mut self, seen: &Observations<'_>) -> Result<Vec<usize>, AgentError> {
        let width = self.context.description.num_actions;
        let (logits, values) = self.forward(seen, Phase::Acting)?;
        let mut actions = Vec::with_capacity(values.len());
        self.outputs.clear();
        let rows = logits.chunks_exact(width).zip(seen.legal.chunks_exact(width));
        for ((logits, legal), value) in rows.zip(values) {
            let (action, log_probability) = policy::draw(logits, legal, &mut self.acting);
            actions.push(action);
            self.outputs.push(ActingOutput { log_probability, value });
        }
        Ok(actions)
    }

    /// Learns from the rollout, and drops it.
    fn learn_rollout(&mut self) -> Result<(), AgentError> {
        let timer = self.ledger.account.start();
        let rollout = std::mem::take(&mut self.rollout);
        // The learning rate depends on the progress at the beginning of the rollout: at its end the last rate
        // would be 0.
        let begun = self.ledger.real_steps - rollout.len() as u64;
        let progress = begun as f64 / self.context.real_steps.max(1) as f64;
        let targets = RolloutTargets::new(&self.network, &rollout, &self.settings)?;
        let value_flops = 2 * self.network.counter().take();
        self.ledger.account.phase(Phase::Learning).flops += value_flops;
        let mut rows: Vec<usize> = (0..rollout.len()).collect();
        for _ in 0..self.settings.epochs {
            rows.shuffle(&mut self.shuffling);
            for rows in rows.chunks(self.settings.minibatch(rollout.len())) {
                let (network, optimizer) = (&self.network, &mut self.optimizer);
                let losses = targets.update(network, optimizer, rows, &self.settings, progress)?;
                let macs = self.network.counter().take();
                self.ledger.account.count(Phase::Learning, |cost| {
                    cost.updates += 1;
                    cost.flops += 2 * 3 * macs;
                });
                self.ledger.updated(&losses)?;
            }
        }
        self.ledger.account.stop(Phase::Learning, timer);
        Ok(())
    }
}

impl Agent for Ppo {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Evaluate { seed } => {
                Ok(self.explain(seen, seed)?.iter().map(|decision| decision.action).collect())
            }
            Mode::Explore => self.explore(seen),
            Mode::Foretell { seed } => {
                let acting = Streams::new(seed).stream("ppo/act");
                let own = (mem::replace(&mut self.acting, acting), mem::take(&mut self.outputs));
                let actions = self.explore(seen);
                (self.acting, self.outputs) = own;
                actions
            }
        }
    }

    fn explain(
        &mut self,
        seen: &Observations<'_>,
        _seed: u64,
    ) -> Result<Vec<Decision>, AgentError> {
        let width = self.context.description.num_actions;
        let (logits, values) = self.forward(seen, Phase::Evaluation)?;
        let rows = logits.chunks_exact(width).zip(seen.legal.chunks_exact(width));
        let decisions = rows.zip(values).map(|((logits, legal), value)| Decision {
            action: policy::likeliest(logits, legal),
            value: Some(value),
            policy: probabilities(logits, legal),
            ..Decision::default()
        });
        Ok(decisions.collect())
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        if self.outputs.len() != transitions.len() {
            return Err(AgentError::Message(
                "`observe` got transitions without a preceding `act` that explores".to_owned(),
            ));
        }
        self.ledger.real_steps += transitions.len() as u64;
        self.rollout.push(transitions, &self.outputs);
        self.outputs.clear();
        Ok(())
    }

    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError> {
        let full = self.rollout.rounds >= self.settings.rollout_steps;
        let last = real_steps >= self.context.real_steps && self.rollout.rounds > 0;
        if full || last { self.learn_rollout() } else { Ok(()) }
    }

    fn begin_phase(&mut self, start: &PhaseStart) -> Result<(), AgentError> {
        // It keeps no experience beyond the current rollout, which it learns from once.
        if !start.reset.is_empty() {
            let mut stream = Streams::new(self.context.seed).stream(&start.stream(WEIGHTS));
            let fresh = self.settings.network(&self.context, &mut stream)?;
            let chosen = |name: &str| start.resets(name);
            self.network.parameters().copy_chosen(fresh.parameters(), chosen)?;
            self.optimizer.clear(chosen)?;
        }
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn weights(&self) -> Option<&Parameters> {
        Some(self.network.parameters())
    }

    fn save(&self, folder: &Path, _: Option<&Path>) -> Result<(), AgentError> {
        saved::tensors(&folder.join(NETWORK), |path| self.network.parameters().save(path))?;
        saved::tensors(&folder.join(OPTIMIZER), |path| self.optimizer.save(path))?;
        let plain = (&self.rollout, &self.outputs, &self.acting, &self.shuffling, &self.ledger);
        saved::write(&folder.join("state.bin"), &plain)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        (self.rollout, self.outputs, self.acting, self.shuffling, self.ledger) =
            saved::read(&folder.join("state.bin"))?;
        let updates = self.ledger.updates();
        saved::tensors(&folder.join(NETWORK), |path| self.network.parameters().load(path))?;
        saved::tensors(&folder.join(OPTIMIZER), |path| self.optimizer.load(path, updates))
    }
}

const NETWORK: &str = "network.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";

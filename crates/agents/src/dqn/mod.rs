//! The value-based agents: double DQN with n-step returns, a target network and replay (van Hasselt et al.
//! 2016; Sutton and Barto 2018, section 7.1). With prioritised replay, distributions, dueling and noisy heads
//! it is Rainbow (Hessel et al. 2018).

mod learner;
mod returns;
mod settings;

use std::collections::BTreeMap;
use std::mem;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::networks::{Network, QDesign, QNetwork};
use zerolab_models::{ForwardMode as Pass, Parameters};
use zerolab_settings::read;

pub use settings::Settings;

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::agent_entry::{AgentEntry, resolve};
use crate::decision::Decision;
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::online_and_target::OnlineAndTarget;
use crate::phase_start::PhaseStart;
use crate::random::uniform_actions;
use crate::replay::{Replay, priority_error};
use crate::saved;
use crate::streams::Streams;
use crate::summary::Summary;
use crate::update_schedule::{UpdateProgress, linear};
use learner::update_flops;
use returns::{ReturnEncoding, best_legal};

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "dqn",
    summary: "learns action values: DQN, Rainbow and their variants",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| Ok(Box::new(Dqn::new(read(table)?, context)?)),
    describe: |table, context| describe(&read(table)?, context),
};

impl Settings {
    fn network(&self, context: &Context, stream: &mut ChaCha8Rng) -> Result<QNetwork, AgentError> {
        let shape = &context.description.observation_shape;
        let design = QDesign {
            num_actions: context.description.num_actions,
            atoms: ReturnEncoding::of(self).width(),
            dueling: self.dueling,
            noisy: self.noisy,
        };
        Ok(QNetwork::new(shape, design, self.network.size(shape), stream, &context.device)?)
    }
}

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    let network = settings.network(context, &mut Streams::new(0).stream(WEIGHTS))?;
    let forward: u64 = network.parts().iter().map(|part| 2 * part.macs()).sum();
    let update_schedule = settings.update_schedule();
    let updates = context.phases.total(update_schedule, context.real_steps);
    let acting = PhaseCost { real_steps: context.real_steps, ..PhaseCost::default() };
    let flops = updates * update_flops(settings, forward);
    Ok(Summary {
        parameters: network.parameters().count(),
        acting_parameters: network.parameters().count(),
        flops: BTreeMap::from([
            ("inference".to_owned(), forward),
            ("update".to_owned(), update_flops(settings, forward)),
        ]),
        forecast: BTreeMap::from([
            (Phase::Acting, PhaseCost { flops: forward * decisions(settings, context), ..acting }),
            (Phase::Learning, PhaseCost { updates, flops, ..PhaseCost::default() }),
        ]),
        memory: Memory::default()
            .networks(network.parameters().count(), 2, &settings.optimizer)
            .replay("replay_capacity", settings.replay_capacity)
            .batch("batch_size", settings.batch_size as u64, network.parts())
            .into_map(),
        learning_starts: update_schedule.learning_starts,
        learns_offline: true,
        prevents_updates: update_schedule
            .prevents_updates(&context.phases, context.real_steps)
            .map(str::to_owned),
        parts: network.parts().to_vec(),
        ..Summary::empty()
    })
}

/// Real steps whose actions come from the network: all except the random ones at the start.
fn decisions(settings: &Settings, context: &Context) -> u64 {
    context.real_steps - settings.update_schedule().random_steps(context.real_steps, context.lanes)
}

/// The stream of the initial weights.
const WEIGHTS: &str = "dqn/weights";

struct Dqn {
    settings: Settings,
    context: Context,
    networks: OnlineAndTarget<QNetwork>,
    replay: Replay,
    acting: ChaCha8Rng,
    sampling: ChaCha8Rng,
    noise: ChaCha8Rng,
    ledger: Ledger,
    update_progress: UpdateProgress,
}

impl Dqn {
    fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        let streams = Streams::new(context.seed);
        let online = settings.network(context, &mut streams.stream(WEIGHTS))?;
        let target = settings.network(context, &mut streams.stream(WEIGHTS))?;
        Ok(Self {
            networks: OnlineAndTarget::new(
                online,
                target,
                &settings.optimizer,
                settings.target_interval,
            )?,
            replay: Replay::new(
                settings.replay_capacity,
                context.lanes,
                settings.priority_exponent,
            )
            .with_stack(context.description.frames),
            acting: streams.stream("dqn/act"),
            sampling: streams.stream("dqn/sample"),
            noise: streams.stream("dqn/noise"),
            ledger: Ledger::default(),
            update_progress: UpdateProgress::default(),
            context: context.clone(),
            settings,
        })
    }

    fn progress(&self) -> f64 {
        self.ledger.progress(self.context.real_steps)
    }

    /// `[B, A]`: the values of the actions. In acting the weights are noisy, if the agent has noise.
    fn values(&mut self, seen: &Observations<'_>, phase: Phase) -> Result<Vec<f32>, AgentError> {
        let noise = (phase == Phase::Acting).then_some(&mut self.noise);
        let outputs = self.networks.online.forward(seen.observations, Pass::Infer, noise)?;
        let outputs = self.context.device.download::<f32>(outputs.tensor())?;
        let values = ReturnEncoding::of(&self.settings).means(&outputs);
        self.ledger.account.phase(phase).flops += 2 * self.networks.online.counter().take();
        Ok(values)
    }

    fn explore(&mut self, seen: &Observations<'_>) -> Result<Vec<usize>, AgentError> {
        if self.ledger.real_steps < self.settings.learning_starts {
            return Ok(uniform_actions(seen, &mut self.acting));
        }
        let values = self.values(seen, Phase::Acting)?;
        let mut actions = best_legal(&values, seen.legal, self.context.description.num_actions);
        let epsilon = self.settings.epsilon(self.progress());
        let random = uniform_actions(seen, &mut self.acting);
        for (action, random) in actions.iter_mut().zip(random) {
            if self.acting.random::<f64>() < epsilon {
                *action = random;
            }
        }
        Ok(actions)
    }

    fn update(&mut self) -> Result<(), AgentError> {
        let timer = self.ledger.account.start();
        self.networks.refresh_target()?;
        let progress = self.progress();
        let beta = linear(self.settings.importance_exponent, 1.0, progress);
        let samples = self.replay.sample(self.settings.batch_size, beta, &mut self.sampling);
        let numbers: Vec<u64> = samples.iter().map(|sample| sample.number).collect();
        let (networks, noise) = (&mut self.networks, &mut self.noise);
        let (settings, context) = (&self.settings, &self.context);
        let result = learner::update(networks, &samples, settings, context, noise, progress)?;
        self.replay.reprioritise(&numbers, &result.errors);
        self.ledger.account.count(Phase::Learning, |cost| {
            cost.updates += 1;
            cost.flops += result.flops;
        });
        self.ledger.account.stop(Phase::Learning, timer);
        let mut losses = result.losses;
        losses.push(priority_error(&result.errors));
        self.ledger.updated(&losses)
    }
}

impl Agent for Dqn {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Evaluate { seed } => {
                Ok(self.explain(seen, seed)?.iter().map(|decision| decision.action).collect())
            }
            Mode::Explore => self.explore(seen),
            Mode::Foretell { seed } => {
                let streams = Streams::new(seed);
                let own = (
                    mem::replace(&mut self.acting, streams.stream("dqn/act")),
                    mem::replace(&mut self.noise, streams.stream("dqn/noise")),
                );
                let actions = self.explore(seen);
                (self.acting, self.noise) = own;
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
        let values = self.values(seen, Phase::Evaluation)?;
        let actions = best_legal(&values, seen.legal, width).into_iter();
        let decisions = actions.zip(values.chunks_exact(width)).map(|(action, values)| Decision {
            action,
            value: Some(values[action]),
            action_values: values.to_vec(),
            ..Decision::default()
        });
        Ok(decisions.collect())
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        self.ledger.real_steps += transitions.len() as u64;
        for mut transition in transitions {
            let clipping = &self.settings.reward_clipping;
            transition.reward = transition.reward.map(|reward| clipping.clip(reward));
            self.replay.push(&transition, &[]);
        }
        Ok(())
    }

    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError> {
        let due = self.update_progress.due(self.settings.update_schedule(), real_steps);
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
            let schedule = self.settings.update_schedule();
            self.update_progress.forget(schedule, self.ledger.real_steps);
        }
        if !start.reset.is_empty() {
            let mut stream = Streams::new(self.context.seed).stream(&start.stream(WEIGHTS));
            let fresh = self.settings.network(&self.context, &mut stream)?;
            self.networks.reset(&fresh, start)?;
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
        Some(self.networks.online.parameters())
    }

    fn save(&self, folder: &Path, previous: Option<&Path>) -> Result<(), AgentError> {
        self.networks.save(folder)?;
        self.replay.save(folder, previous)?;
        self.update_progress.save(folder)?;
        let plain = (&self.acting, &self.sampling, &self.noise, &self.ledger);
        saved::write(&folder.join("state.bin"), &plain)
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        self.replay.load(folder)?;
        self.update_progress = UpdateProgress::load(folder)?;
        (self.acting, self.sampling, self.noise, self.ledger) =
            saved::read(&folder.join("state.bin"))?;
        self.networks.load(folder, self.ledger.updates())
    }
}

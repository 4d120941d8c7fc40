//! Double DQN with n-step returns, a target network and (prioritised) replay (van Hasselt et al. 2016;
//! Sutton and Barto 2018, section 7.1): the model-free baseline of every comparison.

use std::collections::BTreeMap;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_environments::settings::read;
use zerolab_metrics::{Account, Phase, PhaseCost};
use zerolab_models::networks::{NetworkSettings, QNetwork};
use zerolab_models::{Mode as Pass, OptimizerSettings};

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::pace::{LossMeans, Pace};
use crate::random::uniform_actions;
use crate::registry::{Entry, resolve};
use crate::replay::{Replay, Sample};
use crate::saved;
use crate::streams::Streams;
use crate::summary::Summary;
use crate::targets::n_step_return;
use crate::twin::Twin;

/// A DQN's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Discount of one real step, γ.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub discount: f32,
    /// Steps sampled for an update.
    #[schemars(range(min = 1))]
    pub batch_size: usize,
    /// Rewards in a target before it bootstraps, `n`.
    #[schemars(range(min = 1))]
    pub td_steps: usize,
    /// Updates for each real step.
    #[schemars(range(min = 0.0))]
    pub update_ratio: f64,
    /// Real steps of uniformly random actions before learning begins.
    #[schemars(range(min = 1))]
    pub learning_starts: u64,
    /// Updates between two copies of the online network into the target network.
    #[schemars(range(min = 1))]
    pub target_interval: u64,
    /// Transitions kept.
    #[schemars(range(min = 1))]
    pub replay_capacity: usize,
    /// α of prioritised replay; 0 samples uniformly.
    #[schemars(range(min = 0.0))]
    pub priority_exponent: f64,
    /// β of the importance weights at the start; it grows linearly to 1 over the budget.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub importance_exponent: f64,
    /// Chance of a random action at the end of the exploration.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub final_epsilon: f64,
    /// Share of the budget over which the chance of a random action falls from 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub exploration_share: f64,
    /// The network's size.
    pub network: NetworkSettings,
    /// The optimiser.
    pub optimizer: OptimizerSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discount: 0.99,
            batch_size: 64,
            td_steps: 3,
            update_ratio: 0.25,
            learning_starts: 500,
            target_interval: 100,
            replay_capacity: 100_000,
            priority_exponent: 0.0,
            importance_exponent: 0.4,
            final_epsilon: 0.05,
            exploration_share: 0.2,
            network: NetworkSettings::default(),
            optimizer: OptimizerSettings::default(),
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, message: &str| Err((key.to_owned(), message.to_owned()));
        let counts = [
            ("batch_size", self.batch_size as u64),
            ("td_steps", self.td_steps as u64),
            ("learning_starts", self.learning_starts),
            ("target_interval", self.target_interval),
            ("replay_capacity", self.replay_capacity as u64),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return wrong(key, "must be at least 1");
        }
        let shares = [
            ("discount", f64::from(self.discount)),
            ("importance_exponent", self.importance_exponent),
            ("final_epsilon", self.final_epsilon),
            ("exploration_share", self.exploration_share),
        ];
        if let Some((key, value)) = shares.iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return wrong(key, &format!("must be from 0 to 1, not {value}"));
        }
        let from_zero =
            [("update_ratio", self.update_ratio), ("priority_exponent", self.priority_exponent)];
        if let Some((key, value)) =
            from_zero.iter().find(|(_, value)| !(*value >= 0.0 && value.is_finite()))
        {
            return wrong(key, &format!("must be 0 or more, not {value}"));
        }
        self.network.check().map_err(|(key, message)| (format!("network.{key}"), message))?;
        self.optimizer.check().map_err(|(key, message)| (format!("optimizer.{key}"), message))
    }

    fn pace(&self) -> Pace {
        Pace { learning_starts: self.learning_starts, update_ratio: self.update_ratio }
    }

    fn epsilon(&self, progress: f64) -> f64 {
        let left = 1.0 - (progress / self.exploration_share.max(f64::MIN_POSITIVE)).min(1.0);
        self.final_epsilon + (1.0 - self.final_epsilon) * left
    }

    fn network(&self, context: &Context, stream: &mut ChaCha8Rng) -> Result<QNetwork, AgentError> {
        let shape = &context.description.observation_shape;
        Ok(QNetwork::new(
            shape,
            context.description.num_actions,
            self.network.size(shape),
            stream,
            &context.device,
        )?)
    }

    /// FLOPs of one update: the double estimate of the targets is two forward passes, learning one
    /// forward and one backward pass, which counts as two.
    fn update_flops(&self, forward: u64) -> u64 {
        self.batch_size as u64 * 5 * forward
    }
}

/// The line of the registry.
pub const ENTRY: Entry = Entry {
    name: "dqn",
    summary: "double DQN with n-step returns, a target network and replay",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| Ok(Box::new(Dqn::new(read(table)?, context)?)),
    describe: |table, context| describe(&read(table)?, context),
};

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    let network = settings.network(context, &mut Streams::new(0).stream("dqn/weights"))?;
    let forward: u64 = network.parts().iter().map(|part| 2 * part.macs()).sum();
    let pace = settings.pace();
    let updates = pace.due(context.real_steps);
    let acting = PhaseCost { real_steps: context.real_steps, ..PhaseCost::default() };
    let flops = updates * settings.update_flops(forward);
    Ok(Summary {
        parameters: network.parameters().count(),
        acting_parameters: network.parameters().count(),
        flops: BTreeMap::from([
            ("inference".to_owned(), forward),
            ("update".to_owned(), settings.update_flops(forward)),
        ]),
        forecast: BTreeMap::from([
            (Phase::Acting, PhaseCost { flops: forward * decisions(settings, context), ..acting }),
            (Phase::Learning, PhaseCost { updates, flops, ..PhaseCost::default() }),
        ]),
        parts: network.parts().to_vec(),
    })
}

/// Real steps for which the network is asked: all but the random ones at the start.
fn decisions(settings: &Settings, context: &Context) -> u64 {
    context.real_steps - settings.pace().random_steps(context.real_steps, context.lanes)
}

struct Dqn {
    settings: Settings,
    context: Context,
    networks: Twin<QNetwork>,
    replay: Replay,
    acting: ChaCha8Rng,
    sampling: ChaCha8Rng,
    account: Account,
    losses: LossMeans,
    /// Real steps observed.
    real_steps: u64,
}

impl Dqn {
    fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        let streams = Streams::new(context.seed);
        let online = settings.network(context, &mut streams.stream("dqn/weights"))?;
        let target = settings.network(context, &mut streams.stream("dqn/weights"))?;
        Ok(Self {
            networks: Twin::new(online, target, &settings.optimizer, settings.target_interval)?,
            replay: Replay::new(
                settings.replay_capacity,
                context.lanes,
                settings.priority_exponent,
            ),
            acting: streams.stream("dqn/act"),
            sampling: streams.stream("dqn/sample"),
            account: Account::default(),
            losses: LossMeans::default(),
            real_steps: 0,
            context: context.clone(),
            settings,
        })
    }

    fn progress(&self) -> f64 {
        self.real_steps as f64 / self.context.real_steps.max(1) as f64
    }

    /// The legal action of the largest value in each row.
    fn greedy(&mut self, seen: &Observations<'_>, phase: Phase) -> Result<Vec<usize>, AgentError> {
        let values = self.networks.online.forward(seen.observations, Pass::Infer)?;
        let values = self.context.device.download::<f32>(&values)?;
        self.account.phase(phase).flops += 2 * self.networks.online.counter().take();
        let width = self.context.description.num_actions;
        let best = |(values, legal): (&[f32], &[bool])| {
            let legal_actions = (0..width).filter(|&action| legal[action]);
            legal_actions
                .reduce(|best, action| if values[action] > values[best] { action } else { best })
                .unwrap_or(0)
        };
        Ok(values.chunks_exact(width).zip(seen.legal.chunks_exact(width)).map(best).collect())
    }

    /// `[B]`: n-step returns completed by the target network's value of the online network's choice.
    fn targets(&self, samples: &[Sample<'_>]) -> Result<Vec<f32>, AgentError> {
        let length = self.context.observation_len();
        let Settings { td_steps, discount, .. } = self.settings;
        let returns: Vec<_> =
            samples.iter().map(|s| n_step_return(s.episode, s.step, td_steps, discount)).collect();
        let mut observations = Vec::with_capacity(samples.len() * length);
        for (sample, to_come) in samples.iter().zip(&returns) {
            let observation = to_come.bootstrap.map_or(sample.step, |(observation, _)| observation);
            observations.extend_from_slice(sample.episode.observation(observation, length));
        }
        let choices =
            self.networks.online.forward(&observations, Pass::Infer)?.argmax_keepdim(1)?;
        let values =
            self.networks.target.forward(&observations, Pass::Infer)?.gather(&choices, 1)?;
        let values = self.context.device.download::<f32>(&values)?;
        let complete = |(to_come, value): (&crate::targets::Return, &f32)| {
            to_come.rewards + to_come.bootstrap.map_or(0.0, |(_, discount)| discount * value)
        };
        Ok(returns.iter().zip(&values).map(complete).collect())
    }

    fn update(&mut self) -> Result<(), AgentError> {
        let timer = self.account.start();
        self.networks.refresh_target()?;
        let progress = self.progress();
        let count = self.settings.batch_size;
        let beta = self.settings.importance_exponent
            + (1.0 - self.settings.importance_exponent) * progress;
        let samples = self.replay.sample(count, beta, &mut self.sampling);
        let device = &self.context.device;
        let targets = device.upload(self.targets(&samples)?, count)?;
        let target_macs =
            self.networks.online.counter().take() + self.networks.target.counter().take();

        let length = self.context.observation_len();
        let rows = samples.iter().flat_map(|s| s.episode.observation(s.step, length)).copied();
        let actions: Vec<u32> = samples.iter().map(|s| s.episode.actions[s.step]).collect();
        let actions = device.upload(actions, (count, 1))?;
        let values = self.networks.online.forward(&rows.collect::<Vec<_>>(), Pass::Train)?;
        let errors = (values.gather(&actions, 1)?.flatten_all()? - targets)?;
        // Pseudo-Huber: quadratic near 0, linear far off, smooth in between.
        let losses = ((errors.sqr()? + 1.0)?.sqrt()? - 1.0)?;
        let weights: Vec<f32> = samples.iter().map(|sample| sample.weight).collect();
        let objective = (losses * device.upload(weights, count)?)?.mean_all()?;
        let macs = self.networks.online.counter().take();
        let gradient_norm = self.networks.optimizer.step(&objective.backward()?, progress)?;

        let numbers: Vec<u64> = samples.iter().map(|sample| sample.number).collect();
        self.replay.reprioritise(&numbers, &device.download::<f32>(&errors)?);
        self.account.count(Phase::Learning, |cost| {
            cost.updates += 1;
            cost.flops += 2 * (3 * macs + target_macs);
        });
        self.account.stop(Phase::Learning, timer);
        let total = f64::from(objective.to_scalar::<f32>()?);
        self.losses
            .add(&[("total", total), ("gradient_norm", gradient_norm)], self.networks.updates())
    }
}

impl Agent for Dqn {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Evaluate { .. } => self.greedy(seen, Phase::Evaluation),
            Mode::Explore if self.real_steps < self.settings.learning_starts => {
                Ok(uniform_actions(seen, &mut self.acting))
            }
            Mode::Explore => {
                let mut actions = self.greedy(seen, Phase::Acting)?;
                let epsilon = self.settings.epsilon(self.progress());
                let random = uniform_actions(seen, &mut self.acting);
                for (action, random) in actions.iter_mut().zip(random) {
                    if self.acting.random::<f64>() < epsilon {
                        *action = random;
                    }
                }
                Ok(actions)
            }
        }
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        self.real_steps += transitions.len() as u64;
        for transition in &transitions {
            self.replay.push(transition, &[]);
        }
        Ok(())
    }

    fn learn(&mut self, real_steps: u64) -> Result<(), AgentError> {
        while self.networks.updates() < self.settings.pace().due(real_steps) {
            self.update()?;
        }
        Ok(())
    }

    fn updates(&self) -> u64 {
        self.networks.updates()
    }

    fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        self.losses.drain()
    }

    fn account(&mut self) -> &mut Account {
        &mut self.account
    }

    fn save(&self, folder: &Path) -> Result<(), AgentError> {
        self.networks.save(folder)?;
        let plain = (&self.replay, &self.acting, &self.sampling, &self.account, &self.losses);
        saved::write(&folder.join("state.bin"), &(plain, self.real_steps, self.networks.updates()))
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        let (plain, updates);
        (plain, self.real_steps, updates) = saved::read(&folder.join("state.bin"))?;
        (self.replay, self.acting, self.sampling, self.account, self.losses) = plain;
        self.networks.load(folder, updates)
    }
}

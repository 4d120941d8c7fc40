//! The cross-entropy method (Rubinstein 1999; Mannor, Rubinstein & Gat 2003): a search over the parameters of a
//! policy, with noise that keeps it from stopping too early (Szita & Lőrincz 2006).
//!
//! Each generation of candidates is drawn from a normal distribution of each parameter. Every candidate plays whole
//! episodes. The best candidates give the mean and the standard deviation of the next generation. The search uses the
//! returns of whole policies only. So it also finds the best policy where the rewards depend on the policy itself, for
//! example on a prediction of it, and where the best policy is a mixed one.
//!
//! It has no value function: an episode that was cut off counts as one that ended.

mod generation;
mod policy;
mod search;
mod settings;

use std::collections::BTreeMap;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_metrics::{Phase, PhaseCost};
use zerolab_models::Parameters;
use zerolab_settings::read;

pub use settings::Settings;

use crate::agent::{Agent, AgentError, Context, Mode, Observations, Transition};
use crate::agent_entry::{AgentEntry, resolve};
use crate::decision::{Decision, probabilities};
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::phase_start::PhaseStart;
use crate::ppo::policy::draw;
use crate::saved;
use crate::streams::Streams;
use crate::summary::Summary;
use crate::update_schedule::linear;
use policy::PolicyShape;
use search::Search;

/// The entry of the registry.
pub const ENTRY: AgentEntry = AgentEntry {
    name: "cem",
    summary: "searches the parameters of a policy by the returns of whole episodes: cross-entropy method",
    resolve: |table| resolve(table, Settings::check),
    schema: || schemars::schema_for!(Settings),
    make: |table, context| Ok(Box::new(Cem::new(read(table)?, context)?)),
    describe: |table, context| describe(&read(table)?, context),
};

/// It supports one player and no hidden rewards: a return is the sum of all rewards of one player.
fn check(context: &Context) -> Result<(), AgentError> {
    context.check_players(1, ENTRY.name)?;
    context.check_rewards_shown(ENTRY.name)
}

fn describe(settings: &Settings, context: &Context) -> Result<Summary, AgentError> {
    check(context)?;
    let part = PolicyShape::new(settings, context).part();
    let (parameters, forward) = (part.parameters(), 2 * part.macs());
    let update = update_flops(settings, parameters);
    let updates = context.real_steps / settings.generation_episodes() as u64;
    let (acting, learning) = (PhaseCost::default(), PhaseCost::default());
    let real_steps = context.real_steps;
    Ok(Summary {
        parameters,
        acting_parameters: parameters,
        flops: BTreeMap::from([("inference".to_owned(), forward), ("update".to_owned(), update)]),
        forecast: BTreeMap::from([
            (Phase::Acting, PhaseCost { real_steps, flops: forward * real_steps, ..acting }),
            (Phase::Learning, PhaseCost { updates, flops: update * updates, ..learning }),
        ]),
        memory: Memory::default().copies("population", parameters, settings.population).into_map(),
        parts: vec![part],
        prevents_updates: (updates == 0).then(|| settings.larger_factor().to_owned()),
        ..Summary::empty()
    })
}

/// A multiply–add for each candidate's parameter, to draw it, and two for each of the best candidates', to fit mean and
/// variance.
fn update_flops(settings: &Settings, parameters: u64) -> u64 {
    2 * parameters * (settings.population + 2 * settings.elites()) as u64
}

struct Cem {
    settings: Settings,
    context: Context,
    shape: PolicyShape,
    /// FLOPs of the logits of one observation.
    forward_flops: u64,
    /// The mean of the distribution: the policy of evaluations.
    mean: Parameters,
    search: Search,
    acting: ChaCha8Rng,
    ledger: Ledger,
}

impl Cem {
    fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        check(context)?;
        let shape = PolicyShape::new(&settings, context);
        let part = shape.part();
        let count = part.parameters() as usize;
        let (mean, deviation) = (vec![0.0; count], vec![settings.initial_deviation as f32; count]);
        let streams = Streams::new(context.seed);
        let drawing = streams.stream("cem/candidates");
        Ok(Self {
            mean: shape.tensors(&mean)?,
            forward_flops: 2 * part.macs(),
            shape,
            search: Search::begin(&settings, &mean, deviation, context.lanes, drawing),
            acting: streams.stream("cem/act"),
            ledger: Ledger::default(),
            context: context.clone(),
            settings,
        })
    }

    /// The logits `[A]` of each row by the candidate in its lane: rows are lanes in order.
    fn candidate_logits(&mut self, seen: &Observations<'_>) -> Result<Vec<Vec<f32>>, AgentError> {
        self.count_forward(Phase::Acting, seen);
        let mean = self.mean.numbers()?;
        let candidates = self.search.candidates();
        Ok(self.logits(seen, candidates.map(|candidate| candidate.unwrap_or(&mean))))
    }

    /// The logits `[A]` of each row by the policy with its parameters, `[P]`.
    fn logits<'a>(
        &self,
        seen: &Observations<'_>,
        policies: impl Iterator<Item = &'a [f32]>,
    ) -> Vec<Vec<f32>> {
        let rows = seen.observations.chunks(self.context.observation_len().max(1));
        rows.zip(policies).map(|(row, policy)| self.shape.logits(policy, row)).collect()
    }

    /// Counts the computation of the logits of a batch.
    fn count_forward(&mut self, phase: Phase, seen: &Observations<'_>) {
        let flops = self.forward_flops * seen.rows() as u64;
        self.ledger.account.phase(phase).flops += flops;
    }

    /// Fits the distribution to the best candidates of the finished generation, and draws the next one.
    fn update(&mut self) -> Result<(), AgentError> {
        let timer = self.ledger.account.start();
        let progress = self.ledger.progress(self.context.real_steps).min(1.0);
        let noise = linear(self.settings.noise, 0.0, progress);
        let fit = self.search.next_generation(&self.settings, noise as f32);
        self.mean.copy_from(&self.shape.tensors(&fit.mean)?)?;
        let flops = update_flops(&self.settings, fit.mean.len() as u64);
        self.ledger.account.count(Phase::Learning, |cost| {
            cost.updates += 1;
            cost.flops += flops;
        });
        self.ledger.account.stop(Phase::Learning, timer);
        self.ledger.updated(&[
            ("mean_return", fit.mean_return),
            ("elite_return", fit.elite_return),
            ("deviation", mean(&fit.deviation)),
        ])
    }
}

fn mean(numbers: &[f32]) -> f64 {
    numbers.iter().copied().map(f64::from).sum::<f64>() / numbers.len() as f64
}

/// A random action of each row, by the policy with these logits.
fn draw_actions(
    logits: &[Vec<f32>],
    seen: &Observations<'_>,
    stream: &mut ChaCha8Rng,
) -> Vec<usize> {
    let rows = logits.iter().zip(legal_rows(seen));
    rows.map(|(logits, legal)| draw(logits, legal, stream).0).collect()
}

/// `[A]` of each row: which actions are legal.
fn legal_rows<'a>(seen: &Observations<'a>) -> impl Iterator<Item = &'a [bool]> {
    let num_actions = seen.legal.len() / seen.rows().max(1);
    seen.legal.chunks(num_actions.max(1))
}

impl Agent for Cem {
    fn act(&mut self, seen: &Observations<'_>, mode: Mode) -> Result<Vec<usize>, AgentError> {
        match mode {
            Mode::Explore => {
                let logits = self.candidate_logits(seen)?;
                Ok(draw_actions(&logits, seen, &mut self.acting))
            }
            Mode::Foretell { seed } => {
                let logits = self.candidate_logits(seen)?;
                Ok(draw_actions(&logits, seen, &mut ChaCha8Rng::seed_from_u64(seed)))
            }
            Mode::Evaluate { seed } => {
                Ok(self.explain(seen, seed)?.iter().map(|decision| decision.action).collect())
            }
        }
    }

    fn explain(&mut self, seen: &Observations<'_>, seed: u64) -> Result<Vec<Decision>, AgentError> {
        let mean = self.mean.numbers()?;
        let logits = self.logits(seen, std::iter::repeat(mean.as_slice()));
        self.count_forward(Phase::Evaluation, seen);
        let actions = draw_actions(&logits, seen, &mut ChaCha8Rng::seed_from_u64(seed));
        let rows = actions.into_iter().zip(&logits).zip(legal_rows(seen));
        let decision = |((action, logits), legal): ((usize, &Vec<f32>), &[bool])| Decision {
            action,
            policy: probabilities(logits, legal),
            ..Decision::default()
        };
        Ok(rows.map(decision).collect())
    }

    fn observe(&mut self, transitions: Vec<Transition>) -> Result<(), AgentError> {
        self.ledger.real_steps += transitions.len() as u64;
        transitions.iter().try_for_each(|transition| self.search.add(transition))
    }

    fn learn(&mut self, _: u64) -> Result<(), AgentError> {
        if self.search.is_generation_finished() {
            self.update()?;
        }
        self.search.begin_episodes();
        Ok(())
    }

    fn begin_phase(&mut self, start: &PhaseStart) -> Result<(), AgentError> {
        let mut mean = self.mean.numbers()?;
        let reset = self.shape.ranges().filter(|(name, _)| start.resets(name));
        for (_, range) in reset {
            mean[range.clone()].fill(0.0);
            self.search.deviation[range].fill(self.settings.initial_deviation as f32);
        }
        self.mean.copy_from(&self.shape.tensors(&mean)?)?;
        self.search.begin_anew(&self.settings, &mean);
        Ok(())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn weights(&self) -> Option<&Parameters> {
        Some(&self.mean)
    }

    fn save(&self, folder: &Path, _: Option<&Path>) -> Result<(), AgentError> {
        saved::tensors(&folder.join(MEAN), |path| self.mean.save(path))?;
        saved::write(&folder.join("state.bin"), &(&self.search, &self.acting, &self.ledger))
    }

    fn load(&mut self, folder: &Path) -> Result<(), AgentError> {
        (self.search, self.acting, self.ledger) = saved::read(&folder.join("state.bin"))?;
        saved::tensors(&folder.join(MEAN), |path| self.mean.load(path))
    }
}

const MEAN: &str = "mean.safetensors";

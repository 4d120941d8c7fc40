//! SGD with momentum and Adam, with weight decay, whose state can be saved.
//!
//! Candle's SGD has neither momentum nor decay, and its AdamW keeps its moments to itself.

use std::collections::HashMap;
use std::path::Path;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::ops::{self, BETAS, Step};
use crate::parameters::Parameters;

/// Which rule turns gradients into steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// `v ← μ v + g`, `p ← p - lr v`, as PyTorch's SGD.
    Sgd,
    /// Kingma and Ba 2015, β = (0.9, 0.999).
    Adam,
}

/// How the step size falls over the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Along half a cosine.
    #[default]
    Cosine,
    /// Along a straight line.
    Linear,
}

/// An optimiser's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerSettings {
    /// The rule.
    pub kind: OptimizerKind,
    /// Step size at the start.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub learning_rate: f64,
    /// Updates over which the step size grows linearly from 0.
    pub warmup_updates: u64,
    /// Along what the step size falls.
    pub schedule: Schedule,
    /// Share of the initial step size that is left at the end of the budget.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub final_learning_rate_fraction: f64,
    /// Momentum of SGD.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub momentum: f64,
    /// Added to Adam's denominator.
    pub epsilon: f64,
    /// `g ← g + weight_decay · p`, on all parameters.
    #[schemars(range(min = 0.0))]
    pub weight_decay: f64,
    /// Gradients are scaled down to this global norm where they are larger.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub max_gradient_norm: f64,
}

impl Default for OptimizerSettings {
    fn default() -> Self {
        Self {
            kind: OptimizerKind::Adam,
            learning_rate: 1e-3,
            warmup_updates: 0,
            schedule: Schedule::Cosine,
            final_learning_rate_fraction: 1.0,
            momentum: 0.9,
            epsilon: 1e-8,
            weight_decay: 0.0,
            max_gradient_norm: 5.0,
        }
    }
}

impl OptimizerSettings {
    /// Looks at the ranges.
    ///
    /// # Errors
    /// The key and what is wrong with it.
    pub fn check(&self) -> std::result::Result<(), (&'static str, String)> {
        let positive = |key, value: f64| {
            if value > 0.0 && value.is_finite() {
                Ok(())
            } else {
                Err((key, format!("must be above 0, not {value}")))
            }
        };
        let share = |key, value: f64| {
            if (0.0..=1.0).contains(&value) {
                Ok(())
            } else {
                Err((key, format!("must be from 0 to 1, not {value}")))
            }
        };
        positive("learning_rate", self.learning_rate)?;
        positive("max_gradient_norm", self.max_gradient_norm)?;
        positive("epsilon", self.epsilon)?;
        share("final_learning_rate_fraction", self.final_learning_rate_fraction)?;
        share("momentum", self.momentum)?;
        share("weight_decay", self.weight_decay)
    }

    /// The step size of update `update` (from 0), when `progress` of the budget (0 to 1) is spent.
    #[must_use]
    pub fn learning_rate_at(&self, update: u64, progress: f64) -> f64 {
        let warmup = if update < self.warmup_updates {
            (update + 1) as f64 / self.warmup_updates as f64
        } else {
            1.0
        };
        let progress = progress.clamp(0.0, 1.0);
        let share = match self.schedule {
            Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            Schedule::Linear => 1.0 - progress,
        };
        let left =
            self.final_learning_rate_fraction + (1.0 - self.final_learning_rate_fraction) * share;
        self.learning_rate * warmup * left
    }
}

/// An optimiser at work on one network.
#[derive(Debug)]
pub struct Optimizer {
    settings: OptimizerSettings,
    device: Device,
    parameters: Vec<(String, Var)>,
    /// Of each parameter: the momentum, or Adam's first moment.
    first: Vec<Var>,
    /// Of each parameter: Adam's second moment.
    second: Vec<Var>,
    updates: u64,
}

impl Optimizer {
    /// An optimiser of all trained numbers of `parameters`.
    ///
    /// # Errors
    /// If there is not memory enough.
    pub fn new(settings: OptimizerSettings, parameters: &Parameters) -> Result<Self> {
        let (device, parameters) = (parameters.device().clone(), parameters.trained().to_vec());
        let zeros = || {
            parameters
                .iter()
                .map(|(_, var)| Var::from_tensor(&var.zeros_like()?))
                .collect::<Result<_>>()
        };
        let first = zeros()?;
        let second = if settings.kind == OptimizerKind::Adam { zeros()? } else { Vec::new() };
        Ok(Self { settings, device, parameters, first, second, updates: 0 })
    }

    /// Gradient steps taken.
    #[must_use]
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Takes one step along `gradients`, when `progress` of the budget is spent. Returns the global norm
    /// of the gradients before clipping.
    ///
    /// # Errors
    /// If a trained tensor has no gradient: then a part of the network is not connected to the loss.
    pub fn step(&mut self, gradients: &GradStore, progress: f64) -> Result<f64> {
        let mut ordered = Vec::with_capacity(self.parameters.len());
        for (name, var) in &self.parameters {
            match gradients.get(var) {
                Some(gradient) => ordered.push(gradient.contiguous()?),
                None => bail!("no gradient reaches `{name}`"),
            }
        }
        let norm = ops::global_norm(&self.device, &ordered)?;
        let clip = (self.settings.max_gradient_norm / norm.max(1e-12)).min(1.0) as f32;
        let step = Step {
            clip,
            decay: self.settings.weight_decay as f32,
            rate: self.settings.learning_rate_at(self.updates, progress) as f32,
        };
        self.updates += 1;
        for (index, gradient) in ordered.iter().enumerate() {
            let (var, first) = (&self.parameters[index].1, &self.first[index]);
            match self.settings.kind {
                OptimizerKind::Sgd => {
                    let momentum = self.settings.momentum as f32;
                    let [moved, velocity] =
                        ops::momentum_step([gradient, var, first], momentum, step)?;
                    var.set(&moved)?;
                    first.set(&velocity)?;
                }
                OptimizerKind::Adam => {
                    let left = |beta: f64| (1.0 - beta.powf(self.updates as f64)) as f32;
                    let corrections = (left(BETAS.0), left(BETAS.1));
                    let (second, epsilon) = (&self.second[index], self.settings.epsilon as f32);
                    let tensors = [gradient, var.as_tensor(), first, second];
                    let [moved, mean, square] =
                        ops::adam_step(tensors, epsilon, corrections, step)?;
                    var.set(&moved)?;
                    first.set(&mean)?;
                    second.set(&square)?;
                }
            }
        }
        Ok(norm)
    }

    /// Writes the moments to a safetensors file; the count of updates is the caller's to keep.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let tensors: HashMap<String, Tensor> =
            self.named_moments().map(|(name, var)| (name, var.as_tensor().clone())).collect();
        candle_core::safetensors::save(&tensors, path)
    }

    /// Reads what [`Optimizer::save`] wrote, after `updates` updates.
    ///
    /// # Errors
    /// If the file cannot be read or belongs to another network.
    pub fn load(&mut self, path: &Path, updates: u64) -> Result<()> {
        let tensors = self.device.read(path)?;
        self.named_moments().try_for_each(|(name, var)| var.set(tensors.get(&name)?))?;
        self.updates = updates;
        Ok(())
    }

    fn named_moments(&self) -> impl Iterator<Item = (String, &Var)> {
        let names = || self.parameters.iter().map(|(name, _)| name);
        let first = names().zip(&self.first).map(|(name, var)| (format!("first.{name}"), var));
        first.chain(names().zip(&self.second).map(|(name, var)| (format!("second.{name}"), var)))
    }
}

//! SGD with momentum and Adam, with weight decay. Their state can be saved.
//!
//! Candle's SGD has neither momentum nor weight decay, and its AdamW gives no access to its moments.

use std::collections::HashMap;
use std::path::Path;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;
use zerolab_settings::range::{positive, share};

use crate::device::Device;
use crate::ops::{self, BETAS, StepFactors};
use crate::parameters::Parameters;

/// The rule that turns gradients into steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// `v ← μ v + g`, `p ← p - lr v`, as PyTorch's SGD does.
    Sgd,
    /// Kingma and Ba 2015, β = (0.9, 0.999).
    Adam,
}

/// The decay of the step size over the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Along half a cosine.
    #[default]
    Cosine,
    /// Along a straight line.
    Linear,
}

/// An optimizer's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerSettings {
    /// The rule that turns gradients into steps.
    pub kind: OptimizerKind,
    /// Step size at the start.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub learning_rate: f64,
    /// Updates over which the step size grows linearly from 0.
    pub warmup_updates: u64,
    /// Decay of the step size over the budget.
    pub schedule: Schedule,
    /// Step size at the end of the budget, as a fraction of the initial one.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub final_learning_rate_fraction: f64,
    /// Momentum of SGD.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub momentum: f64,
    /// Added to Adam's denominator.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub epsilon: f64,
    /// `g ← g + weight_decay · p`, on all parameters.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight_decay: f64,
    /// Gradients of a larger global norm are scaled down to this norm.
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
    /// Checks the ranges of the settings.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self) -> std::result::Result<(), SettingsError> {
        positive("learning_rate", self.learning_rate)?;
        positive("max_gradient_norm", self.max_gradient_norm)?;
        positive("epsilon", self.epsilon)?;
        share("final_learning_rate_fraction", self.final_learning_rate_fraction)?;
        share("momentum", self.momentum)?;
        share("weight_decay", self.weight_decay)
    }

    /// The step size of update `update` (from 0) at `progress` (0 to 1) through the budget.
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

/// The optimizer of one network.
#[derive(Debug)]
pub struct Optimizer {
    settings: OptimizerSettings,
    device: Device,
    parameters: Vec<(String, Var)>,
    /// Momentum or Adam's first moment, for each parameter.
    first: Vec<Var>,
    /// Adam's second moment, for each parameter.
    second: Vec<Var>,
    updates: u64,
}

impl Optimizer {
    /// An optimizer of all trained weights of `parameters`.
    ///
    /// # Errors
    /// If the device is out of memory.
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

    /// Number of steps taken.
    #[must_use]
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Takes one step down `gradients` at `progress` (0 to 1) through the budget. Returns the global norm of
    /// the gradients before clipping.
    ///
    /// # Errors
    /// If a trained weight has no gradient, because the loss does not depend on it.
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
        let step = StepFactors {
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
                    let correction = |beta: f64| (1.0 - beta.powf(self.updates as f64)) as f32;
                    let corrections = (correction(BETAS.0), correction(BETAS.1));
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

    /// Sets the moments of the weights whose names are `chosen` to 0.
    ///
    /// # Errors
    /// If the device fails.
    pub fn clear(&mut self, chosen: impl Fn(&str) -> bool) -> Result<()> {
        for (index, (name, _)) in self.parameters.iter().enumerate() {
            if chosen(name) {
                let mut moments = self.first.get(index).into_iter().chain(self.second.get(index));
                moments.try_for_each(|moment| moment.set(&moment.zeros_like()?))?;
            }
        }
        Ok(())
    }

    /// Writes the moments to a safetensors file. The caller keeps [`Optimizer::updates`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let tensors: HashMap<String, Tensor> =
            self.named_moments().map(|(name, var)| (name, var.as_tensor().clone())).collect();
        candle_core::safetensors::save(&tensors, path)
    }

    /// Reads a file that [`Optimizer::save`] wrote after `updates` updates.
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

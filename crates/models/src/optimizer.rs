//! SGD with momentum and Adam, with weight decay, whose state can be saved.
//!
//! Candle's SGD has neither momentum nor decay, and its AdamW keeps its moments to itself.

use std::collections::HashMap;
use std::path::Path;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Device, InplaceOp2, Layout, Result, Tensor, Var, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ops::read;
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
    /// Share of the initial step size that is left at the end of the budget; it falls along a cosine.
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
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress.clamp(0.0, 1.0)).cos());
        let left =
            self.final_learning_rate_fraction + (1.0 - self.final_learning_rate_fraction) * cosine;
        self.learning_rate * warmup * left
    }
}

const BETAS: (f64, f64) = (0.9, 0.999);

/// An optimiser at work on one network.
#[derive(Debug)]
pub struct Optimizer {
    settings: OptimizerSettings,
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
        let parameters = parameters.trained().to_vec();
        let zeros = || {
            parameters
                .iter()
                .map(|(_, var)| Var::from_tensor(&var.zeros_like()?))
                .collect::<Result<_>>()
        };
        let first = zeros()?;
        let second = if settings.kind == OptimizerKind::Adam { zeros()? } else { Vec::new() };
        Ok(Self { settings, parameters, first, second, updates: 0 })
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
        let norm = global_norm(&ordered)?;
        let clip = (self.settings.max_gradient_norm / norm.max(1e-12)).min(1.0) as f32;
        let learning_rate = self.settings.learning_rate_at(self.updates, progress);
        self.updates += 1;
        for (index, gradient) in ordered.iter().enumerate() {
            let var = &self.parameters[index].1;
            let gradient = Gradient {
                clip,
                decay: self.settings.weight_decay as f32,
                values: gradient,
                of: var,
            };
            let step = match self.settings.kind {
                OptimizerKind::Sgd => {
                    gradient.momentum_step(&self.first[index], self.settings.momentum)?
                }
                OptimizerKind::Adam => {
                    let corrections = (
                        1.0 - BETAS.0.powf(self.updates as f64),
                        1.0 - BETAS.1.powf(self.updates as f64),
                    );
                    let moments = (&self.first[index], &self.second[index]);
                    gradient.adam_step(moments, corrections, self.settings.epsilon)?
                }
            };
            var.inplace_op2(&step, &Descend { rate: learning_rate as f32 })?;
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
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)?;
        for (name, var) in self.named_moments() {
            match tensors.get(&name) {
                Some(tensor) => var.set(tensor)?,
                None => bail!("{}: no tensor `{name}`", path.display()),
            }
        }
        self.updates = updates;
        Ok(())
    }

    fn named_moments(&self) -> impl Iterator<Item = (String, &Var)> {
        let names = || self.parameters.iter().map(|(name, _)| name);
        let first = names().zip(&self.first).map(|(name, var)| (format!("first.{name}"), var));
        first.chain(names().zip(&self.second).map(|(name, var)| (format!("second.{name}"), var)))
    }
}

fn global_norm(gradients: &[Tensor]) -> Result<f64> {
    let mut squares = 0.0;
    for gradient in gradients {
        squares +=
            read([gradient], |[g]| g.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>())?;
    }
    Ok(squares.sqrt())
}

/// A parameter's gradient, to be clipped and joined by the decay.
struct Gradient<'a> {
    clip: f32,
    decay: f32,
    values: &'a Tensor,
    of: &'a Var,
}

impl Gradient<'_> {
    fn momentum_step(&self, velocity: &Var, momentum: f64) -> Result<Tensor> {
        let momentum = momentum as f32;
        let moved = read([self.values, self.of, velocity], |[g, p, v]| -> Vec<f32> {
            let step =
                |((g, p), v): ((&f32, &f32), &f32)| momentum * v + self.clip * g + self.decay * p;
            g.iter().zip(p).zip(v).map(step).collect()
        })?;
        velocity.set(&Tensor::from_vec(moved, velocity.shape(), velocity.device())?)?;
        Ok(velocity.as_detached_tensor())
    }

    fn adam_step(
        &self,
        (first, second): (&Var, &Var),
        corrections: (f64, f64),
        epsilon: f64,
    ) -> Result<Tensor> {
        let (beta1, beta2) = (BETAS.0 as f32, BETAS.1 as f32);
        let (correct1, correct2) = (corrections.0 as f32, corrections.1 as f32);
        let epsilon = epsilon as f32;
        let count = self.of.elem_count();
        let (mut m_new, mut v_new) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut step = Vec::with_capacity(count);
        read([self.values, self.of, first, second], |[g, p, m, v]| {
            for (((g, p), m), v) in g.iter().zip(p).zip(m).zip(v) {
                let g = self.clip * g + self.decay * p;
                let m = beta1 * m + (1.0 - beta1) * g;
                let v = beta2 * v + (1.0 - beta2) * g * g;
                step.push(m / correct1 / ((v / correct2).sqrt() + epsilon));
                m_new.push(m);
                v_new.push(v);
            }
        })?;
        first.set(&Tensor::from_vec(m_new, first.shape(), first.device())?)?;
        second.set(&Tensor::from_vec(v_new, second.shape(), second.device())?)?;
        Tensor::from_vec(step, self.of.shape(), self.of.device())
    }
}

/// `p ← p - rate · step`.
struct Descend {
    rate: f32,
}

impl InplaceOp2 for Descend {
    fn name(&self) -> &'static str {
        "descend"
    }

    fn cpu_fwd(
        &self,
        parameters: &mut CpuStorage,
        layout: &Layout,
        step: &CpuStorage,
        step_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(parameters), CpuStorage::F32(step)) = (parameters, step) else {
            bail!("this operation takes f32 numbers")
        };
        let (Some((from, to)), Some((step_from, step_to))) =
            (layout.contiguous_offsets(), step_layout.contiguous_offsets())
        else {
            bail!("this operation takes contiguous tensors")
        };
        for (parameter, step) in parameters[from..to].iter_mut().zip(&step[step_from..step_to]) {
            *parameter -= self.rate * step;
        }
        Ok(())
    }
}

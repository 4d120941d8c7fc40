//! The trainable numbers of a network, how they are drawn, and the count of what is done with them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::{Result, Tensor, Var, bail};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::describe::{Layer, Part};
use crate::device::{Device, Precision};
use crate::networks::Inventory;
use crate::normalisation::Normalization;

/// Counts the multiply–accumulates of the layers that are actually run.
#[derive(Clone, Debug, Default)]
pub struct MacCounter(Arc<AtomicU64>);

impl MacCounter {
    /// Counts so many more.
    pub fn add(&self, macs: u64) {
        self.0.fetch_add(macs, Ordering::Relaxed);
    }

    /// Counts from nothing again: what was asked for in vain, in a recording that failed, is not counted.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// The count since the last call.
    #[must_use]
    pub fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// A trainable tensor, and the same numbers seen without gradient.
#[derive(Clone, Debug)]
pub(crate) struct Weight {
    variable: Var,
    frozen: Tensor,
}

impl Weight {
    pub(crate) fn tensor(&self, with_gradient: bool) -> &Tensor {
        if with_gradient { self.variable.as_tensor() } else { &self.frozen }
    }
}

/// The named numbers of a network: those that are trained, and the running statistics beside them.
#[derive(Clone, Debug)]
pub struct Parameters {
    device: Device,
    trained: Vec<(String, Var)>,
    statistics: Vec<(String, Var)>,
}

impl Parameters {
    /// The trained tensors with their names, in the order they were made.
    #[must_use]
    pub fn trained(&self) -> &[(String, Var)] {
        &self.trained
    }

    /// Where they are.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How many numbers are trained.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.trained.iter().map(|(_, var)| var.elem_count() as u64).sum()
    }

    fn all(&self) -> impl Iterator<Item = &(String, Var)> {
        self.trained.iter().chain(&self.statistics)
    }

    /// Takes over the numbers of `other`, a network of the same shape.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn copy_from(&self, other: &Self) -> Result<()> {
        for ((name, var), (other_name, from)) in self.all().zip(other.all()) {
            if name != other_name {
                bail!("cannot copy {other_name} into {name}: the networks differ");
            }
            var.set(from.as_tensor())?;
        }
        Ok(())
    }

    /// Writes all numbers to a safetensors file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let tensors: HashMap<&str, Tensor> =
            self.all().map(|(name, var)| (name.as_str(), var.as_tensor().clone())).collect();
        candle_core::safetensors::save(&tensors, path)
    }

    /// Reads what [`Parameters::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read or lacks a tensor of this network.
    pub fn load(&self, path: &Path) -> Result<()> {
        let tensors = self.device.read(path)?;
        self.all().try_for_each(|(name, var)| var.set(tensors.get(name)?))
    }
}

/// What is alike in all layers of a network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Of layers over the cells.
    pub(crate) normalization: Normalization,
    /// Of layers with one row a sample.
    pub(crate) head_normalization: Normalization,
    /// How much of a batch's moments becomes part of the running ones.
    pub(crate) momentum: f32,
    pub(crate) precision: Precision,
}

/// Makes the layers of networks: draws their weights, keeps their names, writes down what they are.
pub(crate) struct Builder<'a> {
    stream: &'a mut ChaCha8Rng,
    style: Style,
    prefix: String,
    parameters: Parameters,
    counter: MacCounter,
    parts: Vec<Part>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(stream: &'a mut ChaCha8Rng, style: Style, device: &Device) -> Self {
        let device = device.clone();
        Self {
            stream,
            style,
            prefix: String::new(),
            parameters: Parameters { device, trained: Vec::new(), statistics: Vec::new() },
            counter: MacCounter::default(),
            parts: Vec::new(),
        }
    }

    /// What was made.
    pub(crate) fn finish(self) -> Inventory {
        let Self { parameters, counter, parts, .. } = self;
        Inventory { parameters, counter, parts }
    }

    /// What the networks normalise by, and in what precision their trunks compute.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    pub(crate) fn device(&self) -> &Device {
        &self.parameters.device
    }

    pub(crate) fn counter(&self) -> MacCounter {
        self.counter.clone()
    }

    /// Begins a new part: the layers that follow belong to it.
    pub(crate) fn part(&mut self, name: &str) {
        self.prefix = name.to_owned();
        self.parts.push(Part { name: name.to_owned(), layers: Vec::new() });
    }

    /// Writes down a layer that was just made.
    pub(crate) fn describe(
        &mut self,
        name: &str,
        output_shape: Vec<usize>,
        parameters: usize,
        macs: usize,
    ) {
        if let Some(part) = self.parts.last_mut() {
            let name = format!("{}.{name}", part.name);
            part.layers.push(Layer {
                name,
                output_shape,
                parameters: parameters as u64,
                macs: macs as u64,
            });
        }
    }

    /// Uniform in ±`bound`: PyTorch's default with `bound = 1/√fan_in`; zeros where `bound` is 0.
    pub(crate) fn uniform(&mut self, name: &str, shape: &[usize], bound: f64) -> Result<Weight> {
        let count = shape.iter().product();
        let mut draw = || ((self.stream.random::<f64>() * 2.0 - 1.0) * bound) as f32;
        let values: Vec<f32> = (0..count).map(|_| draw()).collect();
        self.weight(name, values, shape)
    }

    /// The same number everywhere.
    pub(crate) fn constant(&mut self, name: &str, shape: &[usize], value: f32) -> Result<Weight> {
        self.weight(name, vec![value; shape.iter().product()], shape)
    }

    fn weight(&mut self, name: &str, values: Vec<f32>, shape: &[usize]) -> Result<Weight> {
        let variable = Var::from_tensor(&self.device().upload(values, shape)?)?;
        self.parameters.trained.push((format!("{}.{name}", self.prefix), variable.clone()));
        Ok(Weight { frozen: variable.as_detached_tensor(), variable })
    }

    /// A tensor that is kept and saved but not trained.
    pub(crate) fn statistic(&mut self, name: &str, values: Vec<f32>) -> Result<Var> {
        let length = values.len();
        let variable = Var::from_tensor(&self.device().upload(values, length)?)?;
        self.parameters.statistics.push((format!("{}.{name}", self.prefix), variable.clone()));
        Ok(variable)
    }
}

//! The named tensors of a network, and the counter of its multiply–accumulates.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::{Result, Tensor, Var, bail};

use crate::device::Device;
use crate::layers::ForwardMode;
use crate::traced::Traced;

/// Counts the multiply–accumulates of the layers that are computed.
#[derive(Clone, Debug, Default)]
pub struct MacCounter(Arc<AtomicU64>);

impl MacCounter {
    /// Adds to the count.
    pub fn add(&self, macs: u64) {
        self.0.fetch_add(macs, Ordering::Relaxed);
    }

    /// Sets the count to 0. A recording that failed was counted but not computed.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// The count since the last call, which resets it.
    #[must_use]
    pub fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// A trained tensor, and the same numbers without gradient.
#[derive(Clone, Debug)]
pub(crate) struct Weight {
    trained: Traced,
    frozen: Traced,
}

impl Weight {
    pub(crate) fn new(variable: &Var) -> Self {
        let frozen = Traced::constant(variable.as_detached_tensor());
        Self { frozen, trained: Traced::parameter(variable) }
    }

    /// The weight, with a gradient in learning.
    pub(crate) fn of(&self, mode: ForwardMode) -> &Traced {
        if mode.with_gradient() { &self.trained } else { &self.frozen }
    }

    /// The numbers.
    pub(crate) fn tensor(&self) -> &Tensor {
        self.frozen.tensor()
    }
}

/// The named tensors of a network: trained weights and running statistics.
#[derive(Clone, Debug)]
pub struct Parameters {
    device: Device,
    trained: Vec<(String, Var)>,
    statistics: Vec<(String, Var)>,
}

impl Parameters {
    pub(crate) fn empty(device: Device) -> Self {
        Self { device, trained: Vec::new(), statistics: Vec::new() }
    }

    /// Trained tensors with these names, shapes and numbers, for a policy that has none of the networks of this crate.
    ///
    /// # Errors
    /// If the numbers do not fit a shape, or the device is out of memory.
    pub fn from_numbers(
        device: &Device,
        tensors: impl IntoIterator<Item = (String, Vec<usize>, Vec<f32>)>,
    ) -> Result<Self> {
        let mut parameters = Self::empty(device.clone());
        for (name, shape, numbers) in tensors {
            let variable = Var::from_tensor(&device.upload(numbers, shape)?)?;
            parameters.add_trained(name, variable);
        }
        Ok(parameters)
    }

    /// The numbers of all trained tensors, in their order.
    ///
    /// # Errors
    /// If the device fails.
    pub fn numbers(&self) -> Result<Vec<f32>> {
        let mut numbers = Vec::new();
        for (_, variable) in &self.trained {
            numbers.extend(self.device.download::<f32>(variable.as_tensor())?);
        }
        Ok(numbers)
    }

    pub(crate) fn add_trained(&mut self, name: String, variable: Var) {
        self.trained.push((name, variable));
    }

    pub(crate) fn add_statistic(&mut self, name: String, variable: Var) {
        self.statistics.push((name, variable));
    }

    /// The trained tensors with their names, in the order in which the layers were made.
    #[must_use]
    pub fn trained(&self) -> &[(String, Var)] {
        &self.trained
    }

    /// The device that holds the tensors.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Number of trained weights.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.trained.iter().map(|(_, var)| var.elem_count() as u64).sum()
    }

    fn all(&self) -> impl Iterator<Item = &(String, Var)> {
        self.trained.iter().chain(&self.statistics)
    }

    /// Copies all tensors from `other`, the parameters of a network of the same design.
    ///
    /// # Errors
    /// If names or shapes differ.
    pub fn copy_from(&self, other: &Self) -> Result<()> {
        self.copy_chosen(other, |_| true)
    }

    /// Copies the tensors whose names are `chosen` from `other`, the parameters of a network of the same design.
    ///
    /// # Errors
    /// If names or shapes differ.
    pub fn copy_chosen(&self, other: &Self, chosen: impl Fn(&str) -> bool) -> Result<()> {
        for ((name, var), (other_name, from)) in self.all().zip(other.all()) {
            if name != other_name {
                bail!("cannot copy {other_name} into {name}: the networks differ");
            }
            if chosen(name) {
                var.set(from.as_tensor())?;
            }
        }
        Ok(())
    }

    /// Writes all tensors to a safetensors file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let tensors: HashMap<&str, Tensor> =
            self.all().map(|(name, var)| (name.as_str(), var.as_tensor().clone())).collect();
        candle_core::safetensors::save(&tensors, path)
    }

    /// Reads a file that [`Parameters::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read, or has no tensor of a name of this network.
    pub fn load(&self, path: &Path) -> Result<()> {
        let tensors = self.device.read(path)?;
        self.all().try_for_each(|(name, var)| var.set(tensors.get(name)?))
    }
}

//! Makes the layers of a network: draws weights, and keeps names and sizes.

use candle_core::{Result, Var, bail};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::settings::LayerSettings;
use crate::device::Device;
use crate::inventory::Inventory;
use crate::memory::{gigabytes, machine_memory};
use crate::parameters::{MacCounter, Parameters, Weight};
use crate::parts::{Layer, Part};

/// Makes the layers of a network: draws weights from a stream, and keeps names and sizes.
pub(crate) struct Builder<'a> {
    stream: &'a mut ChaCha8Rng,
    settings: LayerSettings,
    prefix: String,
    parameters: Parameters,
    counter: MacCounter,
    parts: Vec<Part>,
    /// The bytes of the machine's memory, if known.
    machine_memory: Option<u64>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        stream: &'a mut ChaCha8Rng,
        settings: LayerSettings,
        device: &Device,
    ) -> Self {
        Self {
            stream,
            settings,
            prefix: String::new(),
            parameters: Parameters::empty(device.clone()),
            counter: MacCounter::default(),
            parts: Vec::new(),
            machine_memory: machine_memory(),
        }
    }

    /// Parameters, layers and counter of the network.
    pub(crate) fn finish(self) -> Inventory {
        let Self { parameters, counter, parts, .. } = self;
        Inventory { parameters, counter, parts }
    }

    pub(crate) fn settings(&self) -> LayerSettings {
        self.settings
    }

    pub(crate) fn device(&self) -> &Device {
        self.parameters.device()
    }

    pub(crate) fn counter(&self) -> MacCounter {
        self.counter.clone()
    }

    /// Begins a part, to which the layers that follow belong.
    pub(crate) fn part(&mut self, name: &str) {
        self.prefix = name.to_owned();
        self.parts.push(Part { name: name.to_owned(), layers: Vec::new() });
    }

    /// Adds a layer to the list of the current part.
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

    /// Weights uniform in ±`bound`.
    pub(crate) fn uniform(&mut self, name: &str, shape: &[usize], bound: f64) -> Result<Weight> {
        self.check_memory(name, shape)?;
        let count = shape.iter().product();
        let mut draw = || ((self.stream.random::<f64>() * 2.0 - 1.0) * bound) as f32;
        let values: Vec<f32> = (0..count).map(|_| draw()).collect();
        self.weight(name, values, shape)
    }

    /// Weights that all equal `value`.
    pub(crate) fn constant(&mut self, name: &str, shape: &[usize], value: f32) -> Result<Weight> {
        self.check_memory(name, shape)?;
        self.weight(name, vec![value; shape.iter().product()], shape)
    }

    /// Refuses a weight that does not fit into the machine, because the system would end the process. Training needs
    /// the gradients too.
    fn check_memory(&self, name: &str, shape: &[usize]) -> Result<()> {
        let new = shape.iter().fold(1, |product: u64, &side| product.saturating_mul(side as u64));
        let bytes = self.parameters.count().saturating_add(new).saturating_mul(2 * 4);
        match self.machine_memory {
            Some(memory) if bytes > memory => bail!(
                "the network needs more than {} of memory from `{}.{name}` on, and the machine has {}; lower its \
                 `channels`, `blocks`, `head_hidden`, `lstm_hidden` or `projection`",
                gigabytes(bytes),
                self.prefix,
                gigabytes(memory)
            ),
            _ => Ok(()),
        }
    }

    fn weight(&mut self, name: &str, values: Vec<f32>, shape: &[usize]) -> Result<Weight> {
        let variable = Var::from_tensor(&self.device().upload(values, shape)?)?;
        self.parameters.add_trained(format!("{}.{name}", self.prefix), variable.clone());
        Ok(Weight::new(&variable))
    }

    /// A tensor that is saved but not trained.
    pub(crate) fn statistic(&mut self, name: &str, values: Vec<f32>) -> Result<Var> {
        let length = values.len();
        let variable = Var::from_tensor(&self.device().upload(values, length)?)?;
        self.parameters.add_statistic(format!("{}.{name}", self.prefix), variable.clone());
        Ok(variable)
    }
}

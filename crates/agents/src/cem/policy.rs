//! The policy whose parameters are searched: logits of the actions, linear in the observation or with one hidden layer
//! of tanh units.
//!
//! All parameters of a policy are one list of numbers: of each layer the weights `[inputs, outputs]`, then the biases
//! `[outputs]`.

use std::ops::Range;

use zerolab_models::{Device, Layer, Parameters, Part};

use super::settings::Settings;
use crate::agent::Context;

/// The part of the network, and the beginning of all names.
const PART: &str = "policy";

/// The sizes of a policy.
#[derive(Clone, Debug)]
pub(super) struct PolicyShape {
    /// In the order of the forward pass.
    layers: Vec<DenseShape>,
}

/// The sizes of a layer.
#[derive(Clone, Copy, Debug)]
struct DenseShape {
    name: &'static str,
    inputs: usize,
    outputs: usize,
}

impl PolicyShape {
    pub(super) fn new(settings: &Settings, context: &Context) -> Self {
        let (inputs, outputs) = (context.observation_len(), context.description.num_actions);
        let layers = match settings.hidden {
            0 => vec![DenseShape { name: "output", inputs, outputs }],
            hidden => vec![
                DenseShape { name: "hidden", inputs, outputs: hidden },
                DenseShape { name: "output", inputs: hidden, outputs },
            ],
        };
        Self { layers }
    }

    /// The layers as `zerolab describe` lists them.
    pub(super) fn part(&self) -> Part {
        let layer = |layer: &DenseShape| Layer {
            name: format!("{PART}.{}", layer.name),
            output_shape: vec![layer.outputs],
            parameters: ((layer.inputs + 1) * layer.outputs) as u64,
            macs: (layer.inputs * layer.outputs) as u64,
        };
        Part { name: PART.to_owned(), layers: self.layers.iter().map(layer).collect() }
    }

    /// The tensors' names and shapes, in the order of their numbers in the list of all parameters.
    fn tensor_shapes(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        self.layers.iter().flat_map(|&DenseShape { name, inputs, outputs }| {
            let named = |kind| format!("{PART}.{name}.{kind}");
            [(named("weight"), vec![inputs, outputs]), (named("bias"), vec![outputs])]
        })
    }

    /// The place of each tensor's numbers in the list of all parameters, with its name.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (String, Range<usize>)> {
        let mut end = 0;
        self.tensor_shapes().map(move |(name, shape)| {
            let start = end;
            end += shape.iter().product::<usize>();
            (name, start..end)
        })
    }

    /// The tensors with these numbers. They are on the processor, because the policy is computed there.
    pub(super) fn tensors(&self, numbers: &[f32]) -> candle_core::Result<Parameters> {
        let tensors = self.tensor_shapes().zip(self.ranges());
        let numbers =
            tensors.map(|((name, shape), (_, range))| (name, shape, numbers[range].to_vec()));
        Parameters::from_numbers(&Device::cpu(), numbers)
    }

    /// The logits `[A]` of a policy with these parameters.
    pub(super) fn logits(&self, parameters: &[f32], observation: &[f32]) -> Vec<f32> {
        let mut row = observation.to_vec();
        let mut rest = parameters;
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                row.iter_mut().for_each(|unit| *unit = unit.tanh());
            }
            let (weights, after) = rest.split_at(layer.inputs * layer.outputs);
            let (biases, after) = after.split_at(layer.outputs);
            let mut outputs = biases.to_vec();
            for (input, weights) in row.iter().zip(weights.chunks_exact(layer.outputs)) {
                outputs.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += input * weight);
            }
            row = outputs;
            rest = after;
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two inputs, three hidden units and two actions, computed by hand.
    #[test]
    fn logits_are_those_of_the_formula() {
        let dense = |name, inputs, outputs| DenseShape { name, inputs, outputs };
        let shape = PolicyShape { layers: vec![dense("hidden", 2, 3), dense("output", 3, 2)] };
        let hidden = [1.0, -1.0, 0.0, 2.0, 0.5, 0.0];
        let hidden_bias = [0.1, 0.2, 0.3];
        let output = [1.0, 0.0, 0.0, -1.0, 2.0, 0.0];
        let output_bias = [0.5, -0.5];
        let parameters = [&hidden[..], &hidden_bias, &output, &output_bias].concat();
        let logits = shape.logits(&parameters, &[0.5, -1.0]);
        let units = [-1.4f32, -0.8, 0.3].map(f32::tanh);
        let expected = [units[0] + 2.0 * units[2] + 0.5, -units[1] - 0.5];
        for (logit, expected) in logits.iter().zip(expected) {
            assert!((logit - expected).abs() < 1e-6, "{logits:?}");
        }
        assert_eq!(shape.part().parameters(), parameters.len() as u64);
        assert_eq!(shape.part().macs(), 2 * 3 + 3 * 2);
        let ends = shape.ranges().map(|(_, range)| range.end);
        assert_eq!(ends.collect::<Vec<_>>(), [6, 9, 15, 17]);
    }
}

//! Comparison of a GPU's numbers with the CPU's, and tolerances.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use zerolab_models::Parameters;

/// Tolerance for single precision, relative to the largest number of a tensor. The devices sum in different
/// orders.
pub const TOLERANCE: f32 = 1e-4;
/// Tolerance for bfloat16, which has eight binary digits.
pub const ROUGH: f32 = 4e-2;
/// Tolerance for sums that cancel, relative to their terms: the rounding errors of a few dozen terms.
pub const RESIDUE: f32 = 32.0 * f32::EPSILON;

pub fn list(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

pub fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0.0, |largest, x| largest.max(x.abs()))
}

pub fn assert_close(what: &str, cpu: &[f32], gpu: &[f32], tolerance: f32) {
    assert_close_but(what, cpu, gpu, tolerance, 0.0);
}

/// [`assert_close`] with an absolute tolerance `residue`.
pub fn assert_close_but(what: &str, cpu: &[f32], gpu: &[f32], tolerance: f32, residue: f32) {
    assert_eq!(cpu.len(), gpu.len(), "{what}");
    let scale = largest(cpu);
    for (at, (cpu, gpu)) in cpu.iter().zip(gpu).enumerate() {
        assert!(
            (cpu - gpu).abs() <= (tolerance * scale).max(residue),
            "{what}[{at}]: {gpu}, not {cpu} of {scale}"
        );
    }
}

/// Gradients by name.
pub type Gradients = [(String, Vec<f32>)];

/// Compares tensor by tensor. The gradient of a bias before a normalization is 0 except for rounding errors.
pub fn assert_each_close(what: &str, cpu: &Gradients, gpu: &Gradients) {
    let all = cpu.iter().map(|(_, gradient)| largest(gradient)).fold(0.0, f32::max);
    for ((name, cpu), (_, gpu)) in cpu.iter().zip(gpu) {
        // Errors accumulate over layers.
        let (what, tolerance) = (format!("{what} gradient of {name}"), 4.0 * TOLERANCE);
        assert_close_but(&what, cpu, gpu, tolerance, RESIDUE * all);
    }
}

/// The distance of two gradients, relative to the length of the first.
pub fn distance(cpu: &Gradients, gpu: &Gradients) -> f32 {
    let pairs = || cpu.iter().zip(gpu).flat_map(|(cpu, gpu)| cpu.1.iter().zip(&gpu.1));
    let apart: f32 = pairs().map(|(cpu, gpu)| (cpu - gpu) * (cpu - gpu)).sum();
    let length: f32 = pairs().map(|(cpu, _)| cpu * cpu).sum();
    (apart / length).sqrt()
}

pub fn gradients(parameters: &Parameters, store: &GradStore) -> Vec<(String, Vec<f32>)> {
    let of = |(name, variable): &(String, Var)| (name.clone(), list(store.get(variable).unwrap()));
    parameters.trained().iter().map(of).collect()
}

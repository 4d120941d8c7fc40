//! Tests of the CUDA kernels without a GPU.
//!
//! In this crate's unit tests, each operation that runs on the CPU also runs its kernel, compiled for the
//! CPU. Both results must agree.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

use candle_core::DType;

use super::run::{Kernel, ThreadsPerItem};

mod tests;

/// Largest difference between a kernel's number and the CPU's, relative to the largest number of the output.
/// The two sum in different orders.
const TOLERANCE: f32 = 2e-5;

/// Largest relative error of rounding to bf16, which has eight binary digits.
const ROUNDING: f32 = 1.0 / 256.0;

/// Outputs are compared as if their largest number was at least this fraction of the largest input. Sums can
/// cancel.
const CANCELLED: f32 = 0.1;

/// Names of the kernels that were compared.
static COMPARED: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The program `host.cpp`, built once, and its folder.
static PROGRAM: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("kernels");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops/emulation/host.cpp");
    let built = Command::new("c++")
        .args(["-std=c++20", "-O1", "-pthread", "-fsanitize=address,undefined"])
        .args(["-fno-sanitize-recover=all", "-ffp-contract=off"])
        .arg(source)
        .arg("-o")
        .arg(&program)
        .status()
        .expect("a C++ compiler");
    assert!(built.success(), "the kernels do not compile for the processor");
    (folder, program)
});

/// Runs `kernel` on inputs of these types and compares its outputs with `outputs`.
pub(super) fn compare<const N: usize>(
    kernel: &Kernel,
    inputs: &[&[f32]; N],
    dtypes: [DType; N],
    outputs: &[Vec<f32>],
) {
    let found = run_program(&request(kernel, inputs, dtypes, outputs));
    assert_eq!(found.len(), outputs.iter().map(Vec::len).sum::<usize>(), "{kernel:?}");
    let mut found = found.into_iter();
    let largest = |list: &[f32]| list.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let of_inputs = inputs.iter().map(|input| largest(input)).fold(0.0, f32::max);
    for (index, output) in outputs.iter().enumerate() {
        let scale = largest(output).max(CANCELLED * of_inputs);
        let rounding = if output_dtype(kernel, index) == DType::F32 { 0.0 } else { ROUNDING };
        for (at, (expected, found)) in output.iter().zip(&mut found).enumerate() {
            assert!(
                (expected - found).abs() <= TOLERANCE * scale + rounding * expected.abs(),
                "{kernel:?}: output {index}[{at}] is {found}, not {expected} (scale {scale})"
            );
        }
    }
    let mut compared = COMPARED.lock().unwrap();
    compared.extend(kernel.stages.iter().map(|stage| stage.function));
}

fn output_dtype(kernel: &Kernel, index: usize) -> DType {
    if index == 0 { kernel.dtype } else { DType::F32 }
}

fn request<const N: usize>(
    kernel: &Kernel,
    inputs: &[&[f32]; N],
    dtypes: [DType; N],
    outputs: &[Vec<f32>],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut count = |count: usize| bytes.extend((count as u32).to_ne_bytes());
    count(inputs.len() + outputs.len());
    count(inputs.len());
    let mut rest = Vec::new();
    for (input, dtype) in inputs.iter().zip(dtypes) {
        rest.push(u8::from(dtype == DType::BF16));
        rest.extend((input.len() as u32).to_ne_bytes());
        rest.extend(input.iter().flat_map(|x| x.to_ne_bytes()));
    }
    for (index, output) in outputs.iter().enumerate() {
        rest.push(u8::from(output_dtype(kernel, index) == DType::BF16));
        rest.extend((output.len() as u32).to_ne_bytes());
    }
    rest.extend((kernel.scratch as u32).to_ne_bytes());
    rest.extend(kernel.counts.iter().flat_map(|x| x.to_ne_bytes()));
    rest.extend(kernel.reals.iter().flat_map(|x| x.to_ne_bytes()));
    rest.extend((kernel.stages.len() as u32).to_ne_bytes());
    for stage in &kernel.stages {
        rest.extend((stage.function.len() as u32).to_ne_bytes());
        rest.extend(stage.function.as_bytes());
        rest.extend([u8::from(stage.threads == ThreadsPerItem::Warp)]);
        rest.extend((stage.size as u32).to_ne_bytes());
    }
    bytes.extend(rest);
    bytes
}

fn run_program(request: &[u8]) -> Vec<f32> {
    let mut child = Command::new(&PROGRAM.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the kernels' program");
    child.stdin.take().unwrap().write_all(request).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "a kernel failed: {}", output.status);
    let numbers = output.stdout.chunks_exact(4);
    numbers.map(|bytes| f32::from_ne_bytes(bytes.try_into().unwrap())).collect()
}

/// Names of all kernels, and of those that were compared.
fn kernels() -> (BTreeSet<String>, BTreeSet<String>) {
    let listed = Command::new(&PROGRAM.1).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let compared = COMPARED.lock().unwrap();
    (
        listed.lines().map(str::to_owned).collect(),
        compared.iter().map(|name| (*name).to_owned()).collect(),
    )
}

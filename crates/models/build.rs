//! Compiles the CUDA kernels to PTX, with the feature `cuda`.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Hopper. `CUDA_COMPUTE_CAP` overrides it, for candle's kernels too.
const DEFAULT_COMPUTE_CAPABILITY: &str = "90";

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=src/ops/kernels");
    for variable in ["CUDA_HOME", "CUDA_PATH", "CUDA_COMPUTE_CAP"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return Ok(());
    }
    let home = env::var_os("CUDA_HOME").or_else(|| env::var_os("CUDA_PATH"));
    let nvcc =
        home.map_or_else(|| PathBuf::from("nvcc"), |home| PathBuf::from(home).join("bin/nvcc"));
    let capability = env::var("CUDA_COMPUTE_CAP");
    let capability = capability.as_deref().unwrap_or(DEFAULT_COMPUTE_CAPABILITY);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let status = Command::new(&nvcc)
        .args(["--ptx", "-O3", "-std=c++17", &format!("-arch=compute_{capability}")])
        .arg("src/ops/kernels/kernels.cu")
        .arg("-o")
        .arg(out.join("kernels.ptx"))
        .status()
        .map_err(|error| format!("cannot start {}: {error}; see `just cuda`", nvcc.display()))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed: {status}", nvcc.display())) }
}

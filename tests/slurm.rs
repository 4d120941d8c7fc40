//! `zerolab run --launcher slurm` on a real Slurm of this machine. Where Slurm is not installed, these tests say so and pass.

// It has what other tests need too.
#[allow(dead_code, unused_imports)]
mod harness;

mod slurm {
    mod cancelling;
    mod checks;
    pub mod cluster;
    mod ends;
    mod refusals;
    mod resubmitting;
    pub mod site;
    mod sweeps;
    mod variables;
}

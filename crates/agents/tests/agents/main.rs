//! Requirements of every registered agent and preset: complete settings, exact costs, reproducible and
//! resumable runs.

mod decisions;
#[path = "../lanes/mod.rs"]
mod lanes;
mod optimal;
mod phases;
mod presets;
mod repetition;
mod settings;
mod small;
mod test_run;

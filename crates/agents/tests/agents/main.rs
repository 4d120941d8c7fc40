//! What every registered agent and preset must do, and that learners account, repeat and resume exactly.

#[path = "../lanes/mod.rs"]
mod lanes;
mod presets;
mod repetition;
mod run;
mod settings;
mod small;
mod thoughts;

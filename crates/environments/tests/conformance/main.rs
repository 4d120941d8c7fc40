//! What every registered environment must satisfy.

mod cases;
mod plans;
mod playing;
mod registry;
mod simulators;
mod states;

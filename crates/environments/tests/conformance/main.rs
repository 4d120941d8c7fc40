//! What every registered environment must satisfy.

mod cases;
mod playing;
mod registry;
mod simulators;
mod states;

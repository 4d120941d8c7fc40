//! What every registered environment must satisfy, whatever its world is.

mod cases;
mod playing;
mod registry;
mod simulators;
mod states;

//! What every registered environment must satisfy. `rules.rs` has the rules of `zerolab check`; the other files
//! have what is asked of registered environments alone.

mod cases;
mod plans;
mod playing;
mod registry;
mod rules;
mod simulators;
mod states;

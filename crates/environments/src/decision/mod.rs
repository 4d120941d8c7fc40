//! Worlds with one decision, whose right answer depends on how an agent discounts, or on how it thinks about those who
//! foretell what it does.

pub mod delayed_choice;
mod foreteller;
pub mod predictor;
pub mod two_state;

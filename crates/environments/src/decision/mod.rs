//! Worlds with one decision, whose right answer depends on how an agent discounts. Each has an exact solution.

pub mod delayed_choice;

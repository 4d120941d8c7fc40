//! Specs: expansion, precedence, error messages, the schema, and `run.toml`.

mod errors;
mod examinations;
mod expansion;
mod garbled;
mod made_up;
mod measures;
mod precedence;
mod random_axes;
mod real;
mod round_trip;
mod settings;
mod shown;

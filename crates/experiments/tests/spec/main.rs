//! A spec goes in, a plan or a message comes out: expansion, precedence, errors as a person reads them,
//! the schema, and `run.toml`.

mod errors;
mod expansion;
mod garbled;
mod made_up;
mod precedence;
mod random_axes;
mod real;
mod round_trip;
mod shown;

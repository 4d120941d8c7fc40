//! End-to-end tests of the program: each makes a folder with a spec, runs commands there, and checks what they write.

mod answers;
mod bad_input;
mod checking;
mod cleaning;
mod determinism;
mod disk;
mod documented;
mod documents;
mod evaluating;
mod examining;
mod extending;
mod failing;
mod gallery;
#[cfg(feature = "cuda")]
mod gpu;
mod harness;
mod help;

mod learning_notes;
mod looking;
mod namespaces;
mod pages;
mod partial_runs;
mod phases;
mod published;
mod resuming;
mod run_ids;
mod running;
mod starting;
mod stopping;
mod terminal;
mod unread_output;
mod watching;

//! The speed of the environments: millions of steps per second on one core, observations included.
//!
//! `cargo bench -p zerolab-environments --bench steps -- [BEGINNING OF A NAME]`
//!
//! Actions are random and drawn beforehand. After the end of an episode the next one begins. Of many short
//! blocks of steps it prints the fastest, because other load on the machine only adds time, and the median.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::{Environment, EnvironmentEntry, StepError, entries};

const TIME_PER_ENVIRONMENT: Duration = Duration::from_secs(1);
const STEPS_PER_BLOCK: usize = 1 << 14;
/// Limits the steps in a block of a slow environment, by
/// [`Description::operations_per_step`](zerolab_environments::Description).
const OPERATIONS_PER_BLOCK: u64 = 1 << 28;

/// Millions of steps per second in each block, from the slowest.
fn measure(environment: &mut dyn Environment) -> Vec<f64> {
    let num_actions = environment.description().num_actions;
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let affordable = OPERATIONS_PER_BLOCK / environment.description().operations_per_step.max(1);
    let steps = STEPS_PER_BLOCK.min(affordable as usize).max(1);
    let actions: Vec<_> = (0..steps).map(|_| stream.random_range(0..num_actions)).collect();
    let mut observation = vec![0.0; environment.description().observation_len()];
    let mut episode = 0;
    environment.reset(episode);
    let began = Instant::now();
    let mut speeds = Vec::new();
    while began.elapsed() < TIME_PER_ENVIRONMENT {
        let start = Instant::now();
        for &drawn in &actions {
            let mut action = drawn;
            let step = loop {
                match environment.step(action) {
                    // Takes the next legal action.
                    Err(StepError::IllegalAction { .. }) => action = (action + 1) % num_actions,
                    step => break step,
                }
            };
            if !step.is_ok_and(|step| !step.ends()) {
                episode += 1;
                environment.reset(episode);
            }
            environment.observe(&mut observation);
            black_box(&observation);
        }
        speeds.push(actions.len() as f64 / 1e6 / start.elapsed().as_secs_f64());
    }
    speeds.sort_by(f64::total_cmp);
    speeds
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let wanted = wanted.unwrap_or_default();
    let mut out = io::stdout().lock();
    writeln!(out, "environment fastest median")?;
    // An environment of a user's own has no default.
    let has_default = |it: &&EnvironmentEntry| it.missing_feature.is_none() && it.name != "python";
    for entry in entries().iter().filter(has_default).filter(|it| it.name.starts_with(&wanted)) {
        let mut environment = (entry.make)(&(entry.resolve)(&toml::Table::new())?)?;
        let speeds = measure(&mut *environment);
        let median = speeds[speeds.len() / 2];
        writeln!(out, "{} {:.5} {median:.5}", entry.name, speeds[speeds.len() - 1])?;
    }
    Ok(())
}

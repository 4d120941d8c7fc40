//! Prints the table of `statistics/coverage.md`: how often 95 % intervals contain the truth.
//!
//! `cargo run --release -p zerolab-metrics --example coverage` (minutes on one core).

mod simulation;

use std::io::{self, Write};

use simulation::{Agent, Estimate, Scores};
use zerolab_metrics::statistics::{Bootstrap, Ends};

/// The binomial error of a share of 0.9 is 0.3 %.
const EXPERIMENTS: usize = 10_000;
/// Of 26 tasks, which cost 26 times as much: 0.7 %.
const EXPERIMENTS_OF_MANY_TASKS: usize = 2_000;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "| scores | tasks | runs a task | estimate | percentile | expanded |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for scores in Scores::ALL {
        for runs in [5, 10] {
            let agent = Agent { scores, runs: vec![runs] };
            write_rows(&mut out, &agent, &runs.to_string(), EXPERIMENTS)?;
        }
    }
    for scores in [Scores::Failures, Scores::Bimodal] {
        for runs in [5, 10] {
            let agent = Agent { scores, runs: vec![runs; 26] };
            write_rows(&mut out, &agent, &runs.to_string(), EXPERIMENTS_OF_MANY_TASKS)?;
        }
        let agent = Agent { scores, runs: (0..26).map(|task| 3 + task % 5).collect() };
        write_rows(&mut out, &agent, "3 to 7", EXPERIMENTS_OF_MANY_TASKS)?;
    }
    Ok(())
}

fn write_rows(
    out: &mut impl Write,
    agent: &Agent,
    runs: &str,
    experiments: usize,
) -> io::Result<()> {
    for estimate in Estimate::ALL {
        let percent = |ends| {
            let bootstrap = Bootstrap { ends, ..Bootstrap::default() };
            100.0 * agent.coverage(estimate, bootstrap, experiments, 1)
        };
        writeln!(
            out,
            "| {} | {} | {runs} | {} | {:.1} | {:.1} |",
            agent.scores.name(),
            agent.runs.len(),
            estimate.name(),
            percent(Ends::Percentile),
            percent(Ends::Expanded),
        )?;
        out.flush()?;
    }
    Ok(())
}

//! Prints the table of `statistics/coverage.md`: how often 95 % intervals contain the true value.
//!
//! `cargo run --release -p zerolab-metrics --example coverage` (minutes on one core).

mod simulation;

use std::io::{self, Write};

/// Experiments for each row. The binomial error of a share of 0.9 is then 0.3 %.
const EXPERIMENTS: usize = 10_000;
/// Experiments for rows of more than a hundred runs, which take as long. The error is then 0.7 %.
const LARGE_EXPERIMENTS: usize = 2_000;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "| scores | tasks | runs a task | estimate | percentile | expanded |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for row in simulation::rows() {
        let experiments = if row.size < 100 { EXPERIMENTS } else { LARGE_EXPERIMENTS };
        write!(out, "{}", row.name)?;
        for method in simulation::METHODS {
            if row.methods.contains(method) {
                write!(out, " {:.1} |", 100.0 * row.coverage(*method, experiments, 1))?;
            } else {
                write!(out, " – |")?;
            }
        }
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

//! Prints the table of `statistics/coverage.md`: how often 95 % intervals contain the truth.
//!
//! `cargo run --release -p zerolab-metrics --example coverage` (minutes on one core).

mod simulation;

use std::io::{self, Write};

/// The binomial error of a share of 0.9 is 0.3 %.
const EXPERIMENTS: usize = 10_000;
/// Of more than a hundred runs, which cost as much: 0.7 %.
const LARGE_EXPERIMENTS: usize = 2_000;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "| scores | tasks | runs a task | estimate | percentile | expanded |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for row in simulation::rows() {
        let experiments = if row.size < 100 { EXPERIMENTS } else { LARGE_EXPERIMENTS };
        write!(out, "{}", row.name)?;
        for ends in simulation::ENDS {
            if row.ends.contains(ends) {
                write!(out, " {:.1} |", 100.0 * row.coverage(*ends, experiments, 1))?;
            } else {
                write!(out, " – |")?;
            }
        }
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

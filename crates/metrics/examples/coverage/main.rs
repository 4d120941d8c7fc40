//! Prints the table of `statistics/coverage.md`: how often 95 % intervals contain the true value. With the
//! argument `verdicts`, the table of `statistics/verdicts.md`: how often verdicts on two agents are given. With
//! `exchange`, that of `statistics/exchange_rates.md`: the coverage of exchange rates.
//!
//! `cargo run --release -p zerolab-metrics --example coverage [verdicts | exchange]` (minutes on one core).

mod simulation;

use std::io::{self, Write};

/// Experiments for each row. The binomial error of a share of 0.9 is then 0.3 %.
const EXPERIMENTS: usize = 10_000;
/// Experiments for rows of more than a hundred runs, which take as long. The error is then 0.7 %.
const LARGE_EXPERIMENTS: usize = 2_000;
/// Experiments for shares of verdicts of bootstrap intervals. The error of 2.5 % is then 0.35 %.
const RESAMPLED_VERDICTS: usize = 2_000;
/// The same for rows of more than a hundred runs. The error is then 0.5 %.
const LARGE_RESAMPLED_VERDICTS: usize = 1_000;
/// Experiments for exchange rates. The error of a share of 0.9 is then 0.7 %.
const EXCHANGE_EXPERIMENTS: usize = 2_000;

fn main() -> io::Result<()> {
    let out = io::stdout().lock();
    match std::env::args().nth(1).as_deref() {
        Some("verdicts") => verdicts(out),
        Some("exchange") => exchange(out),
        _ => coverage(out),
    }
}

fn experiments(size: usize) -> usize {
    if size < 100 { EXPERIMENTS } else { LARGE_EXPERIMENTS }
}

fn coverage(mut out: impl Write) -> io::Result<()> {
    writeln!(out, "| scores | tasks | runs a task | estimate | percentile | expanded |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for row in simulation::rows() {
        write!(out, "{}", row.name)?;
        for method in simulation::METHODS {
            if row.methods.contains(method) {
                let share = row.coverage(*method, experiments(row.size), 1);
                write!(out, " {:.1} |", 100.0 * share)?;
            } else {
                write!(out, " – |")?;
            }
        }
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

fn verdicts(mut out: impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| scores | tasks | runs a task | compared | equal: holds | equal: fails | 1 sd better: holds | \
         2 sd better: holds | percentile, equal: holds |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for row in simulation::verdict_rows() {
        let resampled = if row.size < 100 { RESAMPLED_VERDICTS } else { LARGE_RESAMPLED_VERDICTS };
        write!(out, "{}", row.name)?;
        if row.is_judged() {
            let number = if row.is_resampled() { resampled } else { EXPERIMENTS };
            let equal = row.verdicts(0.0, number, 1);
            let [one, two] = [1.0, 2.0].map(|gain| row.verdicts(gain, number, 1).holds);
            for share in [equal.holds, equal.fails, one, two] {
                write!(out, " {:.1} |", 100.0 * share)?;
            }
        } else {
            write!(out, " – | – | – | – |")?;
        }
        match row.percentile_verdicts(resampled, 1) {
            Some(shares) => writeln!(out, " {:.1} |", 100.0 * shares.holds)?,
            None => writeln!(out, " – |")?,
        }
        out.flush()?;
    }
    Ok(())
}

fn exchange(mut out: impl Write) -> io::Result<()> {
    writeln!(
        out,
        "| times | variants | runs each | too late | fitted | mean χ | percentile | expanded | unbounded |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for row in simulation::exchange_rows() {
        let shares = row.shares(EXCHANGE_EXPERIMENTS, 1);
        write!(out, "{} {:.1} | {:.3} |", row.name, 100.0 * shares.fitted, shares.rate)?;
        for share in &shares.coverage {
            write!(out, " {:.1} |", 100.0 * share)?;
        }
        writeln!(out, " {:.1} |", 100.0 * shares.unbounded[1])?;
        out.flush()?;
    }
    Ok(())
}

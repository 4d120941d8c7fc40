//! The simulated coverage of percentile intervals of few runs.

/// The output of the example `coverage`.
const TABLE: &str = include_str!("coverage.md");

/// The simulated coverage, in percent, of a 95 % percentile interval of the mean or the interquartile mean of
/// `runs` runs of one task.
///
/// Returns the least and the greatest coverage over the simulated distributions of scores; `None` for numbers
/// of runs that were not simulated.
pub fn simulated_coverage(runs: usize) -> Option<(f64, f64)> {
    let runs = runs.to_string();
    let share = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, _, tasks, of_task, estimate, percentile, ..] = cells[..] else { return None };
        let matches =
            (tasks, of_task) == ("1", runs.as_str()) && ["mean", "IQM"].contains(&estimate);
        matches.then(|| percentile.parse::<f64>().ok()).flatten()
    };
    let shares = || TABLE.lines().filter_map(share);
    Some((shares().reduce(f64::min)?, shares().reduce(f64::max)?))
}

//! The simulated coverage of percentile intervals of few runs, and the simulated share of false verdicts.

/// The output of the example `coverage`.
const TABLE: &str = include_str!("coverage.md");
/// The output of the example `coverage verdicts`.
const VERDICTS: &str = include_str!("verdicts.md");

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

/// The simulated share, in percent, of equal agents of which one is said to be better than the other: the
/// greatest over the simulated distributions of scores, with `runs` runs of one task.
///
/// `None` for numbers of runs that were not simulated.
pub fn simulated_false_verdicts(runs: usize) -> Option<f64> {
    let runs = runs.to_string();
    let share = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, _, tasks, of_task, compared, holds, ..] = cells[..] else { return None };
        let matches = (tasks, of_task) == ("1", runs.as_str()) && compared.starts_with("means");
        matches.then(|| holds.parse::<f64>().ok()).flatten()
    };
    VERDICTS.lines().filter_map(share).reduce(f64::max)
}

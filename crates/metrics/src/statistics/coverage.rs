//! How often percentile intervals contain the truth where there are few runs, as simulated.

/// What the example `coverage` printed.
const TABLE: &str = include_str!("coverage.md");

/// The least and the greatest share of cases, in percent, in which a 95 % percentile interval of the mean or the
/// interquartile mean of so many runs of one task contains the truth, over the simulated distributions of scores;
/// nothing for numbers of runs that were not simulated.
pub fn simulated_coverage(runs: usize) -> Option<(f64, f64)> {
    let runs = runs.to_string();
    let share = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, _, tasks, of_task, estimate, percentile, ..] = cells[..] else { return None };
        let is_asked =
            (tasks, of_task) == ("1", runs.as_str()) && ["mean", "IQM"].contains(&estimate);
        is_asked.then(|| percentile.parse::<f64>().ok()).flatten()
    };
    let shares = || TABLE.lines().filter_map(share);
    Some((shares().reduce(f64::min)?, shares().reduce(f64::max)?))
}

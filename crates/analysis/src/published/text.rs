//! The comparison as people read it: on the terminal and on the page.

use zerolab_metrics::published::AggregateMetric;

use super::{Benchmark, Entry, Standing};
use crate::numbers::{interval, score};
use crate::report_table::{Align, ReportTable, TableCell};

/// What a table of standings shows, and how it is called.
const SHOWN: [(AggregateMetric, &str); 4] = [
    (AggregateMetric::Mean, "mean"),
    (AggregateMetric::Median, "median"),
    (AggregateMetric::Iqm, "IQM"),
    (AggregateMetric::OptimalityGap, "optimality gap"),
];

/// A number of theirs that other sources contradict.
pub(crate) const DISPUTED: &str = "†";
/// An estimate of tasks' means where rliable's is of runs.
pub(crate) const OF_MEANS: &str = "*";

/// An estimate with its marks, and its interval if it has one: `1.047*`, `0.501 [0.439, 0.566]`.
pub(crate) fn standing(standing: &Standing) -> String {
    let disputed = if standing.origin.disputed().is_empty() { "" } else { DISPUTED };
    let of_means = if standing.is_of_means() { OF_MEANS } else { "" };
    let ends = standing.interval.map(|it| format!(" {}", interval(it, score)));
    format!("{}{of_means}{disputed}{}", score(standing.value), ends.unwrap_or_default())
}

impl Benchmark {
    /// The human-normalised estimates of every entry that has any.
    pub fn standings_table(&self) -> ReportTable {
        let mut columns = vec![("agent", Align::Left), ("", Align::Left)];
        columns.extend(SHOWN.map(|(_, name)| (name, Align::Right)));
        columns.extend([("tasks", Align::Right), ("runs", Align::Right)]);
        let mut table = ReportTable::new(&columns);
        for entry in self.entries.iter().filter(|entry| !entry.standings.is_empty()) {
            table.rows.push(self.standings_row(entry));
        }
        table
    }

    fn standings_row(&self, entry: &Entry) -> Vec<TableCell> {
        let origin = if entry.is_ours() { "ours" } else { "published" };
        let mut row: Vec<TableCell> = vec![entry.name.as_str().into(), origin.into()];
        let shown = |metric| {
            let of_entry = entry.standing(metric);
            of_entry.map_or("–".into(), |it| TableCell::number(it.value, |_| standing(it)))
        };
        row.extend(SHOWN.map(|(metric, _)| shown(metric)));
        let whole = |count: &dyn Fn(&Standing) -> Option<u32>| {
            let count = entry.standings.iter().find_map(count);
            count.map_or("–".into(), |count| TableCell::count(count as usize))
        };
        row.extend([whole(&|it| it.tasks), whole(&|it| it.runs)]);
        row
    }
}

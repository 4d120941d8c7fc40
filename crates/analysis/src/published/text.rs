//! The comparison as text, for the terminal and for the page.

use zerolab_metrics::published::AggregateMetric;

use super::entry::{AggregateScore, Benchmark, BenchmarkEntry};
use crate::numbers::{interval, score};
use crate::report_table::{Align, ReportTable, TableCell};

/// The estimates that the table shows, with their headings.
const SHOWN: [(AggregateMetric, &str); 4] = [
    (AggregateMetric::Mean, "mean"),
    (AggregateMetric::Median, "median"),
    (AggregateMetric::Iqm, "IQM"),
    (AggregateMetric::OptimalityGap, "optimality gap"),
];

/// Marks a published number that other sources contradict.
pub(crate) const DISPUTED: &str = "†";
/// Marks an estimate over tasks' means, where rliable's is over runs.
pub(crate) const OF_MEANS: &str = "*";

/// An estimate with its marks and its interval, if known: `1.047*`, `0.501 [0.439, 0.566]`.
pub(crate) fn aggregate_text(aggregate: &AggregateScore) -> String {
    let disputed = if aggregate.origin.disputed().is_empty() { "" } else { DISPUTED };
    let of_means = if aggregate.is_of_means() { OF_MEANS } else { "" };
    let ends = aggregate.interval.map(|it| format!(" {}", interval(it, score)));
    format!("{}{of_means}{disputed}{}", score(aggregate.value), ends.unwrap_or_default())
}

impl Benchmark {
    /// The human-normalised estimates of every entry that has any.
    pub fn aggregates_table(&self) -> ReportTable {
        let mut columns = vec![("agent", Align::Left), ("", Align::Left)];
        columns.extend(SHOWN.map(|(_, name)| (name, Align::Right)));
        columns.extend([("tasks", Align::Right), ("runs", Align::Right)]);
        let mut table = ReportTable::new(&columns);
        for entry in self.entries.iter().filter(|entry| !entry.aggregates.is_empty()) {
            table.rows.push(self.aggregates_row(entry));
        }
        table
    }

    fn aggregates_row(&self, entry: &BenchmarkEntry) -> Vec<TableCell> {
        let origin = if entry.is_ours() { "ours" } else { "published" };
        let mut row: Vec<TableCell> = vec![entry.name.as_str().into(), origin.into()];
        let shown = |metric| {
            let of_entry = entry.aggregate(metric);
            of_entry.map_or("–".into(), |it| TableCell::number(it.value, |_| aggregate_text(it)))
        };
        row.extend(SHOWN.map(|(metric, _)| shown(metric)));
        let first_known = |count: &dyn Fn(&AggregateScore) -> Option<u32>| {
            let count = entry.aggregates.iter().find_map(count);
            count.map_or("–".into(), |count| TableCell::count(count as usize))
        };
        row.extend([first_known(&|it| it.tasks), first_known(&|it| it.runs)]);
        row
    }
}

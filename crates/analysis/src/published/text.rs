//! The comparison as text, for the terminal and for the page.

use zerolab_metrics::published::AggregateMetric;
use zerolab_metrics::text_table::TextTable;

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
    /// The human-normalised estimates of every entry, over the same tasks. An entry that lacks some of them has
    /// none.
    pub fn aggregates_table(&self) -> ReportTable {
        let mut columns = vec![("agent", Align::Left), ("", Align::Left)];
        columns.extend(SHOWN.map(|(_, name)| (name, Align::Right)));
        columns.extend([("tasks", Align::Right), ("runs", Align::Right)]);
        let mut table = ReportTable::new(&columns);
        let is_part = |entry: &BenchmarkEntry| !self.is_whole() && self.part(entry).is_some();
        let shown = |entry: &&BenchmarkEntry| !entry.aggregates.is_empty() || is_part(entry);
        for entry in self.entries.iter().filter(shown) {
            table.rows.push(self.aggregates_row(entry));
        }
        table
    }

    /// [`Benchmark::aggregates_table`] for the terminal, with a title that says over which tasks it is; nothing if it
    /// is empty.
    pub fn aggregates_text(&self) -> Option<TextTable> {
        let table = self.aggregates_table();
        let title = format!("{}, human-normalised, over {}:", self.name, self.scope());
        (!table.rows.is_empty()).then(|| table.plain().titled(title))
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
        let tasks: TableCell = match self.part(entry) {
            Some(part) if entry.aggregates.is_empty() => {
                format!("{part} of {}", self.compared.len()).into()
            }
            _ => first_known(&|it| it.tasks),
        };
        row.extend([tasks, first_known(&|it| it.runs)]);
        row
    }
}

//! The numbers behind a figure, written beside it as CSV.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::statistics::Interval;

/// One number that a figure shows.
pub(super) struct Datum {
    /// The panel that it stands in.
    pub panel: String,
    /// Whose it is.
    pub agent: String,
    /// Where it stands along x; nothing where the value itself lies along x.
    pub x: Option<f64>,
    pub value: f64,
    pub interval: Option<Interval>,
    /// How many runs are in it.
    pub runs: usize,
}

/// A row a number.
pub(super) fn frame(data: &[Datum]) -> PolarsResult<DataFrame> {
    let ends = |of: fn(&Interval) -> f64| -> Vec<Option<f64>> {
        data.iter().map(|datum| datum.interval.as_ref().map(of)).collect()
    };
    df![
        "panel" => data.iter().map(|datum| datum.panel.as_str()).collect::<Vec<_>>(),
        "agent" => data.iter().map(|datum| datum.agent.as_str()).collect::<Vec<_>>(),
        "x" => data.iter().map(|datum| datum.x).collect::<Vec<_>>(),
        "value" => data.iter().map(|datum| datum.value).collect::<Vec<_>>(),
        "low" => ends(|interval| interval.low),
        "high" => ends(|interval| interval.high),
        "runs" => data.iter().map(|datum| datum.runs as u64).collect::<Vec<_>>(),
    ]
}

//! The numbers that a figure shows, written next to it as CSV.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::statistics::Interval;

/// One number that a figure shows.
pub(super) struct Datum {
    /// The title of its panel.
    pub panel: String,
    pub agent: String,
    /// Its position along x; nothing if x shows the value itself.
    pub x: Option<f64>,
    /// NaN if there is none: its cell is then empty.
    pub value: f64,
    pub interval: Option<Interval>,
    /// The number of runs that it summarises.
    pub runs: usize,
}

/// One row per number.
pub(super) fn frame(data: &[Datum]) -> PolarsResult<DataFrame> {
    let ends = |of: fn(&Interval) -> f64| -> Vec<Option<f64>> {
        data.iter().map(|datum| datum.interval.as_ref().map(of)).collect()
    };
    df![
        "panel" => data.iter().map(|datum| datum.panel.as_str()).collect::<Vec<_>>(),
        "agent" => data.iter().map(|datum| datum.agent.as_str()).collect::<Vec<_>>(),
        "x" => data.iter().map(|datum| datum.x).collect::<Vec<_>>(),
        "value" => data.iter().map(|datum| Some(datum.value).filter(|it| !it.is_nan())).collect::<Vec<_>>(),
        "low" => ends(|interval| interval.low),
        "high" => ends(|interval| interval.high),
        "runs" => data.iter().map(|datum| datum.runs as u64).collect::<Vec<_>>(),
    ]
}

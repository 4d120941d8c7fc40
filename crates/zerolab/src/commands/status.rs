//! `zerolab status`: every run's state, progress and time left.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use zerolab_experiments::inspect::status::{RunStatus, status};

use super::write_json;
use crate::failure::Failure;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::quantity::{count, duration, percent};
use crate::table::Table;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let plan = arguments.plan.load()?;
    let runs = status(arguments.results.folder(), &plan);
    if arguments.json {
        return write_json(out, &runs);
    }
    let mut table = Table::new(&["run", "state", "done", "real steps", "time", "left", "why"]);
    for run in &runs {
        table.row([
            run.id.clone(),
            run.state.to_owned(),
            percent(run.real_steps, run.total_real_steps),
            count(run.total_real_steps),
            duration(run.trained_seconds),
            run.left_seconds.map(duration).unwrap_or_default(),
            run.reason
                .as_deref()
                .and_then(|reason| reason.lines().next())
                .unwrap_or_default()
                .to_owned(),
        ]);
    }
    writeln!(out, "{table}\n{}", totals(&runs))?;
    Ok(())
}

/// `12 runs: 3 done, 9 pending`.
fn totals(runs: &[RunStatus]) -> String {
    let mut states = BTreeMap::<&str, usize>::new();
    runs.iter().for_each(|run| *states.entry(run.state).or_default() += 1);
    let states: Vec<String> =
        states.iter().map(|(state, runs)| format!("{runs} {state}")).collect();
    format!("{} runs: {}", runs.len(), states.join(", "))
}

//! `zerolab status`: the state, progress and time left of every run.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use zerolab_experiments::inspect::status::{RunStatus, status};
use zerolab_experiments::launch::slurm;
use zerolab_metrics::format::{count, counted, duration, percent};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;

use super::plan::unknown_runs;
use super::write_json;
use crate::error::CommandError;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::terminal::fitted;

pub const HELP: &str = examples!(
    "  \
  zerolab status spec.toml                  every run of a spec
  zerolab status spec.toml --only 'dqn*'    only some of them
  zerolab status spec.toml --json           for other programs"
);

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let plan = arguments.plan.load(arguments.results.folder())?;
    if let Some(unknown) = plan.programs().iter().find(|program| !program.is_known) {
        return match arguments.json {
            true => write_json(out, &[(); 0]),
            false => Ok(writeln!(out, "{}", unknown_runs(&plan, unknown))?),
        };
    }
    let results = arguments.results.folder();
    let mut runs = status(results, &plan);
    slurm::add_to(&mut runs, results, &plan.experiment.name);
    if arguments.json {
        return write_json(out, &runs);
    }
    let swept = runs.iter().any(|run| !run.settings.is_empty());
    let settings = swept.then_some(("settings", Left));
    let columns = [
        ("state", Left),
        ("done", Right),
        ("real steps", Right),
        ("time", Right),
        ("left", Right),
        ("why", Left),
    ];
    let has_examinations = runs.iter().any(|run| run.examinations > 0);
    let examined = has_examinations.then_some(("examined", Right));
    let columns: Vec<_> =
        [("run", Left)].into_iter().chain(settings).chain(columns).chain(examined).collect();
    let mut table = TextTable::new(&columns);
    for run in &runs {
        let settings = swept.then(|| run.settings.clone());
        let cells = [
            run.state.to_owned(),
            percent(run.real_steps, run.total_real_steps),
            count(run.total_real_steps),
            duration(run.trained_seconds as f64),
            run.left_seconds.map(|seconds| duration(seconds as f64)).unwrap_or_default(),
            run.reason
                .as_deref()
                .and_then(|reason| reason.lines().next())
                .unwrap_or_default()
                .to_owned(),
        ];
        let examined =
            has_examinations.then(|| format!("{} of {}", run.examined, run.examinations));
        table.row([run.id.clone()].into_iter().chain(settings).chain(cells).chain(examined));
    }
    writeln!(out, "{}\n{}", fitted(table), totals(&runs))?;
    Ok(())
}

/// `12 runs: 3 done, 9 pending`.
fn totals(runs: &[RunStatus]) -> String {
    let mut states = BTreeMap::<&str, usize>::new();
    runs.iter().for_each(|run| *states.entry(run.state).or_default() += 1);
    let states = states.iter().map(|(state, runs)| format!("{} {state}", count(*runs as u64)));
    let states: Vec<String> = states.collect();
    format!("{}: {}", counted(runs.len(), "run"), states.join(", "))
}

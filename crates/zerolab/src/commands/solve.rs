//! `zerolab solve`: what the best policies of an environment reach, computed exactly.

use std::io::Write;

use clap::Args;
use serde::Serialize;
use zerolab_environments::tabular::{Anchors, Expected, Objective, SolvedState, Ties};
use zerolab_environments::{Environment, EnvironmentEntry, entries, find};
use zerolab_metrics::text_table::{Align, TextTable};

use super::{check_name, write_json};
use crate::environment_settings::read_settings;
use crate::error::CommandError;

pub const HELP: &str = examples!(
    "  \
  zerolab solve gridworlds/boat_race_strict
  zerolab solve gridworlds/tamper_room beta=0.3 lock=1
  zerolab solve gridworlds/boat_race --values --json"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The environment
    #[arg(value_name = "ENVIRONMENT")]
    environment: String,
    /// Settings of the environment
    #[arg(value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// The discount of one step, for which the policies are best; the sums are never discounted
    #[arg(long, value_name = "DISCOUNT", default_value_t = 1.0)]
    discount: f64,
    /// Print the optimal action and value of every state at every time, for the paid reward
    #[arg(long)]
    values: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Solved {
    environment: String,
    discount: f64,
    anchors: Anchors,
    #[serde(skip_serializing_if = "Option::is_none")]
    states: Option<Vec<SolvedState>>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let name = &arguments.environment;
    if !(0.0..=1.0).contains(&arguments.discount) {
        let message = format!("--discount must be from 0 to 1, not {}", arguments.discount);
        return Err(CommandError::Arguments(message));
    }
    check_name("environment", name, entries().iter().map(|entry| entry.name))?;
    let environment = find(name).map(|entry| make(entry, &arguments.settings)).transpose()?;
    let solver = environment.as_ref().and_then(|environment| environment.solver());
    let Some(solver) = solver else {
        return Err(CommandError::Arguments(no_solution(name)));
    };
    let anchors = solver.anchors(arguments.discount);
    let solution =
        arguments.values.then(|| solver.solve(Objective::Return(Ties::Best), arguments.discount));
    let states = solution.as_ref().map(|solution| solution.states());
    if arguments.json {
        let states = states.map(Iterator::collect);
        let (environment, discount) = (name.clone(), arguments.discount);
        return write_json(out, &Solved { environment, discount, anchors, states });
    }
    write!(out, "{}", table(&anchors))?;
    for SolvedState { time, state, action, value } in states.into_iter().flatten() {
        writeln!(out, "{time:>4}  {value:>12.6}  action {action}  {state}")?;
    }
    Ok(())
}

fn make(
    entry: &EnvironmentEntry,
    settings: &[String],
) -> Result<Box<dyn Environment>, CommandError> {
    let table = read_settings(settings)?;
    (entry.make)(&table)
        .map_err(|error| CommandError::Arguments(format!("`{}`: {error}", entry.name)))
}

fn no_solution(name: &str) -> String {
    let has_one = |entry: &&EnvironmentEntry| {
        let description = (entry.describe)(&toml::Table::new());
        description.is_ok_and(|description| description.is_solved)
    };
    let known: Vec<&str> = entries().iter().filter(has_one).map(|entry| entry.name).collect();
    format!("`{name}` has no exact solution; these have one: {}", known.join(", "))
}

fn table(anchors: &Anchors) -> TextTable {
    let columns =
        [("policy", Align::Left), ("return", Align::Right), ("performance", Align::Right)];
    let mut table = TextTable::new(&columns);
    let Anchors { random, best_return, best_return_worst_tie, best_performance } = anchors;
    let rows = [
        ("uniformly random", random),
        ("best return, best performance among ties", best_return),
        ("best return, worst performance among ties", best_return_worst_tie),
        ("best performance", best_performance),
    ];
    for (policy, Expected { r#return, performance }) in rows {
        table.row([policy.to_owned(), format!("{:.4}", r#return), format!("{performance:.4}")]);
    }
    table
}

//! `zerolab plan`: what would run, and what it would cost.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use serde::Serialize;
use zerolab_experiments::inspect::status::{RunStatus, status};
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::forecast::{Variant, forecast};
use zerolab_experiments::plan::resolved::ResolvedRun;

use super::write_json;
use crate::failure::Failure;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::quantity::{count, large};
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

/// What `--json` prints.
#[derive(Serialize)]
struct Listing<'a> {
    experiment: &'a str,
    question: &'a str,
    runs: Vec<Row<'a>>,
    forecast: &'a [Variant],
}

/// One run of it.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    environment: &'a str,
    agent: &'a str,
    preset: &'a str,
    seed: u64,
    real_steps: u64,
    state: &'a str,
    axes: Option<&'a BTreeMap<String, String>>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let plan = arguments.plan.load()?;
    let states = status(arguments.results.folder(), &plan);
    let variants = forecast(&plan)?.variants;
    if arguments.json {
        return write_json(out, &listing(&plan, &states, &variants));
    }
    writeln!(out, "{}", runs_table(&plan, &states))?;
    writeln!(out, "{}", cost_table(&variants))?;
    let done = states.iter().filter(|run| run.state == "done").count();
    writeln!(out, "{} runs, {done} of them finished", plan.runs.len())?;
    Ok(())
}

fn listing<'a>(plan: &'a Plan, states: &'a [RunStatus], variants: &'a [Variant]) -> Listing<'a> {
    let row = |(run, status): (&'a ResolvedRun, &'a RunStatus)| Row {
        id: &run.id,
        environment: &run.environment.name,
        agent: &run.agent.label,
        preset: &run.agent.preset,
        seed: run.seed,
        real_steps: run.budget.real_steps,
        state: status.state,
        axes: plan.axes.get(&run.id),
    };
    Listing {
        experiment: &plan.experiment.name,
        question: &plan.experiment.question,
        runs: plan.runs.iter().zip(states).map(row).collect(),
        forecast: variants,
    }
}

fn runs_table(plan: &Plan, states: &[RunStatus]) -> Table {
    let mut table = Table::new(&["run", "environment", "agent", "seed", "real steps", "state"]);
    for (run, status) in plan.runs.iter().zip(states) {
        table.row([
            run.id.clone(),
            run.environment.name.clone(),
            run.agent.label.clone(),
            run.seed.to_string(),
            count(run.budget.real_steps),
            status.state.to_owned(),
        ]);
    }
    table
}

/// What the runs of each variant take together, evaluation aside.
fn cost_table(variants: &[Variant]) -> Table {
    let mut table = Table::new(&[
        "environment",
        "agent",
        "runs",
        "parameters",
        "real steps",
        "updates",
        "imagined steps",
        "FLOPs",
    ]);
    for variant in variants {
        let total = variant.total();
        table.row([
            variant.environment.clone(),
            variant.agent.clone(),
            variant.runs.to_string(),
            count(variant.summary.parameters),
            count(variant.real_steps * variant.runs as u64),
            count(total.updates),
            large(total.imagined_steps),
            large(total.flops),
        ]);
    }
    table
}

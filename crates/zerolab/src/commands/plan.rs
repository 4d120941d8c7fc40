//! `zerolab plan`: the runs of a spec, and their cost.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use serde::Serialize;
use zerolab_experiments::inspect::status::{RunStatus, status};
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::forecast::{Variant, forecast};
use zerolab_experiments::plan::resolved::ResolvedRun;
use zerolab_metrics::format::{count, large};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;

use super::write_json;
use crate::error::CommandError;
use crate::plan_arguments::{PlanArguments, ResultsArguments};

pub const HELP: &str = examples!(
    "  \
  zerolab plan spec.toml                           the runs, their state and their cost
  zerolab plan spec.toml --only 'dqn*' --seeds 3   only some of them
  zerolab plan spec.toml --json                    for other programs"
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

/// The output of `--json`.
#[derive(Serialize)]
struct PlanJson<'a> {
    experiment: &'a str,
    question: &'a str,
    runs: Vec<RunJson<'a>>,
    forecast: &'a [Variant],
}

#[derive(Serialize)]
struct RunJson<'a> {
    id: &'a str,
    environment: &'a str,
    agent: &'a str,
    preset: &'a str,
    seed: u64,
    real_steps: u64,
    state: &'a str,
    axes: Option<&'a BTreeMap<String, String>>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let plan = arguments.plan.load(arguments.results.folder())?;
    let states = status(arguments.results.folder(), &plan);
    let variants = forecast(&plan)?.variants;
    if arguments.json {
        return write_json(out, &plan_json(&plan, &states, &variants));
    }
    writeln!(out, "{}", runs_table(&plan, &states))?;
    writeln!(out, "{}", cost_table(&variants))?;
    let done = states.iter().filter(|run| run.state == "done").count();
    writeln!(out, "{} runs, {done} of them finished", plan.runs.len())?;
    Ok(())
}

fn plan_json<'a>(plan: &'a Plan, states: &'a [RunStatus], variants: &'a [Variant]) -> PlanJson<'a> {
    let run_json = |(run, status): (&'a ResolvedRun, &'a RunStatus)| RunJson {
        id: &run.id,
        environment: &run.environment.name,
        agent: &run.agent.label,
        preset: &run.agent.preset,
        seed: run.seed,
        real_steps: run.budget.real_steps,
        state: status.state,
        axes: plan.axes.get(&run.id),
    };
    PlanJson {
        experiment: &plan.experiment.name,
        question: &plan.experiment.question,
        runs: plan.runs.iter().zip(states).map(run_json).collect(),
        forecast: variants,
    }
}

fn runs_table(plan: &Plan, states: &[RunStatus]) -> TextTable {
    let mut table = TextTable::new(&[
        ("run", Left),
        ("environment", Left),
        ("agent", Left),
        ("seed", Right),
        ("real steps", Right),
        ("state", Left),
    ]);
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

/// The total cost of all runs of each variant, without evaluation.
fn cost_table(variants: &[Variant]) -> TextTable {
    let mut table = TextTable::new(&[
        ("environment", Left),
        ("agent", Left),
        ("runs", Right),
        ("parameters", Right),
        ("real steps", Right),
        ("updates", Right),
        ("imagined steps", Right),
        ("FLOPs", Right),
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

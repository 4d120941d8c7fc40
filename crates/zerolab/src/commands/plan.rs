//! `zerolab plan`: the runs of a spec, and their cost.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use serde::Serialize;
use zerolab_environments::OutsideProgram;
use zerolab_experiments::inspect::status::{RunStatus, status};
use zerolab_experiments::plan::examination::PlannedExamination;
use zerolab_experiments::plan::forecast::{Variant, check_memory, forecast, warnings};
use zerolab_experiments::plan::resolved::ResolvedRun;
use zerolab_experiments::plan::{Plan, Repeat};
use zerolab_metrics::format::{bytes, count, counted, large};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;

use super::write_json;
use crate::error::CommandError;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::terminal::fitted;

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
    repeats: &'a [Repeat],
    forecast: &'a [Variant],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    programs: &'a [OutsideProgram],
}

/// The output of `--json` where an environment outside of this program was not started yet.
#[derive(Serialize)]
struct UnknownJson<'a> {
    experiment: &'a str,
    question: &'a str,
    programs: &'a [OutsideProgram],
}

#[derive(Serialize)]
struct RunJson<'a> {
    id: &'a str,
    environment: String,
    agent: &'a str,
    preset: &'a str,
    seed: u64,
    real_steps: u64,
    state: &'a str,
    axes: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    examinations: &'a [PlannedExamination],
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let plan = arguments.plan.load(arguments.results.folder())?;
    let programs = plan.programs();
    if let Some(unknown) = programs.iter().find(|program| !program.is_known) {
        return show_unknown(arguments, &plan, &programs, unknown, out);
    }
    let states = status(arguments.results.folder(), &plan);
    let forecast = forecast(&plan)?;
    PlanArguments::note_missing_includes(&plan, arguments.results.folder())?;
    check_memory(&plan, &forecast)?;
    let variants = forecast.variants;
    if arguments.json {
        return write_json(out, &plan_json(&plan, &states, &variants, &programs));
    }
    if !programs.is_empty() {
        writeln!(out, "{}", fitted(programs_table(&programs)))?;
    }
    if !plan.runs.is_empty() {
        writeln!(out, "{}", fitted(runs_table(&plan, &states)))?;
        writeln!(out, "{}", fitted(cost_table(&variants)))?;
    }
    let done = states.iter().filter(|run| run.state == "done").count();
    let (runs, done) = (counted(plan.runs.len(), "run"), count(done as u64));
    writeln!(out, "{runs}, {done} of them finished")?;
    let examinations: usize = states.iter().map(|run| run.examinations).sum();
    if examinations > 0 {
        let examined: usize = states.iter().map(|run| run.examined).sum();
        let (all, done) = (counted(examinations, "examination"), count(examined as u64));
        writeln!(out, "{all}, {done} of them done")?;
    }
    let memory = variants.iter().map(|variant| variant.summary.memory_bytes()).max().unwrap_or(0);
    if memory > 0 {
        writeln!(out, "a run takes at least {} of memory", bytes(memory))?;
    }
    for warning in warnings(&variants) {
        writeln!(out, "{warning}")?;
    }
    if !plan.repeats.is_empty() {
        writeln!(out, "{}", repeats_line(&plan.repeats, variants.len()))?;
    }
    Ok(())
}

/// What would run outside of this program, where the rest of the plan is not known before it has run.
fn show_unknown(
    arguments: &Arguments,
    plan: &Plan,
    programs: &[OutsideProgram],
    unknown: &OutsideProgram,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let (experiment, question) = (&*plan.experiment.name, &*plan.experiment.question);
    if arguments.json {
        return write_json(out, &UnknownJson { experiment, question, programs });
    }
    writeln!(out, "{}", fitted(programs_table(programs)))?;
    Ok(writeln!(out, "{}", unknown_runs(plan, unknown))?)
}

/// What to say of the runs of a plan with an environment that was not started yet.
pub fn unknown_runs(plan: &Plan, unknown: &OutsideProgram) -> String {
    format!(
        "{}; `{}` was not started yet, so their ids and costs are not known. `zerolab check SPEC` starts it and checks it, \
         `zerolab run SPEC` starts it and trains",
        counted(plan.runs.len(), "run"),
        unknown.runs
    )
}

/// The code outside of this program that the plan runs.
fn programs_table(programs: &[OutsideProgram]) -> TextTable {
    let mut table = TextTable::new(&[
        ("runs code outside of zerolab", Left),
        ("interpreter", Left),
        ("files", Left),
    ]);
    for program in programs {
        let files = program.files.iter().map(|(file, hash)| format!("{file} ({hash})"));
        let files = files.collect::<Vec<_>>().join(", ");
        let files = if files.is_empty() { "those of its package".to_owned() } else { files };
        table.row([program.runs.clone(), program.command.clone(), files]);
    }
    table
}

fn plan_json<'a>(
    plan: &'a Plan,
    states: &'a [RunStatus],
    variants: &'a [Variant],
    programs: &'a [OutsideProgram],
) -> PlanJson<'a> {
    let run_json = |(run, status): (&'a ResolvedRun, &'a RunStatus)| RunJson {
        id: &run.id,
        environment: plan.environment_label(run),
        agent: &run.agent.label,
        preset: &run.agent.preset,
        seed: run.seed,
        real_steps: run.budget.real_steps,
        state: status.state,
        axes: plan.axes.get(&run.id),
        examinations: plan.examinations_of(run),
    };
    PlanJson {
        experiment: &plan.experiment.name,
        question: &plan.experiment.question,
        runs: plan.runs.iter().zip(states).map(run_json).collect(),
        repeats: &plan.repeats,
        forecast: variants,
        programs,
    }
}

/// How many combinations of the sweep train no run of their own, and the first few of them.
fn repeats_line(repeats: &[Repeat], variants: usize) -> String {
    const SHOWN: usize = 3;
    // Values that were given or drawn twice have one name.
    let shown = |Repeat { name, first, .. }: &Repeat| match name == first {
        true => format!("`{name}` again"),
        false => format!("`{name}` = `{first}`"),
    };
    let mut all: Vec<String> = Vec::new();
    for text in repeats.iter().map(shown) {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    let first = all.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    let more = if all.len() > SHOWN { ", …" } else { "" };
    let combinations = count((repeats.len() + variants) as u64);
    let verb = if repeats.len() == 1 { "is" } else { "are" };
    format!(
        "{} of {combinations} combinations {verb} the same run as another: {}{more}",
        count(repeats.len() as u64),
        first.join(", ")
    )
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
            plan.environment_label(run),
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
            count(variant.runs as u64),
            count(variant.summary.parameters),
            count(variant.real_steps * variant.runs as u64),
            count(total.updates),
            large(total.imagined_steps),
            large(total.flops),
        ]);
    }
    table
}

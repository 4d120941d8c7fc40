//! `zerolab bench`: the speed of the presets on this machine.

use std::env;
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Args;
use zerolab_agents::DeviceName;
use zerolab_experiments::error::RunError;
use zerolab_experiments::inspect::bench::{Bench, Rates, UnitCost, measure, suited_presets};
use zerolab_experiments::run::threads::{
    THREADS_VARIABLE, allowed_threads, set_worker_variables, threads_per_run,
};
use zerolab_metrics::format::{counted, large, score};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;

use super::{check_name, write_json};
use crate::error::CommandError;
use crate::numbers::{positive, whole};
use crate::terminal::fitted;

pub const HELP: &str = examples!(
    "  \
  zerolab bench                                       every preset with networks, in MinAtar Breakout
  zerolab bench --preset dqn --environment cartpole   one preset, in another environment
  zerolab bench --device cuda --seconds 20            on a GPU, measured for longer"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The device of the networks
    #[arg(long, value_name = "cpu|cuda[:N]", default_value = "cpu")]
    device: DeviceName,
    /// Threads of the program, if RAYON_NUM_THREADS is not set [default: one, or all cores with a GPU, as for
    /// a run]
    #[arg(long, value_name = "N", value_parser = positive::<usize>, allow_negative_numbers = true)]
    threads: Option<usize>,
    /// The environment
    #[arg(long, value_name = "NAME", default_value = "minatar/breakout")]
    environment: String,
    /// Only this preset [default: all that have networks for the environment]
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Seconds of measurement for each preset, after it has begun to learn
    #[arg(long, value_name = "S", default_value_t = 5)]
    #[arg(value_parser = whole::<u64>, allow_negative_numbers = true)]
    seconds: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
    let environment = arguments.environment.as_str();
    check_name(
        "environment",
        environment,
        zerolab_environments::entries().iter().map(|entry| entry.name),
    )?;
    let presets = match arguments.preset.as_deref() {
        None => suited_presets(environment)?,
        Some(name) => {
            check_name("preset", name, zerolab_agents::presets().iter().map(|preset| preset.name))?;
            vec![name]
        }
    };
    if env::var_os(THREADS_VARIABLE).is_none() {
        return in_child_process(arguments);
    }
    let time = Duration::from_secs(arguments.seconds);
    let bench = measure(environment, &presets, time, arguments.device, allowed_threads())?;
    if arguments.json { write_json(out, &bench) } else { show(&bench, out) }?;
    Ok(ExitCode::SUCCESS)
}

/// Executes the same command in a child process, which gets the number of threads of a run.
fn in_child_process(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let threads = arguments.threads.unwrap_or_else(|| threads_per_run(arguments.device, 1));
    let mut command = Command::new(env::current_exe().map_err(RunError::Launch)?);
    command.args(env::args_os().skip(1));
    set_worker_variables(&mut command, threads);
    let status = command.status().map_err(RunError::Launch)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(bench: &Bench, out: &mut dyn Write) -> Result<(), CommandError> {
    let Bench { device, model, convolutions, threads, peak_flops_per_second: peak, rates, refusal } =
        bench;
    let model = model.as_ref().map_or_else(String::new, |model| format!(" ({model})"));
    let threads = counted(*threads, "thread");
    writeln!(
        out,
        "{device}{model}, {threads}, convolutions by {convolutions}; peak of single-precision matrix products: \
         {} GFLOP/s\n",
        large((peak / 1e9).round() as u64)
    )?;
    let mut table = TextTable::new(&[
        ("environment", Left),
        ("preset", Left),
        ("real steps/s", Right),
        ("reanalysed states/s", Right),
        ("imagined steps/s", Right),
        ("updates/s", Right),
        ("GFLOP/s", Right),
        ("of peak", Right),
        ("copies/step", Right),
    ]);
    rates.iter().for_each(|rates| table.row(cells(rates, *peak)));
    writeln!(out, "{}", fitted(table))?;
    write!(out, "{}", fitted(work_table(rates, *peak)))?;
    if let Some(reason) = refusal {
        writeln!(out, "\nupdates could not be recorded as one launch: {reason}")?;
    }
    Ok(())
}

/// The time of each unit of work, and the least time if it were only matrix products at the peak.
fn work_table(rates: &[Rates], peak: f64) -> TextTable {
    let mut table = TextTable::new(&[
        ("environment", Left),
        ("preset", Left),
        ("unit of work", Left),
        ("MFLOP", Right),
        ("ms at peak", Right),
        ("ms", Right),
        ("of peak", Right),
    ]);
    for rates in rates {
        for UnitCost { unit, flops, seconds } in &rates.work {
            let least_seconds = flops / peak;
            table.row([
                rates.environment.clone(),
                rates.preset.clone(),
                (*unit).to_owned(),
                score(flops / 1e6),
                score(1e3 * least_seconds),
                score(1e3 * seconds),
                format!("{:.1} %", 100.0 * least_seconds / seconds),
            ]);
        }
    }
    table
}

fn cells(rates: &Rates, peak: f64) -> [String; 9] {
    let known = |rate: Option<f64>, format: &dyn Fn(f64) -> String| {
        rate.map_or_else(|| "–".to_owned(), format)
    };
    let whole = |rate: f64| large(rate.round() as u64);
    [
        rates.environment.clone(),
        rates.preset.clone(),
        known(rates.real_steps_per_second, &whole),
        known(rates.reanalysed_states_per_second, &whole),
        known(rates.imagined_steps_per_second, &whole),
        known(rates.updates_per_second, &score),
        known(rates.flops_per_second, &|flops| score(flops / 1e9)),
        known(rates.flops_per_second, &|flops| format!("{:.1} %", 100.0 * flops / peak)),
        score(rates.copies_per_real_step),
    ]
}

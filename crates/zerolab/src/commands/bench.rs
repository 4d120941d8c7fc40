//! `zerolab bench`: what this machine does with the presets.

use std::env;
use std::io::Write;
use std::num::NonZeroUsize;
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Args;
use zerolab_agents::DeviceName;
use zerolab_experiments::error::RunError;
use zerolab_experiments::inspect::bench::{Bench, Rates, UnitCost, measure, suited_presets};
use zerolab_experiments::run::threads::{
    THREADS_VARIABLE, allowed_threads, set_worker_variables, threads_per_run,
};

use super::{known, write_json};
use crate::failure::Failure;
use crate::quantity::large;
use crate::table::Table;

#[derive(Debug, Args)]
pub struct Arguments {
    /// What the networks compute on
    #[arg(long, value_name = "cpu|cuda[:N]", default_value = "cpu")]
    device: DeviceName,
    /// Threads of the program, where RAYON_NUM_THREADS does not say [default: as many as a run gets: one, or
    /// all cores beside a GPU]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// What is played
    #[arg(long, value_name = "NAME", default_value = "minatar/breakout")]
    environment: String,
    /// Only this preset; otherwise all that have networks for the environment
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// For how long each preset is measured, once it is learning
    #[arg(long, value_name = "S", default_value_t = 5)]
    seconds: u64,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let environment = arguments.environment.as_str();
    known(
        "environment",
        environment,
        zerolab_environments::entries().iter().map(|entry| entry.name),
    )?;
    let presets = match arguments.preset.as_deref() {
        None => suited_presets(environment)?,
        Some(name) => {
            known("preset", name, zerolab_agents::presets().iter().map(|preset| preset.name))?;
            vec![name]
        }
    };
    if env::var_os(THREADS_VARIABLE).is_none() {
        return again(arguments);
    }
    let time = Duration::from_secs(arguments.seconds);
    let bench = measure(environment, &presets, time, arguments.device, allowed_threads())?;
    if arguments.json { write_json(out, &bench) } else { show(&bench, out) }?;
    Ok(ExitCode::SUCCESS)
}

/// The same command in a process of its own, as a run is: so it computes with the threads that a run has.
fn again(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let threads = arguments.threads.map(NonZeroUsize::get);
    let threads = threads.unwrap_or_else(|| threads_per_run(arguments.device, 1));
    let mut command = Command::new(env::current_exe().map_err(RunError::Launch)?);
    command.args(env::args_os().skip(1));
    set_worker_variables(&mut command, threads);
    let status = command.status().map_err(RunError::Launch)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(bench: &Bench, out: &mut dyn Write) -> Result<(), Failure> {
    let Bench { device, model, convolutions, threads, peak_flops_per_second: peak, rates, refusal } =
        bench;
    let model = model.as_ref().map_or_else(String::new, |model| format!(" ({model})"));
    writeln!(
        out,
        "{device}{model}, {threads} threads, convolutions by {convolutions}; peak of matrix products in single precision: {} GFLOP/s\n",
        large((peak / 1e9).round() as u64)
    )?;
    let mut table = Table::new(&[
        "environment",
        "preset",
        "real steps/s",
        "reanalysed states/s",
        "imagined steps/s",
        "updates/s",
        "GFLOP/s",
        "of peak",
        "copies/step",
    ]);
    rates.iter().for_each(|rates| table.row(cells(rates, *peak)));
    writeln!(out, "{table}")?;
    write!(out, "{}", work(rates, *peak))?;
    if let Some(reason) = refusal {
        writeln!(out, "\nupdates were launched operation by operation: {reason}")?;
    }
    Ok(())
}

/// What each unit of work takes, beside what it would take if all of it were matrix products at the peak.
fn work(rates: &[Rates], peak: f64) -> Table {
    let headers = ["environment", "preset", "unit of work", "MFLOP", "ms at peak", "ms", "of peak"];
    let mut table = Table::new(&headers);
    for rates in rates {
        for UnitCost { unit, flops, seconds } in &rates.work {
            let floor = flops / peak;
            table.row([
                rates.environment.clone(),
                rates.preset.clone(),
                (*unit).to_owned(),
                format!("{:.3}", flops / 1e6),
                format!("{:.4}", 1e3 * floor),
                format!("{:.4}", 1e3 * seconds),
                format!("{:.1} %", 100.0 * floor / seconds),
            ]);
        }
    }
    table
}

fn cells(rates: &Rates, peak: f64) -> [String; 9] {
    let shown =
        |rate: Option<f64>, show: &dyn Fn(f64) -> String| rate.map_or_else(|| "-".to_owned(), show);
    let whole = |rate: f64| large(rate.round() as u64);
    [
        rates.environment.clone(),
        rates.preset.clone(),
        shown(rates.real_steps_per_second, &whole),
        shown(rates.reanalysed_states_per_second, &whole),
        shown(rates.imagined_steps_per_second, &whole),
        shown(rates.updates_per_second, &|rate| format!("{rate:.1}")),
        shown(rates.flops_per_second, &|flops| format!("{:.1}", flops / 1e9)),
        shown(rates.flops_per_second, &|flops| format!("{:.1} %", 100.0 * flops / peak)),
        format!("{:.1}", rates.copies_per_real_step),
    ]
}

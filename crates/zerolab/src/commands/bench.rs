//! `zerolab bench`: what this machine does with the presets.

use std::io::Write;

use clap::Args;
use zerolab_experiments::bench::{Rates, measure};

use super::{known, write_json};
use crate::failure::Failure;
use crate::quantity::large;
use crate::table::Table;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Only this environment; all of them otherwise
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Only this preset; all of them otherwise
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Real steps of each measurement
    #[arg(long, value_name = "N", default_value_t = 700)]
    real_steps: u64,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let environments = zerolab_environments::entries().iter().map(|entry| entry.name);
    let environments = chosen("environment", arguments.environment.as_deref(), environments)?;
    let presets = zerolab_agents::presets().iter().map(|preset| preset.name);
    let presets = chosen("preset", arguments.preset.as_deref(), presets)?;
    let mut rates = Vec::new();
    for environment in &environments {
        for preset in &presets {
            rates.push(measure(preset, environment, arguments.real_steps)?);
        }
    }
    if arguments.json {
        return write_json(out, &rates);
    }
    let mut table = Table::new(&[
        "environment",
        "preset",
        "real steps/s",
        "imagined steps/s",
        "updates/s",
        "GFLOP/s",
    ]);
    rates.iter().for_each(|rates| table.row(cells(rates)));
    write!(out, "{table}")?;
    Ok(())
}

fn cells(rates: &Rates) -> [String; 6] {
    let whole = |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| large(rate.round() as u64));
    let exact = |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| format!("{rate:.1}"));
    [
        rates.environment.clone(),
        rates.preset.clone(),
        whole(rates.real_steps_per_second),
        whole(rates.imagined_steps_per_second),
        exact(rates.updates_per_second),
        exact(rates.flops_per_second.map(|flops| flops / 1e9)),
    ]
}

fn chosen(
    what: &str,
    name: Option<&str>,
    names: impl Iterator<Item = &'static str> + Clone,
) -> Result<Vec<&'static str>, Failure> {
    let Some(name) = name else { return Ok(names.collect()) };
    known(what, name, names.clone())?;
    Ok(names.filter(|known| *known == name).collect())
}

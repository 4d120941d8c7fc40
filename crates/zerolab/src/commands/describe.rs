//! `zerolab describe`: layers, shapes, parameters, FLOPs, and the cost of a budget.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use zerolab_agents::{Part, Summary};
use zerolab_environments::Surroundings;
use zerolab_experiments::plan::forecast::{Variant, forecast, preset_for, preset_run, variant};
use zerolab_metrics::format::{count, duration, large};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;
use zerolab_metrics::{Phase, PhaseCost, Roofline};

use super::{check_name, write_json};
use crate::error::CommandError;
use crate::numbers::{above_zero, positive, whole};
use crate::plan_arguments::{ChangeArguments, ChoiceArguments};
use crate::terminal::fitted;

pub const HELP: &str = examples!(
    "  \
  zerolab describe efficientzero --environment minatar/breakout   a preset in an environment
  zerolab describe dqn --observation 12x96x96 --actions 18        a preset for an observation shape
  zerolab describe spec.toml --json                               every agent of a spec
  zerolab describe atari/efficientzero --environment atari/pong --peak 60 --bandwidth 4.8
      with the least time on a device"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The name of a preset, or a spec (a file that ends in `.toml`)
    #[arg(value_name = "SPEC|PRESET")]
    subject: PathBuf,
    #[command(flatten)]
    changes: ChangeArguments,
    #[command(flatten)]
    choice: ChoiceArguments,
    /// The environment of a preset
    #[arg(long, value_name = "NAME", default_value = "cartpole")]
    environment: String,
    /// The observation shape of a preset, instead of an environment: a number of features, or planes, rows
    /// and columns
    #[arg(long, value_name = "N|CxHxW", conflicts_with = "environment", requires = "actions")]
    observation: Option<ObservationShape>,
    /// The number of actions, with `--observation`
    #[arg(long, value_name = "N", requires = "observation")]
    #[arg(value_parser = positive::<u16>, allow_negative_numbers = true)]
    actions: Option<u16>,
    /// Real steps of the forecast for a preset
    #[arg(long, value_name = "N", default_value = "100_000")]
    #[arg(value_parser = whole::<u64>, allow_negative_numbers = true)]
    real_steps: u64,
    /// The peak of a device in matrix products, to compute the least time of the forecast
    #[arg(long, value_name = "TFLOP/s", requires = "bandwidth", value_parser = above_zero)]
    peak: Option<f64>,
    /// The memory bandwidth of the device
    #[arg(long, value_name = "TB/s", requires = "peak", value_parser = above_zero)]
    bandwidth: Option<f64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// FLOP of a TFLOP, and bytes of a terabyte.
const TERA: f64 = 1e12;

impl Arguments {
    fn roofline(&self) -> Option<Roofline> {
        let (peak, bandwidth) = (self.peak? * TERA, self.bandwidth? * TERA);
        Some(Roofline { peak, bandwidth })
    }
}

/// The shape of an observation: `4`, `12x96x96`.
#[derive(Clone, Debug)]
struct ObservationShape(Vec<usize>);

/// The networks of larger observations would not fit into memory.
const MAX_NUMBERS: usize = 1 << 18;

impl FromStr for ObservationShape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides: Option<Vec<usize>> = text.split('x').map(|side| side.parse().ok()).collect();
        let sides = sides.filter(|sides| matches!(sides.len(), 1 | 3) && !sides.contains(&0));
        let sides = sides.ok_or("it must be a number of features, or `PLANESxROWSxCOLUMNS`")?;
        let numbers = sides.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        if numbers.is_none_or(|numbers| numbers > MAX_NUMBERS) {
            let most = count(MAX_NUMBERS as u64);
            return Err(format!("an observation has at most {most} numbers"));
        }
        Ok(Self(sides))
    }
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let variants = variants(arguments)?;
    if arguments.json {
        return write_json(out, &variants);
    }
    for variant in &variants {
        show(variant, arguments.roofline(), out)?;
    }
    Ok(())
}

fn variants(arguments: &Arguments) -> Result<Vec<Variant>, CommandError> {
    let subject = &arguments.subject;
    if subject.extension().is_some_and(|extension| extension == "toml") {
        let surroundings = Surroundings::of_spec(subject, Path::new("results"), false);
        return Ok(
            forecast(&arguments.changes.load(subject, &arguments.choice, surroundings)?)?.variants
        );
    }
    if !arguments.changes.is_empty() || !arguments.choice.is_empty() {
        let message = "--set, --device, --name, --seeds and --only change or choose the runs of a spec: a preset has \
                       none (a spec is a file that ends in `.toml`)";
        return Err(CommandError::Arguments(message.to_owned()));
    }
    let preset = subject.to_string_lossy();
    check_name("preset", &preset, zerolab_agents::presets().iter().map(|preset| preset.name))?;
    if let (Some(ObservationShape(shape)), Some(actions)) =
        (&arguments.observation, arguments.actions)
    {
        return Ok(vec![preset_for(&preset, shape, actions.into(), arguments.real_steps)?]);
    }
    check_name(
        "environment",
        &arguments.environment,
        zerolab_environments::entries().iter().map(|entry| entry.name),
    )?;
    let run = preset_run(&preset, &arguments.environment, arguments.real_steps)?;
    Ok(vec![variant(&run)?])
}

fn show(
    variant: &Variant,
    roofline: Option<Roofline>,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let Summary { parts, parameters, acting_parameters, flops, forecast, .. } = &variant.summary;
    writeln!(out, "{} in {}\n", variant.agent, variant.environment)?;
    if !parts.is_empty() {
        writeln!(out, "{}", fitted(layers(parts)))?;
    }
    writeln!(
        out,
        "{} parameters, of which {} are used to choose an action\n",
        count(*parameters),
        count(*acting_parameters)
    )?;
    if !flops.is_empty() {
        let mut table = TextTable::new(&[("operation", Left), ("FLOPs", Right)]);
        flops.iter().for_each(|(name, flops)| table.row([name.clone(), count(*flops)]));
        writeln!(out, "{}", fitted(table))?;
    }
    if !forecast.is_empty() {
        writeln!(
            out,
            "forecast for {} real steps\n{}",
            count(variant.real_steps),
            fitted(costs(forecast))
        )?;
    }
    if let Some(roofline) = roofline.filter(|_| !variant.summary.traffic.is_empty()) {
        let bounds = fitted(bounds(&variant.summary, roofline));
        write!(out, "\nleast time on this device\n{bounds}")?;
    }
    Ok(())
}

/// The least time of the networks in each phase.
fn bounds(summary: &Summary, roofline: Roofline) -> TextTable {
    let mut table = TextTable::new(&[
        ("phase", Left),
        ("FLOPs", Right),
        ("bytes", Right),
        ("time", Right),
        ("limited by", Left),
    ]);
    let mut all = 0.0;
    for (phase, &bytes) in &summary.traffic {
        let flops = summary.forecast.get(phase).map_or(0, |cost| cost.flops);
        let (seconds, bound) = roofline.at_least(flops, bytes);
        all += seconds;
        table.row([
            phase.name().to_owned(),
            large(flops),
            large(bytes),
            duration(seconds),
            bound.name().to_owned(),
        ]);
    }
    let blank = String::new;
    table.row(["all".to_owned(), blank(), blank(), duration(all), blank()]);
    table
}

fn costs(forecast: &BTreeMap<Phase, PhaseCost>) -> TextTable {
    let mut table = TextTable::new(&[
        ("phase", Left),
        ("real steps", Right),
        ("updates", Right),
        ("simulations", Right),
        ("imagined steps", Right),
        ("FLOPs", Right),
    ]);
    for (phase, cost) in forecast {
        table.row([
            phase.name().to_owned(),
            count(cost.real_steps),
            count(cost.updates),
            count(cost.simulations),
            count(cost.imagined_steps),
            large(cost.flops),
        ]);
    }
    table
}

fn layers(parts: &[Part]) -> TextTable {
    let mut table = TextTable::new(&[
        ("part", Left),
        ("layer", Left),
        ("output shape", Left),
        ("parameters", Right),
        ("multiply-accumulates", Right),
    ]);
    for part in parts {
        for layer in &part.layers {
            table.row([
                part.name.clone(),
                layer.name.clone(),
                format!("{:?}", layer.output_shape),
                count(layer.parameters),
                count(layer.macs),
            ]);
        }
    }
    table
}

//! `zerolab describe`: layers, shapes, parameters, FLOPs, and what a budget will cost.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use zerolab_agents::{Part, Summary};
use zerolab_experiments::plan::forecast::{Variant, forecast, preset_for, preset_run, variant};
use zerolab_metrics::{Phase, PhaseCost, Roofline};

use super::{known, write_json};
use crate::failure::Failure;
use crate::plan_arguments::Changes;
use crate::quantity::{count, duration, large};
use crate::table::Table;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The name of a preset, or a spec: a file that ends in `.toml`
    #[arg(value_name = "SPEC|PRESET")]
    what: PathBuf,
    #[command(flatten)]
    changes: Changes,
    /// The environment that a preset is described for
    #[arg(long, value_name = "NAME", default_value = "cartpole")]
    environment: String,
    /// The observation's shape that a preset is described for, instead of an environment's: a number of features,
    /// or planes, rows and columns
    #[arg(long, value_name = "N|CxHxW", conflicts_with = "environment", requires = "actions")]
    observation: Option<Shape>,
    /// How many actions there are, beside `--observation`
    #[arg(long, value_name = "N", requires = "observation")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    actions: Option<u16>,
    /// Real steps of a preset's forecast
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    real_steps: u64,
    /// Peak of a device in products of matrices, against which the forecast is held
    #[arg(long, value_name = "TFLOP/s", requires = "bandwidth", value_parser = positive)]
    peak: Option<f64>,
    /// Bandwidth of its memory
    #[arg(long, value_name = "TB/s", requires = "peak", value_parser = positive)]
    bandwidth: Option<f64>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Of one teraflop, and of one terabyte.
const TERA: f64 = 1e12;

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "it is a number above 0".to_owned())
}

impl Arguments {
    fn roofline(&self) -> Option<Roofline> {
        let (peak, bandwidth) = (self.peak? * TERA, self.bandwidth? * TERA);
        Some(Roofline { peak, bandwidth })
    }
}

/// The shape of an observation: `4`, `12x96x96`.
#[derive(Clone, Debug)]
struct Shape(Vec<usize>);

/// Larger observations would need networks that no memory holds.
const MOST_NUMBERS: usize = 1 << 18;

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides: Option<Vec<usize>> = text.split('x').map(|side| side.parse().ok()).collect();
        let sides = sides.filter(|sides| matches!(sides.len(), 1 | 3) && !sides.contains(&0));
        let sides = sides.ok_or("it is a number of features, or `PLANESxROWSxCOLUMNS`")?;
        let numbers = sides.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
            return Err(format!("an observation has at most {MOST_NUMBERS} numbers"));
        }
        Ok(Self(sides))
    }
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let variants = variants(arguments)?;
    if arguments.json {
        return write_json(out, &variants);
    }
    for variant in &variants {
        show(variant, arguments.roofline(), out)?;
    }
    Ok(())
}

fn variants(arguments: &Arguments) -> Result<Vec<Variant>, Failure> {
    let what = &arguments.what;
    if what.extension().is_some_and(|extension| extension == "toml") {
        return Ok(forecast(&arguments.changes.load(what)?)?.variants);
    }
    let preset = what.to_string_lossy();
    known("preset", &preset, zerolab_agents::presets().iter().map(|preset| preset.name))?;
    if let (Some(Shape(shape)), Some(actions)) = (&arguments.observation, arguments.actions) {
        return Ok(vec![preset_for(&preset, shape, actions.into(), arguments.real_steps)?]);
    }
    known(
        "environment",
        &arguments.environment,
        zerolab_environments::entries().iter().map(|entry| entry.name),
    )?;
    let run = preset_run(&preset, &arguments.environment, arguments.real_steps)?;
    Ok(vec![variant(&run)?])
}

fn show(variant: &Variant, roofline: Option<Roofline>, out: &mut dyn Write) -> Result<(), Failure> {
    let Summary { parts, parameters, acting_parameters, flops, forecast, .. } = &variant.summary;
    writeln!(out, "{} in {}\n", variant.agent, variant.environment)?;
    if !parts.is_empty() {
        writeln!(out, "{}", layers(parts))?;
    }
    writeln!(
        out,
        "{} parameters, {} of them take part in choosing an action\n",
        count(*parameters),
        count(*acting_parameters)
    )?;
    if !flops.is_empty() {
        let mut table = Table::new(&["operation", "FLOPs"]);
        flops.iter().for_each(|(name, flops)| table.row([name.clone(), count(*flops)]));
        writeln!(out, "{table}")?;
    }
    if !forecast.is_empty() {
        writeln!(
            out,
            "forecast for {} real steps\n{}",
            count(variant.real_steps),
            costs(forecast)
        )?;
    }
    if let Some(roofline) = roofline.filter(|_| !variant.summary.traffic.is_empty()) {
        write!(out, "\nat least, on that device\n{}", bounds(&variant.summary, roofline))?;
    }
    Ok(())
}

/// What the networks take at least, phase by phase.
fn bounds(summary: &Summary, roofline: Roofline) -> Table {
    let mut table = Table::new(&["phase", "FLOPs", "bytes", "time", "held up by"]);
    let mut all = 0.0;
    for (phase, &bytes) in &summary.traffic {
        let flops = summary.forecast.get(phase).map_or(0, |cost| cost.flops);
        let (seconds, bound) = roofline.at_least(flops, bytes);
        all += seconds;
        let cells = [phase.name().to_owned(), large(flops), large(bytes), duration(seconds as u64)];
        let [phase, flops, bytes, time] = cells;
        table.row([phase, flops, bytes, time, bound.name().to_owned()]);
    }
    let blank = String::new;
    table.row(["all".to_owned(), blank(), blank(), duration(all as u64), blank()]);
    table
}

fn costs(forecast: &BTreeMap<Phase, PhaseCost>) -> Table {
    let mut table =
        Table::new(&["phase", "real steps", "updates", "simulations", "imagined steps", "FLOPs"]);
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

fn layers(parts: &[Part]) -> Table {
    let mut table =
        Table::new(&["part", "layer", "output shape", "parameters", "multiply-accumulates"]);
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

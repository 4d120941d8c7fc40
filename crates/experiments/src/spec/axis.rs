//! The values of one axis of a sweep: listed, or drawn at random before anything starts.
//!
//! A drawn value depends only on `sweep_seed`, the key of the axis and the index of the value. It does not
//! depend on the rest of the spec, and a larger `samples` keeps the earlier values.

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;
use zerolab_settings::read;

use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::sections::MAX_RUNS;

/// A random axis: `{ log_uniform = [1e-4, 1e-2], samples = 8 }`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomAxis {
    /// Lowest and highest value; the logarithm is uniform between them.
    #[serde(default)]
    pub log_uniform: Option<[f64; 2]>,
    /// Lowest and highest value; the value is uniform between them.
    #[serde(default)]
    pub uniform: Option<[f64; 2]>,
    /// Lowest and highest whole number; the logarithm is uniform between them.
    #[serde(default)]
    pub log_uniform_int: Option<[i64; 2]>,
    /// Lowest and highest whole number; each number between them is equally likely.
    #[serde(default)]
    pub uniform_int: Option<[i64; 2]>,
    /// Values that are equally likely.
    #[serde(default)]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    pub choice: Option<Vec<toml::Value>>,
    /// The number of values drawn.
    #[schemars(range(min = 1))]
    pub samples: u64,
    /// Whether the axis is crossed with the others. Otherwise the random axes of a block are drawn together:
    /// each sample is one point with a value of each.
    #[serde(default)]
    pub crossed: bool,
}

/// Keys that tell a random axis from a table of further keys.
const RANDOM_AXIS_KEYS: [&str; 7] =
    ["log_uniform", "uniform", "log_uniform_int", "uniform_int", "choice", "samples", "crossed"];

/// How the values of a random axis are distributed.
#[derive(Debug, Clone, Copy)]
enum Distribution {
    LogUniform([f64; 2]),
    Uniform([f64; 2]),
    LogUniformInt([i64; 2]),
    UniformInt([i64; 2]),
    /// The number of values.
    Choice(usize),
}

/// Whether `node` is a random axis that is drawn together with the other random axes.
pub(super) fn is_joint(node: &Node) -> bool {
    let crossed = node.get("crossed").map(Node::to_value);
    matches!(node.content, Content::Table(_)) && crossed != Some(true.into())
}

/// Whether `node` holds the values of an axis. Otherwise it is a table of further keys.
pub(super) fn is_axis(node: &Node) -> bool {
    match &node.content {
        Content::Table(entries) => {
            entries.iter().any(|(key, _)| RANDOM_AXIS_KEYS.contains(&key.as_str()))
        }
        Content::Array(_) | Content::Scalar(_) => true,
    }
}

/// The values of the axis `written`, each with its place in the spec.
pub(super) fn values(
    node: &Node,
    written: &str,
    sweep_seed: u64,
) -> Result<Vec<Node>, LocatedError> {
    let values = match &node.content {
        Content::Array(elements) => elements.clone(),
        Content::Table(_) => drawn(node, written, sweep_seed)?,
        Content::Scalar(_) => {
            return Err(LocatedError::new(
                node.span,
                format!("the axis `{written}` needs several values"),
            )
            .help(
                "write a list, such as `[4, 16]`, or `{ log_uniform = [1e-4, 1e-2], samples = 8 }`",
            )
            .help("a single value belongs in its own table, not in the sweep"));
        }
    };
    if values.is_empty() {
        return Err(LocatedError::new(
            node.span,
            format!("empty sweep: the axis `{written}` has no values"),
        ));
    }
    Ok(values.into_iter().map(|value| Node { key: node.key, ..value }).collect())
}

fn drawn(node: &Node, written: &str, sweep_seed: u64) -> Result<Vec<Node>, LocatedError> {
    let located = |error: SettingsError| {
        LocatedError::from_settings(node, &error, &format!("the axis `{written}`"))
    };
    let axis: RandomAxis = read(&node.to_table()).map_err(located)?;
    let distribution = axis.check().map_err(located)?;
    let units = axis.units(written, sweep_seed);
    let scalar = |value: toml::Value| Node { content: Content::Scalar(value), ..*node };
    let whole =
        |number: f64, [low, high]: [i64; 2]| scalar((number as i64).clamp(low, high).into());
    Ok(match distribution {
        Distribution::Choice(count) => {
            let choices = node.get("choice").map_or(&[][..], Node::elements);
            let chosen =
                |unit: f64| choices[((unit * count as f64) as usize).min(count - 1)].clone();
            units.map(chosen).collect()
        }
        Distribution::UniformInt(range @ [low, high]) => {
            let values = (high - low) as f64 + 1.0;
            units.map(|unit| whole((low as f64 + unit * values).floor(), range)).collect()
        }
        Distribution::LogUniformInt(range @ [low, high]) => {
            let ends = [low as f64, high as f64 + 1.0];
            units.map(|unit| whole(log_uniform(ends, unit).floor(), range)).collect()
        }
        Distribution::Uniform(range @ [low, high]) => {
            let numbers = units.map(|unit| low + unit * (high - low));
            distinct(numbers, range, 17).into_iter().map(|number| scalar(number.into())).collect()
        }
        // The last digit of a logarithm may differ between machines, and run ids must not.
        Distribution::LogUniform(range) => {
            let numbers = units.map(|unit| log_uniform(range, unit));
            distinct(numbers, range, 15).into_iter().map(|number| scalar(number.into())).collect()
        }
    })
}

impl RandomAxis {
    fn check(&self) -> Result<Distribution, SettingsError> {
        let wrong = |path: &str, message: &str| Err(SettingsError::new(path, message));
        let possible = [
            self.log_uniform.map(Distribution::LogUniform),
            self.uniform.map(Distribution::Uniform),
            self.log_uniform_int.map(Distribution::LogUniformInt),
            self.uniform_int.map(Distribution::UniformInt),
            self.choice.as_ref().map(|values| Distribution::Choice(values.len())),
        ];
        let mut given = possible.into_iter().flatten();
        let (Some(distribution), None) = (given.next(), given.next()) else {
            let message = "exactly one of `log_uniform`, `uniform`, `log_uniform_int`, `uniform_int` and \
                           `choice` is needed";
            return wrong("", message);
        };
        let (path, [low, high]) = match distribution {
            Distribution::LogUniform(range) => ("log_uniform", range),
            Distribution::Uniform(range) => ("uniform", range),
            Distribution::LogUniformInt(range) => ("log_uniform_int", range.map(|end| end as f64)),
            Distribution::UniformInt(range) => ("uniform_int", range.map(|end| end as f64)),
            Distribution::Choice(0) => return wrong("choice", "at least one value is needed"),
            Distribution::Choice(_) => ("choice", [0.0, 1.0]),
        };
        if !(low < high && low.is_finite() && high.is_finite()) {
            return wrong(path, "the first number must be below the second, and both finite");
        }
        if path.starts_with("log") && low <= 0.0 {
            return wrong(path, "both numbers must be above 0");
        }
        // Larger whole numbers are not exact in the arithmetic of the draws.
        if path.ends_with("int") && (low.abs().max(high.abs()) > (1_u64 << 52) as f64) {
            return wrong(path, "both numbers must be at most 4503599627370496");
        }
        if self.samples == 0 {
            return wrong("samples", "empty sweep: at least one sample is needed");
        }
        if self.samples > MAX_RUNS {
            return wrong("samples", &format!("must be at most {MAX_RUNS}"));
        }
        Ok(distribution)
    }

    /// Numbers from 0 to 1, uniformly distributed, one for each sample.
    fn units(&self, written: &str, sweep_seed: u64) -> impl Iterator<Item = f64> + use<> {
        let seed = blake3::hash(format!("sweep axis {sweep_seed} {written}").as_bytes());
        let mut stream = ChaCha8Rng::from_seed(*seed.as_bytes());
        (0..self.samples).map(move |_| (stream.next_u64() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn log_uniform([low, high]: [f64; 2], unit: f64) -> f64 {
    (low.ln() + unit * (high.ln() - low.ln())).exp()
}

/// The numbers, rounded to six digits. There are more digits if the range is narrow, or for a number that would equal an
/// earlier one, but at most `most`.
fn distinct(numbers: impl Iterator<Item = f64>, [low, high]: [f64; 2], most: usize) -> Vec<f64> {
    let narrowness = low.abs().max(high.abs()) / (high - low);
    let least = ((4.0 + narrowness.log10()).ceil() as usize).clamp(6, most);
    let mut found: Vec<f64> = Vec::new();
    let mut known = HashSet::new();
    for number in numbers {
        let rounded = |digits| rounded(number, digits).clamp(low, high);
        let new = (least..=most).map(rounded).find(|number| !known.contains(&number.to_bits()));
        let number = new.unwrap_or_else(|| rounded(most));
        known.insert(number.to_bits());
        found.push(number);
    }
    found
}

/// The number with so many significant digits.
fn rounded(number: f64, digits: usize) -> f64 {
    format!("{number:.*e}", digits - 1).parse().unwrap_or(number)
}

//! The values of one axis of a sweep: listed, or drawn at random before anything starts.
//!
//! A drawn value is a function of `sweep_seed`, the axis's key and its number alone, so it stays the same
//! whatever else the spec holds, and more samples only add to fewer.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_environments::SettingsError;
use zerolab_environments::settings::read;

use super::fault::Fault;
use super::node::{Content, Node};
use super::sections::MOST_RUNS;

/// An axis drawn at random: `{ log_uniform = [1e-4, 1e-2], samples = 8 }`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomAxis {
    /// Lowest and highest value; equal chances for equal ratios.
    #[serde(default)]
    pub log_uniform: Option<[f64; 2]>,
    /// Lowest and highest value; equal chances for equal differences.
    #[serde(default)]
    pub uniform: Option<[f64; 2]>,
    /// How many values are drawn.
    #[schemars(range(min = 1))]
    pub samples: u64,
}

/// The keys of a table that is an axis and not a step of a dotted key.
const MARKS: [&str; 3] = ["log_uniform", "uniform", "samples"];

/// Whether `node` gives the values of an axis; else it is a table of further keys.
pub(super) fn is_axis(node: &Node) -> bool {
    match &node.content {
        Content::Table(entries) => entries.iter().any(|(key, _)| MARKS.contains(&key.as_str())),
        Content::Array(_) | Content::Scalar(_) => true,
    }
}

/// The values of the axis called `written`, each with the place that it comes from.
pub(super) fn values(node: &Node, written: &str, sweep_seed: u64) -> Result<Vec<Node>, Fault> {
    let values = match &node.content {
        Content::Array(elements) => elements.clone(),
        Content::Table(_) => drawn(node, written, sweep_seed)?,
        Content::Scalar(_) => {
            return Err(Fault::new(
                node.span,
                format!("the axis `{written}` needs several values"),
            )
            .help("write a list, as `[4, 16]`, or `{ log_uniform = [1e-4, 1e-2], samples = 8 }`")
            .help("a single value belongs in its own table, not in the sweep"));
        }
    };
    if values.is_empty() {
        return Err(Fault::new(
            node.span,
            format!("empty sweep: the axis `{written}` has no values"),
        ));
    }
    Ok(values.into_iter().map(|value| Node { key: node.key, ..value }).collect())
}

fn drawn(node: &Node, written: &str, sweep_seed: u64) -> Result<Vec<Node>, Fault> {
    let fault =
        |error: SettingsError| Fault::from_settings(node, &error, &format!("the axis `{written}`"));
    let axis: RandomAxis = read(&node.to_table()).map_err(fault)?;
    axis.check().map_err(fault)?;
    let numbers = axis.draw(written, sweep_seed);
    let value = |number: f64| Node { content: Content::Scalar(number.into()), ..*node };
    Ok(numbers.into_iter().map(value).collect())
}

impl RandomAxis {
    fn check(&self) -> Result<(), SettingsError> {
        let wrong = |path: &str, message: &str| {
            Err(SettingsError { path: path.to_owned(), message: message.to_owned() })
        };
        let (path, low, high) = match (self.log_uniform, self.uniform) {
            (Some([low, high]), None) => ("log_uniform", low, high),
            (None, Some([low, high])) => ("uniform", low, high),
            _ => return wrong("", "exactly one of `log_uniform` and `uniform` is needed"),
        };
        if !(low < high && low.is_finite() && high.is_finite()) {
            return wrong(path, "the first number is the lowest value, the second the highest");
        }
        if path == "log_uniform" && low <= 0.0 {
            return wrong(path, "both numbers are above 0");
        }
        if self.samples == 0 {
            return wrong("samples", "empty sweep: at least one sample is needed");
        }
        if self.samples > MOST_RUNS {
            return wrong("samples", &format!("at most {MOST_RUNS}"));
        }
        Ok(())
    }

    /// The values, in the order drawn. They are rounded to six digits: a logarithm may differ in the last
    /// bit from one machine to the next, and the identity of a run must not.
    fn draw(&self, written: &str, sweep_seed: u64) -> Vec<f64> {
        let seed = blake3::hash(format!("sweep axis {sweep_seed} {written}").as_bytes());
        let mut stream = ChaCha8Rng::from_seed(*seed.as_bytes());
        let mut unit = || (stream.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let mut value = || match (self.log_uniform, self.uniform) {
            (Some([low, high]), _) => (low.ln() + unit() * (high.ln() - low.ln())).exp(),
            (None, Some([low, high])) => low + unit() * (high - low),
            (None, None) => f64::NAN,
        };
        (0..self.samples).map(|_| six_digits(value())).collect()
    }
}

fn six_digits(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

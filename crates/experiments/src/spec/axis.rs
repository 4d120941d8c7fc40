//! The values of one axis of a sweep: listed, or drawn at random before anything starts.
//!
//! A drawn value depends only on `sweep_seed`, the key of the axis and the index of the value. It does not
//! depend on the rest of the spec, and a larger `samples` keeps the earlier values.

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
    /// The number of values drawn.
    #[schemars(range(min = 1))]
    pub samples: u64,
}

/// Keys that tell a random axis from a table of further keys.
const RANDOM_AXIS_KEYS: [&str; 3] = ["log_uniform", "uniform", "samples"];

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
    axis.check().map_err(located)?;
    let numbers = axis.draw(written, sweep_seed);
    let value = |number: f64| Node { content: Content::Scalar(number.into()), ..*node };
    Ok(numbers.into_iter().map(value).collect())
}

impl RandomAxis {
    fn check(&self) -> Result<(), SettingsError> {
        let wrong = |path: &str, message: &str| Err(SettingsError::new(path, message));
        let (path, low, high) = match (self.log_uniform, self.uniform) {
            (Some([low, high]), None) => ("log_uniform", low, high),
            (None, Some([low, high])) => ("uniform", low, high),
            _ => return wrong("", "exactly one of `log_uniform` and `uniform` is needed"),
        };
        if !(low < high && low.is_finite() && high.is_finite()) {
            return wrong(path, "the first number must be below the second, and both finite");
        }
        if path == "log_uniform" && low <= 0.0 {
            return wrong(path, "both numbers must be above 0");
        }
        if self.samples == 0 {
            return wrong("samples", "empty sweep: at least one sample is needed");
        }
        if self.samples > MAX_RUNS {
            return wrong("samples", &format!("must be at most {MAX_RUNS}"));
        }
        Ok(())
    }

    /// The values, in the order drawn. They are rounded to six digits, because the last bit of a logarithm
    /// may differ between machines, and run ids must not.
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

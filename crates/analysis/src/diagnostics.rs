//! What runs record while they learn, beside their scores: losses, gradients, training episodes, and searches
//! against what followed them.

use std::collections::BTreeMap;

use zerolab_metrics::statistics::mean;
use zerolab_metrics::{REWARD_TARGETS_CUT, Record, VALUE_TARGETS_CUT};

use crate::findings::Findings;
use crate::results::RunResults;

/// Parts of equal length of the training. Within each the mean is taken.
const PARTS: usize = 30;

/// A quantity over training in one environment.
pub(crate) struct Diagnostic {
    pub quantity: Quantity,
    pub environment: String,
    /// For each group that has recorded it.
    pub lines: Vec<DiagnosticLine>,
}

/// A quantity of one group.
pub(crate) struct DiagnosticLine {
    /// The index of the group in [`Findings::groups`].
    pub group: usize,
    /// The mean over the runs that have recorded it in a part of the training, at the part's end in real steps, and
    /// their number.
    pub mean: Vec<(f64, f64, usize)>,
    /// Each run, over real steps.
    pub runs: Vec<Vec<(f64, f64)>>,
}

/// The name and the unit of a quantity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity {
    /// The place in the order of quantities.
    place: u8,
    pub title: String,
    pub unit: &'static str,
}

impl Quantity {
    fn new(place: u8, title: &str, unit: &'static str) -> Self {
        Self { place, title: title.to_owned(), unit }
    }

    /// The quantity that a learning record holds under a name; `None` if it is a part of another.
    fn recorded(name: &str) -> Option<Self> {
        Some(match name {
            "target_version" | "root_value" | "realised_return" => return None,
            "total" => Self::new(2, "total loss", "mean over updates"),
            "gradient_norm" => Self::new(4, "norm of the gradient", "before clipping"),
            // PPO's loss, and the policy of a search.
            "entropy" | "policy_entropy" => Self::new(5, "entropy of the policy in acting", "nats"),
            VALUE_TARGETS_CUT => Self::new(7, "value targets beyond the support", "share"),
            REWARD_TARGETS_CUT => Self::new(7, "reward targets beyond the support", "share"),
            // The cross-entropy method.
            "mean_return" => Self::new(3, "return of the candidates", "reward"),
            "elite_return" => Self::new(3, "return of the best candidates", "reward"),
            "deviation" => {
                Self::new(4, "standard deviation of a parameter", "mean over parameters")
            }
            "priority_error" => Self::new(9, "error from which priorities are made", "value"),
            loss => {
                let title = format!("{} loss", loss.replace('_', " "));
                Self { place: 3, title, unit: "mean over updates" }
            }
        })
    }
}

/// Every quantity that any run has recorded, by quantity and then by environment in the order of the plan.
pub(crate) fn diagnostics(findings: &Findings) -> Vec<Diagnostic> {
    let mut found: BTreeMap<(Quantity, usize), Vec<DiagnosticLine>> = BTreeMap::new();
    let mut environments: Vec<&str> = Vec::new();
    for (index, group) in findings.groups.iter().enumerate() {
        let place = environments.iter().position(|known| *known == group.environment);
        let place = place.unwrap_or_else(|| {
            environments.push(&group.environment);
            environments.len() - 1
        });
        let length = longest(findings, &group.environment);
        let runs = group.runs.iter().map(|&run| parts(&findings.runs[run], length));
        let mut of_group: BTreeMap<Quantity, Vec<Parts>> = BTreeMap::new();
        runs.flatten()
            .for_each(|(quantity, parts)| of_group.entry(quantity).or_default().push(parts));
        for (quantity, runs) in of_group {
            let end = |part: usize| (part + 1) as f64 * length as f64 / PARTS as f64;
            let line = DiagnosticLine {
                group: index,
                mean: (0..PARTS).filter_map(|part| mean_at(&runs, part, end(part))).collect(),
                runs: runs.iter().map(|parts| points(parts, end)).collect(),
            };
            found.entry((quantity, place)).or_default().push(line);
        }
    }
    let diagnostic = |((quantity, place), lines): ((Quantity, usize), _)| {
        let environment = environments[place].to_owned();
        Diagnostic { quantity, environment, lines }
    };
    found.into_iter().map(diagnostic).collect()
}

/// The real steps of the longest run in an environment.
fn longest(findings: &Findings, environment: &str) -> u64 {
    let groups = findings.groups.iter().filter(|group| group.environment == environment);
    let runs = groups.flat_map(|group| &group.runs).map(|&run| findings.runs[run].real_steps());
    runs.max().unwrap_or(0).max(1)
}

/// The mean of a run's records in each part of the training; NaN without records.
type Parts = [f64; PARTS];

/// The sums and numbers of records in each part of the training, by quantity.
type Sums = BTreeMap<Quantity, [(f64, u32); PARTS]>;

/// What a run has recorded in each part of a training of `length` real steps.
fn parts(run: &RunResults, length: u64) -> impl Iterator<Item = (Quantity, Parts)> + use<> {
    let mut sums = Sums::new();
    for record in &run.records {
        let part = (record.real_steps().saturating_sub(1) * PARTS as u64 / length) as usize;
        let mut add = |quantity: Quantity, value: f64| {
            if value.is_finite() {
                let (sum, count) =
                    &mut sums.entry(quantity).or_insert([(0.0, 0); PARTS])[part.min(PARTS - 1)];
                (*sum, *count) = (*sum + value, *count + 1);
            }
        };
        match record {
            Record::Episode(episode) => {
                add(Quantity::new(0, "return of training episodes", "reward"), episode.r#return);
                add(
                    Quantity::new(1, "length of training episodes", "real steps"),
                    f64::from(episode.length),
                );
            }
            Record::Learning(learning) => {
                let losses = &learning.losses;
                for (name, value) in losses {
                    Quantity::recorded(name).into_iter().for_each(|quantity| add(quantity, *value));
                }
                if let (Some(root), Some(realised)) =
                    (losses.get("root_value"), losses.get("realised_return"))
                {
                    let title = "value of the search minus the return that followed";
                    add(Quantity::new(6, title, "reward"), root - realised);
                }
                if let Some(version) = losses.get("target_version") {
                    let age = learning.updates as f64 - version;
                    add(Quantity::new(8, "age of the target network", "updates"), age);
                }
            }
            Record::Evaluation(_) | Record::Cost(_) | Record::Phase(_) => {}
        }
    }
    let of = |(sum, count): (f64, u32)| if count > 0 { sum / f64::from(count) } else { f64::NAN };
    sums.into_iter().map(move |(quantity, parts)| (quantity, parts.map(of)))
}

/// The mean over the runs that have recorded something in a part, and their number.
fn mean_at(runs: &[Parts], part: usize, x: f64) -> Option<(f64, f64, usize)> {
    let known: Vec<f64> = runs.iter().map(|parts| parts[part]).filter(|y| y.is_finite()).collect();
    (!known.is_empty()).then(|| (x, mean(&known), known.len()))
}

fn points(parts: &Parts, x: impl Fn(usize) -> f64) -> Vec<(f64, f64)> {
    let all = parts.iter().enumerate().map(|(part, y)| (x(part), *y));
    all.filter(|(_, y)| y.is_finite()).collect()
}

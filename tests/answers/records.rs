//! The numbers of reports: each run's, and the verdicts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::Table;
use zerolab_metrics::statistics::MeanDifference;
use zerolab_metrics::{Anchors, ExperimentFile, Reached};

use super::numbers::numbers;
use crate::documents::project;

/// The reports of all experiments, by name, and published quantities.
pub struct Records {
    experiments: BTreeMap<String, Experiment>,
    /// By their table and name, as `training-cost/EfficientZero`.
    quantities: BTreeMap<String, f64>,
}

#[derive(Default)]
pub struct Experiment {
    /// The finished runs.
    pub runs: Vec<Run>,
    /// By number, from 1.
    pub hypotheses: BTreeMap<usize, Hypothesis>,
    /// What its spec sets.
    pub spec: Table,
}

/// A finished run with its numbers, by the names of measures.
#[derive(Default)]
pub struct Run {
    pub seed: String,
    /// The agent, the environment, and the axes of the sweep.
    pub marks: BTreeMap<String, String>,
    pub values: BTreeMap<String, f64>,
}

#[derive(Default)]
pub struct Hypothesis {
    pub verdict: String,
    /// The means and differences of its tests, with half the width of their intervals.
    pub values: Vec<(f64, f64)>,
    /// The whole numbers in its statement and in the names of the environments where it is tested.
    pub labels: Vec<String>,
}

type Row = BTreeMap<String, String>;

impl Records {
    /// Reads the tables of all reports in a folder of results, and their specs in another folder.
    pub fn read(results: &Path, specs: &Path) -> Self {
        let folders = fs::read_dir(results).unwrap().map(|entry| entry.unwrap().path());
        let reported = folders.filter(|folder| folder.join("tables/runs.csv").is_file());
        let named = reported.map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let spec = fs::read_to_string(specs.join(&name).with_extension("toml")).unwrap();
            (name, Experiment { spec: spec.parse().unwrap(), ..Experiment::read(&folder) })
        });
        let quantity = |row: Row| {
            assert!(!row["source"].is_empty(), "{row:?}");
            (format!("{}/{}", row["table"], row["name"]), row["value"].parse().unwrap())
        };
        let quantities = rows(&project().join("analysis/published/quantities.csv"));
        Self {
            experiments: named.collect(),
            quantities: quantities.into_iter().map(quantity).collect(),
        }
    }

    pub fn quantity(&self, name: &str) -> Result<f64, String> {
        self.quantities.get(name).copied().ok_or(format!("there is no quantity `{name}`"))
    }

    pub fn experiment(&self, name: &str) -> &Experiment {
        self.experiments.get(name).unwrap_or_else(|| panic!("there is no report of `{name}`"))
    }
}

impl Experiment {
    fn read(folder: &Path) -> Self {
        let mut runs: BTreeMap<String, Run> = BTreeMap::new();
        for row in rows(&folder.join("tables/runs.csv")) {
            if row["state"] == "done" {
                let values =
                    row.iter().filter_map(|(key, text)| Some((key.clone(), text.parse().ok()?)));
                runs.insert(
                    row["run"].clone(),
                    Run { seed: row["seed"].clone(), marks: marks(&row), values: values.collect() },
                );
            }
        }
        for row in rows(&folder.join("tables/examinations.csv")) {
            if let (Some(run), Ok(value)) = (runs.get_mut(&row["run"]), row["value"].parse()) {
                let name = format!("examination.{}.{}", row["examination"], row["measure"]);
                run.values.insert(name, value);
            }
        }
        // FLOPs of the training, as on the page.
        for row in rows(&folder.join("tables/costs.csv")) {
            let is_training = !["evaluation", "total"].contains(&row["phase"].as_str());
            if let Some(run) = runs.get_mut(&row["run"]).filter(|_| is_training) {
                *run.values.entry("flops".to_owned()).or_default() +=
                    row["flops"].parse::<f64>().unwrap();
            }
        }
        let asked = fs::read(folder.join("experiment.json")).unwrap();
        let asked: ExperimentFile = serde_json::from_slice(&asked).unwrap();
        for reference in asked.runs {
            let Some(run) = runs.get_mut(&reference.id) else { continue };
            let parameters =
                reference.networks.map(|it| ("parameters".to_owned(), it.parameters as f64));
            run.values.extend(parameters);
            run.values.extend(reference.anchors.iter().flat_map(exact));
            // The hack fraction, also of runs without competence.
            let performance = run.values.get("performance").copied();
            let lost = reference.anchors.zip(performance).and_then(|(it, at)| it.hack_fraction(at));
            run.values.extend(lost.map(|lost| ("performance_lost".to_owned(), lost)));
        }
        let runs = runs.into_values().collect();
        Self { runs, hypotheses: hypotheses(folder), spec: Table::new() }
    }
}

/// The exact solution of a run's environment, as `best_return.performance`.
fn exact(anchors: &Anchors) -> impl Iterator<Item = (String, f64)> + use<> {
    let Anchors { random, best_return, best_return_worst_tie: _, best_performance } = *anchors;
    let policies =
        [("random", random), ("best_return", best_return), ("best_performance", best_performance)];
    policies.into_iter().flat_map(|(name, Reached { r#return, performance })| {
        [(format!("{name}.return"), r#return), (format!("{name}.performance"), performance)]
    })
}

fn hypotheses(folder: &Path) -> BTreeMap<usize, Hypothesis> {
    let mut hypotheses: BTreeMap<usize, Hypothesis> = BTreeMap::new();
    for row in rows(&folder.join("tables/hypotheses.csv")) {
        let hypothesis = hypotheses.entry(row["hypothesis"].parse().unwrap()).or_default();
        hypothesis.verdict = row["verdict"].clone();
        let labels = numbers(&format!("{} {}", row["statement"], row["environment"]));
        hypothesis.labels.extend(labels.into_iter().map(|label| label.text));
        let number = |key: &str| row[key].parse::<f64>().ok();
        let half =
            number("high").zip(number("low")).map_or(f64::NAN, |(high, low)| (high - low) / 2.0);
        let values = [number("mean"), number("difference")].into_iter().flatten();
        hypothesis.values.extend(values.map(|value| (value, half)));
    }
    hypotheses
}

/// What distinguishes a run from those of other variants.
fn marks(row: &Row) -> BTreeMap<String, String> {
    let axes = row["axes"].split("; ").filter_map(|axis| axis.split_once('='));
    let axes = axes.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let own = ["agent", "environment"].map(|key| (key.to_owned(), row[key].clone()));
    own.into_iter().chain(axes).collect()
}

/// The rows of a table; none if the report has no such table.
fn rows(path: &Path) -> Vec<Row> {
    if !path.is_file() {
        return Vec::new();
    }
    let rows = csv::Reader::from_path(path).unwrap().into_deserialize();
    rows.map(|row| row.unwrap()).collect()
}

/// The mean of runs, and half of its 95 % interval; NaN if there are too few runs for one.
pub fn mean_with_half(values: &[f64]) -> Option<(f64, f64)> {
    let mean = MeanDifference::from_number(values, 0.0)?;
    let half = mean.interval().map_or(f64::NAN, |interval| interval.high - mean.value);
    Some((mean.value, half))
}

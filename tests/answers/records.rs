//! The numbers of reports: each run's, and the verdicts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zerolab_metrics::ExperimentFile;
use zerolab_metrics::statistics::MeanDifference;

/// The reports of all experiments, by name.
pub struct Records(BTreeMap<String, Experiment>);

#[derive(Default)]
pub struct Experiment {
    /// The finished runs.
    pub runs: Vec<Run>,
    /// By number, from 1.
    pub hypotheses: BTreeMap<usize, Hypothesis>,
}

/// A finished run with its numbers, by the names of measures.
#[derive(Default)]
pub struct Run {
    /// The agent, the environment, and the axes of the sweep.
    pub marks: BTreeMap<String, String>,
    pub values: BTreeMap<String, f64>,
}

#[derive(Default)]
pub struct Hypothesis {
    pub verdict: String,
    /// The means and differences of its tests, with half the width of their intervals.
    pub values: Vec<(f64, f64)>,
}

type Row = BTreeMap<String, String>;

impl Records {
    /// Reads the tables of all reports in a folder of results.
    pub fn read(results: &Path) -> Self {
        let folders = fs::read_dir(results).unwrap().map(|entry| entry.unwrap().path());
        let reported = folders.filter(|folder| folder.join("tables/runs.csv").is_file());
        let named = reported.map(|folder| {
            (folder.file_name().unwrap().to_string_lossy().into_owned(), Experiment::read(&folder))
        });
        Self(named.collect())
    }

    pub fn experiment(&self, name: &str) -> &Experiment {
        self.0.get(name).unwrap_or_else(|| panic!("there is no report of `{name}`"))
    }
}

impl Experiment {
    fn read(folder: &Path) -> Self {
        let mut runs: BTreeMap<String, Run> = BTreeMap::new();
        for row in rows(&folder.join("tables/runs.csv")) {
            if row["state"] == "done" {
                let numbers =
                    row.iter().filter_map(|(key, text)| Some((key.clone(), text.parse().ok()?)));
                runs.insert(
                    row["run"].clone(),
                    Run { marks: marks(&row), values: numbers.collect() },
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
            if let (Some(run), Some(networks)) = (runs.get_mut(&reference.id), reference.networks) {
                run.values.insert("parameters".to_owned(), networks.parameters as f64);
            }
        }
        Self { runs: runs.into_values().collect(), hypotheses: hypotheses(folder) }
    }
}

fn hypotheses(folder: &Path) -> BTreeMap<usize, Hypothesis> {
    let mut hypotheses: BTreeMap<usize, Hypothesis> = BTreeMap::new();
    for row in rows(&folder.join("tables/hypotheses.csv")) {
        let hypothesis = hypotheses.entry(row["hypothesis"].parse().unwrap()).or_default();
        hypothesis.verdict = row["verdict"].clone();
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

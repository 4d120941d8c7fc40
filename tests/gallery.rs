//! The gallery's tables and figures are what `report` makes of the records in the gallery.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use zerolab_metrics::statistics::{mean, standard_deviation};
use zerolab_metrics::{ExperimentFile, Record, RunReference, read_records};

use crate::answers::numbers::{Number, numbers};
use crate::documents::project;
use crate::harness::{Lab, copy_folder};

/// The experiments whose records are in the gallery.
fn experiments(gallery: &Path) -> Vec<String> {
    let folders = fs::read_dir(gallery).unwrap().map(|folder| folder.unwrap().path());
    let asked = folders.filter(|folder| folder.join("experiment.json").exists());
    let mut names: Vec<String> =
        asked.map(|folder| folder.file_name().unwrap().display().to_string()).collect();
    names.sort();
    names
}

#[test]
fn the_gallery_is_made_again_from_its_records() {
    let gallery = project().join("results/gallery");
    let lab = Lab::new("");
    copy_folder(&gallery.join("runs"), &lab.path("results/runs"));
    let experiments = experiments(&gallery);
    assert!(experiments.len() > 30, "{experiments:?}");
    for experiment in &experiments {
        let asked = format!("{experiment}/experiment.json");
        fs::create_dir_all(lab.path("results").join(experiment)).unwrap();
        fs::copy(gallery.join(&asked), lab.path("results").join(&asked)).unwrap();
    }
    let mut compared = 0;
    let examinations = gallery.join("examinations");
    copy_folder(&examinations, &lab.path("results/examinations"));
    for experiment in &experiments {
        lab.succeed(&format!("report results/{experiment}"));
        for part in ["tables", "figures"] {
            // Of an included experiment the gallery has only what it asked.
            let folder = gallery.join(experiment).join(part);
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                let name = format!("{experiment}/{part}/{}", path.file_name().unwrap().display());
                if path
                    .extension()
                    .is_some_and(|extension| extension == "csv" || extension == "svg")
                {
                    let again = lab.read(&format!("results/{name}"));
                    assert!(fs::read_to_string(&path).unwrap() == again, "{name} is another now");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 380, "{compared} files");
}

/// A row of a table of final scores.
#[derive(Deserialize)]
struct Score {
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

/// Tables in documents have `value [low, high]` as the gallery has them, rounded.
#[test]
fn scores_in_the_documents_are_those_of_the_gallery() {
    let gallery = project().join("results/gallery");
    let tables = experiments(&gallery).into_iter();
    let tables = tables.map(|experiment| gallery.join(experiment).join("tables/final_scores.csv"));
    let scores: Vec<[f64; 3]> = tables
        .filter_map(|table| csv::Reader::from_path(table).ok())
        .flat_map(|table| table.into_deserialize().map(|row| row.unwrap()))
        .filter_map(|Score { value, low, high }| Some([value?, low?, high?]))
        .collect();
    let mut compared = 0;
    for document in ["README.md", "docs/results.md"] {
        for interval in printed_intervals(document) {
            let is = |score: &[f64; 3]| interval.iter().zip(score).all(|(it, score)| it.is(*score));
            assert!(scores.iter().any(is), "{document}: no score is {interval:?}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared} scores");
}

/// Each `value [low, high]` in the tables of a document.
fn printed_intervals(document: &str) -> Vec<[Number; 3]> {
    let text = fs::read_to_string(project().join(document)).unwrap();
    let cells = text.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('|'));
    let intervals = cells.filter(|cell| cell.contains('[')).filter_map(|cell| {
        // Here 500 is not rounded to hundreds.
        let unrounded = |it: Number| Number { unit: it.unit.min(1.0), ..it };
        let numbers: Vec<Number> = numbers(cell).into_iter().map(unrounded).collect();
        let (intervals, rest) = numbers.as_chunks::<3>();
        rest.is_empty().then(|| intervals.to_vec())
    });
    intervals.flatten().collect()
}

/// An exact optimum is one: no trained agent has more, beyond the luck of its evaluations.
#[test]
fn no_agent_of_the_gallery_exceeds_the_best_policy() {
    let gallery = project().join("results/gallery");
    let mut compared = 0;
    for experiment in experiments(&gallery) {
        let text = fs::read(gallery.join(experiment).join("experiment.json")).unwrap();
        let experiment: ExperimentFile = serde_json::from_slice(&text).unwrap();
        let mut variants: BTreeMap<String, Vec<&RunReference>> = BTreeMap::new();
        for run in experiment.runs.iter().filter(|run| run.anchors.is_some()) {
            let variant = format!("{} {:?}", run.agent, run.axes);
            variants.entry(variant).or_default().push(run);
        }
        for (variant, runs) in variants {
            let anchors = runs[0].anchors.unwrap();
            let last = |run: &&RunReference| {
                let records = gallery.join("runs").join(&run.id).join("records.jsonl");
                let records = read_records(&records, None).ok()?;
                let mut evaluations = records.into_iter().filter_map(|record| match record {
                    Record::Evaluation(evaluation) => Some(evaluation),
                    _ => None,
                });
                evaluations.next_back()
            };
            let evaluations: Vec<_> = runs.iter().filter_map(last).collect();
            let returns: Vec<f64> = evaluations.iter().map(|it| mean(&it.returns)).collect();
            let performances: Vec<f64> =
                evaluations.iter().map(|it| mean(&it.performances)).collect();
            for (scores, best) in [
                (returns, anchors.best_return.r#return),
                (performances, anchors.best_performance.performance),
            ] {
                if scores.len() < 2 {
                    continue;
                }
                let error = standard_deviation(&scores) / (scores.len() as f64).sqrt();
                let excess = mean(&scores) - best;
                // By luck one of two thousand variants of ten seeds.
                assert!(excess <= 5.0 * error + 1e-6, "{variant}: {excess} above {best}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 100, "{compared} scores");
}

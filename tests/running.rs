//! `run` turns a spec into files, a table and a page. A finished run is never trained again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::harness::{Lab, SMALL};

#[test]
fn a_run_leaves_its_files_and_the_experiment_its_page() {
    let lab = Lab::new(SMALL);
    let ran = lab.succeed("run spec.toml");
    assert!(ran.err.contains("4 runs: 0 finished before, 4 finished now, 0 failed"), "{}", ran.err);
    assert_eq!(ran.out.lines().last(), Some("results/small/report.html"));
    assert!(ran.out.contains("random") && ran.out.contains("scripted"), "{}", ran.out);
    assert!(lab.read("results/small/report.html").contains("Does it run?"));

    assert_eq!(lab.run_ids().len(), 4);
    for id in lab.run_ids() {
        let manifest = lab.manifest(&id);
        assert_eq!(manifest["state"], "done");
        assert_eq!(manifest["real_steps"], 200);
        assert!(lab.read(&format!("results/runs/{id}/log.txt")).contains(&id));
        let records = lab.records(&id);
        assert!(
            records
                .iter()
                .all(|record| record["real_steps"].is_u64() && record["updates"].is_u64())
        );
        let of_kind = |kind| records.iter().filter(|record| record["kind"] == kind).count();
        assert_eq!((of_kind("evaluation"), of_kind("cost")), (2, 2));
        // An episode of catch has nine steps, so each of the four lanes ends five in its fifty steps.
        assert_eq!(of_kind("episode"), 20);
        assert_eq!(records.last().unwrap()["real_steps"], 200);
    }
}

#[test]
fn every_variant_has_its_first_seed_before_one_has_its_second() {
    let lab = Lab::new(SMALL);
    let ran = lab.succeed("run spec.toml --jobs 1");
    let started: Vec<&str> =
        ran.err.lines().filter_map(|line| line.strip_prefix("started  ")).collect();
    assert_eq!(started.len(), 4, "{}", ran.err);
    assert!(started[..2].iter().all(|run| run.contains("-s0-")), "{started:?}");
    assert!(started[2..].iter().all(|run| run.contains("-s1-")), "{started:?}");
}

/// Every file of every run, with its contents and when it was last written.
fn run_files(lab: &Lab) -> Vec<(PathBuf, Vec<u8>, SystemTime)> {
    let entries = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = lab.run_ids().into_iter().map(|id| lab.path(&format!("results/runs/{id}")));
    let files = folders.flat_map(entries).map(|entry| {
        let path = entry.path();
        let contents = fs::read(&path).unwrap();
        (path, contents, entry.metadata().unwrap().modified().unwrap())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

#[test]
fn a_finished_experiment_starts_no_worker_and_answers_the_same() {
    let lab = Lab::new(SMALL);
    let first = lab.succeed("run spec.toml");
    let before = run_files(&lab);
    assert!(before.iter().any(|(path, ..)| path.ends_with("log.txt")));
    let again = lab.succeed("run spec.toml");
    assert!(again.err.contains("4 finished before, 0 finished now"), "{}", again.err);
    assert!(!again.err.contains("started"), "{}", again.err);
    assert_eq!(again.out, first.out);
    // A worker would write a manifest and a line of the log.
    assert!(run_files(&lab) == before, "files of finished runs were written again");
}

#[test]
fn fresh_trains_finished_runs_again() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random");
    let (process, records) =
        (lab.manifest(&lab.run_id("random-s0"))["process_id"].clone(), lab.all_records());
    let ran = lab.succeed("run spec.toml --only random --fresh");
    assert!(ran.err.contains("0 finished before, 2 finished now"), "{}", ran.err);
    assert_ne!(lab.manifest(&lab.run_id("random-s0"))["process_id"], process);
    assert_eq!(lab.all_records(), records);
}

#[test]
fn experiments_that_share_a_run_share_its_files() {
    let lab = Lab::new(SMALL);
    lab.write(
        "other.toml",
        &SMALL.replace("\"small\"", "\"other\"").replace("[agents.scripted]", ""),
    );
    lab.succeed("run spec.toml");
    let ran = lab.succeed("run other.toml");
    assert!(ran.err.contains("2 runs: 2 finished before, 0 finished now"), "{}", ran.err);
    assert!(lab.path("results/other/report.html").exists());
}

#[test]
fn a_resolved_run_is_a_spec_of_that_run() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    for id in lab.run_ids() {
        let plan = lab.json(&format!("plan results/runs/{id}/run.toml --json"));
        assert_eq!(plan["runs"].as_array().unwrap().len(), 1);
        assert_eq!(plan["runs"][0]["id"], id.as_str());
    }
    let id = lab.run_id("scripted-s1");
    fs::copy(lab.path(&format!("results/runs/{id}/run.toml")), lab.path("run.toml")).unwrap();
    lab.succeed("run run.toml --results elsewhere");
    assert_eq!(lab.run_ids_in("elsewhere"), [id.as_str()]);
    assert_eq!(lab.records_in("elsewhere", &id), lab.records(&id));
}

#[test]
fn a_report_needs_only_the_files_of_the_runs() {
    let lab = Lab::new(SMALL);
    let ran = lab.succeed("run spec.toml");
    fs::remove_dir_all(lab.path("results/small")).unwrap();
    assert_eq!(lab.succeed("report spec.toml").out, ran.out);
}

#[test]
fn a_report_ignores_the_unfinished_line_of_a_running_run() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    let id = lab.run_id("random-s0");
    lab.forge(&id, |manifest| {
        manifest["state"] = "running".into();
        manifest["records"] = serde_json::Value::Null;
    });
    let records = format!("results/runs/{id}/records.jsonl");
    let torn = format!("{}{{\"kind\":\"evalu", lab.read(&records));
    lab.write(&records, &torn);
    let ran = lab.succeed("report spec.toml");
    assert!(ran.out.contains("3 of 4 runs finished: 1 running"), "{}", ran.out);
}

#[test]
fn set_changes_the_evaluation_and_the_budget() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1 --set budget.real_steps=90 --set evaluation.every=40");
    let records = lab.records(&lab.run_id("random-s0"));
    let evaluations = records.iter().filter(|record| record["kind"] == "evaluation");
    let at: Vec<u64> = evaluations.map(|record| record["real_steps"].as_u64().unwrap()).collect();
    assert_eq!(at, [40, 80, 90]);
}

#[test]
fn characters_that_a_png_cannot_show_are_noted() {
    let lab = Lab::new(&SMALL.replace("[agents.random]", "[agents.\"深\"]\npreset = \"random\""));
    let note = "note: the PNGs and PDFs of 10 figures show boxes for 深, which the embedded font lacks; the SVGs show them in a \
                font of the viewer\n";
    let ran = lab.succeed("run spec.toml");
    assert!(ran.err.ends_with(note), "{}", ran.err);
    assert_eq!(lab.succeed("report spec.toml").err, note);
    let without = Lab::new(SMALL).succeed("run spec.toml --seeds 1");
    assert!(!without.err.contains("boxes"), "{}", without.err);
}

#[test]
fn a_missing_include_is_noted_and_costs_no_report() {
    let lab = Lab::new(&format!("{SMALL}\n[[include]]\nexperiment = \"other\"\n"));
    let missing = "there are no results of `other` in results";
    assert!(lab.succeed("plan spec.toml").err.contains(missing));
    let ran = lab.succeed("run spec.toml");
    assert!(ran.err.contains(missing) && ran.out.contains("report.html"), "{}", ran.err);
    assert!(lab.read("results/small/report.html").contains(missing));
    lab.write("other.toml", &SMALL.replace("\"small\"", "\"other\""));
    lab.succeed("run other.toml");
    assert!(!lab.succeed("plan spec.toml").err.contains(missing));
    assert!(lab.succeed("report spec.toml").out.contains("random of other"));
    let itself = lab.run("plan spec.toml --name other");
    assert_eq!(itself.code, Some(2));
    assert!(itself.err.contains("cannot include itself"), "{}", itself.err);
}

#[test]
fn plan_and_report_have_the_same_labels() {
    let swept = r#"
[sweep]
"agents.dqn.discount" = [0.806, 0.1, 1e-3]
"agents.dqn.optimizer.learning_rate" = { log_uniform = [1e-5, 1e-2], samples = 2 }
"environment.max_steps" = [50, 60]
"#;
    let small = SMALL.replace("catch", "cartpole").replace("[agents.scripted]", "[agents.dqn]");
    let lab = Lab::new(&format!("{small}{swept}"));
    let plan = lab.json("plan spec.toml --seeds 1 --json");
    let planned = plan["forecast"].as_array().unwrap().iter().map(|variant| {
        let text = |key: &str| variant[key].as_str().unwrap().to_owned();
        (text("environment"), text("agent"))
    });
    let planned: BTreeSet<(String, String)> = planned.collect();
    assert_eq!(planned.len(), 2 * (1 + 3 * 2));
    assert!(planned.iter().any(|(_, agent)| agent.contains("discount=0.806, ")), "{planned:?}");
    let table = lab.succeed("plan spec.toml --seeds 1").out;
    let report = lab.succeed("run spec.toml --seeds 1").out;
    let scores = lab.read("results/small/tables/final_scores.csv");
    let mut reported = BTreeSet::new();
    for (environment, agent) in &planned {
        // A label with a comma is quoted.
        let quoted =
            |label: &str| if label.contains(',') { format!("\"{label}\"") } else { label.into() };
        let row = format!("{},{},", quoted(environment), quoted(agent));
        assert!(scores.lines().any(|line| line.starts_with(&row)), "{row}\n{scores}");
        reported.insert(row);
        for text in [&table, &report] {
            let has = |line: &str| line.contains(environment) && line.contains(agent);
            assert!(text.lines().any(has), "{environment} {agent}\n{text}");
        }
    }
    let others = scores.lines().skip(1);
    let others: Vec<&str> =
        others.filter(|line| !reported.iter().any(|row| line.starts_with(row))).collect();
    assert_eq!(others, Vec::<&str>::new());
}

#[test]
fn every_environment_can_be_played() {
    let listed = Lab::new(SMALL).json("list environments --json");
    let built = listed.as_array().unwrap().iter().filter(|line| line["lacks"].is_null());
    let names = built.map(|line| line["name"].as_str().unwrap());
    // One of a user's own has no default settings.
    let names: Vec<&str> = names.filter(|name| *name != "python").collect();
    assert!(names.contains(&"board/tictactoe"));
    let lab = Lab::new(&format!("{SMALL}\n[sweep]\n\"environment.name\" = {names:?}\n"));
    let ran = lab.succeed("run spec.toml --only random --seeds 1");
    assert!(ran.err.contains(&format!("{} finished now, 0 failed", names.len())), "{}", ran.err);
    for (id, records) in lab.all_records() {
        let evaluations = records.iter().filter(|record| record["kind"] == "evaluation");
        assert_eq!(evaluations.count(), 2, "{id}");
    }
}

#[test]
fn a_manifest_names_the_source_that_the_program_was_built_from_wherever_it_runs() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).current_dir(&source).output().ok()?;
        let text = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        output.status.success().then_some(text)
    };
    // Source that lies in a folder of another repository has no revision.
    let top = git(&["rev-parse", "--show-toplevel"]);
    let revision = top.filter(|top| Path::new(top) == source).and(git(&["rev-parse", "HEAD"]));
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random-s0");
    let id = lab.run_id("random-s0");
    let manifest = lab.manifest(&id);
    assert_eq!(manifest["provenance"]["git_revision"].as_str(), revision.as_deref());
    let patch = lab.path(&format!("results/runs/{id}/uncommitted.patch"));
    assert_eq!(manifest["provenance"]["git_dirty"], patch.exists());
}

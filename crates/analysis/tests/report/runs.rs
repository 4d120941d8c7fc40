//! Diagnostics, pages of single runs, the index of several reports, and pages that follow a training.

use std::collections::BTreeMap;
use std::fs;

use zerolab_analysis::{report, report_run, report_while_training, write_index};
use zerolab_metrics::{
    ChangedSetting, EpisodeRecord, ExperimentFile, LearningRecord, Record, RunReference, RunState,
};

use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_experiment, finished_run};

/// A run that goes on, with records of learning and of episodes.
fn learning() -> (ResultsFolder, SyntheticRun) {
    let mut folder = ResultsFolder::new();
    let run = SyntheticRun {
        state: RunState::Running,
        ..finished_run("cartpole", "efficientzero", 0, &[10.0, 20.0, 30.0])
    };
    folder.add(&run);
    let losses = |numbers: &[(&str, f64)]| -> BTreeMap<String, f64> {
        numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect()
    };
    let learning = |real_steps, losses| {
        Record::Learning(LearningRecord { real_steps, updates: 60, losses, wall_seconds: 1.0 })
    };
    let episode = |real_steps, r#return| {
        Record::Episode(EpisodeRecord {
            real_steps,
            updates: 0,
            lane: 0,
            r#return,
            performance: r#return,
            length: 4,
            truncated: false,
            events: BTreeMap::new(),
            wall_seconds: 1.0,
        })
    };
    let records = [
        episode(10, 2.0),
        episode(20, 4.0),
        learning(3_000, losses(&[("total", 5.0), ("target_version", 40.0)])),
        learning(3_000, losses(&[("total", 7.0), ("root_value", 3.0), ("realised_return", 1.0)])),
    ];
    let lines = records.map(|record| serde_json::to_string(&record).unwrap() + "\n").concat();
    fs::write(folder.run_folder(&run).join("records.jsonl"), lines).unwrap();
    (folder, run)
}

#[test]
fn diagnostics_are_means_over_parts_of_the_training() {
    let (folder, _) = learning();
    report_on(&folder);
    insta::assert_snapshot!(folder.text("figures/diagnostics.csv"), @r#"
    panel,agent,x,value,low,high,runs
    "return of training episodes, cartpole",efficientzero,100.0,3.0,,,1
    "length of training episodes, cartpole",efficientzero,100.0,4.0,,,1
    "total loss, cartpole",efficientzero,3000.0,6.0,,,1
    "value of the search minus the return that followed, cartpole",efficientzero,3000.0,2.0,,,1
    "age of the target network, cartpole",efficientzero,3000.0,20.0,,,1
    "#);
}

#[test]
fn the_page_of_a_run_shows_its_settings_and_links_to_files_that_exist() {
    let (folder, run) = learning();
    let place = folder.run_folder(&run);
    let reference = RunReference {
        id: run.id(),
        settings_hash: String::new(),
        environment: "cartpole".to_owned(),
        agent: "efficientzero".to_owned(),
        seed: 0,
        axes: BTreeMap::new(),
        networks: None,
        changes: Vec::new(),
        anchors: None,
        examinations: Vec::new(),
    };
    let changed = ChangedSetting {
        key: "efficientzero.optimizer.learning_rate".to_owned(),
        usual: Some("0.2".to_owned()),
        value: Some("<0.05>".to_owned()),
    };
    fs::write(place.join("run.toml"), "").unwrap();
    let before = report_on(&folder).page;
    assert!(!fs::read_to_string(before).unwrap().contains("run.html"));
    let long = ChangedSetting {
        key: "efficientzero.discount".to_owned(),
        usual: None,
        value: Some("0.000201012".to_owned()),
    };
    let page = report_run(&place, &reference, &[changed, long]).unwrap();
    let html = fs::read_to_string(&page).unwrap();
    for text in
        ["efficientzero in cartpole, seed 0", "&lt;0.05&gt;", "--results repeated", "total loss"]
    {
        assert!(html.contains(text), "{text}");
    }
    assert!(html.contains("<td>2.01012e-4</td>") && html.contains("<td>0.2</td>"));
    let links: Vec<&str> = html
        .split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| !link.contains("://"))
        .collect();
    assert!(links.len() >= 5, "{links:?}");
    for link in links {
        assert!(place.join(link).exists(), "{link}");
    }
    let after = fs::read_to_string(report_on(&folder).page).unwrap();
    assert!(after.contains(&format!("../runs/{}/run.html", run.id())));
}

#[test]
fn the_captions_of_one_run_speak_of_no_mean_over_runs() {
    let mut folder = ResultsFolder::new();
    let run = finished_run("cartpole", "dqn", 0, &[1.0, 2.0]);
    folder.add(&run);
    report_on(&folder);
    let place = folder.run_folder(&run);
    let file: ExperimentFile = serde_json::from_str(&folder.text("experiment.json")).unwrap();
    let page = report_run(&place, &file.runs[0], &[]).unwrap();
    let html = fs::read_to_string(page).unwrap();
    assert!(html.contains("mean over the episodes of each evaluation"));
    assert!(html.contains("What a run costs, by phase. FLOPs"));
    assert!(!html.contains("over seeds") && !html.contains("over finished runs"));
}

#[test]
fn an_index_has_every_report() {
    let folder = finished_experiment();
    let reports = [report_on(&folder), report_on(&folder)];
    let index = folder.path().join("index.html");
    write_index(&index, "Experiments", None, &reports).unwrap();
    let html = fs::read_to_string(index).unwrap();
    assert_eq!(html.matches("<a href=\"made-up/report.html\">").count(), 2);
    assert_eq!(html.matches("<svg").count(), 2);
    assert!(html.contains("30 runs, 30 done, last run ended on 1970-01-12"));
}

#[test]
fn agents_of_another_experiment_are_shown_with_its_name() {
    let folder = finished_experiment();
    let json = folder.text("experiment.json");
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let with = |agents: &str| {
        let include = format!("{{\"experiment\": \"made-up\", \"agents\": {agents}}}");
        let runs = json.find("\"runs\"").unwrap();
        let (head, _) = json.split_at(runs);
        let file = format!("{head}\"includes\": [{include}], \"runs\": []}}");
        fs::write(other.join("experiment.json"), file).unwrap();
        report(folder.path(), "other")
    };
    let answer = with("[\"muzero\"]").unwrap().answer;
    assert!(answer.contains("muzero of made-up reaches an IQM return of 470"), "{answer}");
    assert!(!answer.contains("efficientzero"), "{answer}");
    assert!(with("[]").unwrap().answer.contains("efficientzero of made-up"));
}

#[test]
fn a_report_is_written_without_an_included_experiment_or_agent_that_is_missing() {
    let mut folder = finished_experiment();
    folder.include("gone", &[]);
    folder.include("made-up", &["muzero", "dreamer"]);
    let report = report_on(&folder);
    let page = folder.text("report.html");
    for missing in ["there are no results of `gone`", "`made-up` has no agent `dreamer`"] {
        assert!(page.contains(missing), "{missing}");
        assert!(report.notes.iter().any(|note| note.contains(missing)), "{:?}", report.notes);
    }
    assert!(report.answer.contains("efficientzero reaches"), "{}", report.answer);
    assert!(report.answer.contains("muzero of made-up"), "{}", report.answer);
}

#[test]
fn only_a_page_of_unfinished_runs_loads_itself_again() {
    let is_reloaded = |folder: &ResultsFolder| {
        let report = report_while_training(folder.path(), "made-up", 5).unwrap();
        let html = fs::read_to_string(&report.page).unwrap();
        (report.is_finished, html.contains("<meta http-equiv=\"refresh\" content=\"5\">"))
    };
    assert_eq!(is_reloaded(&learning().0), (false, true));
    assert_eq!(is_reloaded(&finished_experiment()), (true, false));
}

//! Runs that are not finished: shown as they are, and no part of the final scores.

use std::fs;

use zerolab_analysis::report;
use zerolab_metrics::RunState;

use crate::report_on;
use crate::synthetic::{Folder, Run, finished, run};

/// One agent of which only the first two of seven runs are done.
fn unfinished() -> Folder {
    let mut folder = Folder::new();
    folder.add(&run("cartpole", "dqn", 0, &[50.0, 100.0, 200.0]));
    folder.add(&run("cartpole", "dqn", 1, &[50.0, 100.0, 220.0]));
    folder.add(&Run {
        state: RunState::Failed,
        reason: Some("out of memory (killed by signal 9)"),
        ..run("cartpole", "dqn", 2, &[9_999.0])
    });
    folder.add(&Run { state: RunState::Running, ..run("cartpole", "dqn", 3, &[60.0, 90.0]) });
    folder.add(&Run {
        state: RunState::Saved,
        reason: Some("Ctrl-C"),
        ..run("cartpole", "dqn", 4, &[])
    });
    let unreadable = run("cartpole", "dqn", 5, &[1.0]);
    folder.add(&unreadable);
    fs::write(folder.run_folder(&unreadable).join("records.jsonl"), "{\"kind\":\"nonsense\"}\n")
        .expect("a file");
    folder.plan(&run("cartpole", "dqn", 6, &[]));
    folder
}

#[test]
fn a_sweep_that_is_not_finished_is_reported_as_such() {
    let folder = unfinished();
    let report = report_on(&folder);
    insta::assert_snapshot!("unfinished_table", report.table);
    insta::assert_snapshot!("unfinished_answer", report.answer);
    let page = folder.text("report.html");
    let runs = page
        .split_once("<h2>Runs</h2>")
        .expect("runs")
        .1
        .split_once("</table>")
        .expect("a table")
        .0;
    insta::assert_snapshot!(
        "unfinished_runs",
        runs.replace(&folder.path().display().to_string(), "<results>")
    );
}

#[test]
fn nothing_finished_is_an_answer_too() {
    let mut folder = Folder::new();
    folder.plan(&run("catch", "muzero", 0, &[]));
    folder.hypothesis("evaluation.return", "muzero > muzero");
    let report = report_on(&folder);
    insta::assert_snapshot!("nothing_finished", format!("{}\n{}", report.table, report.answer));
    assert!(folder.text("report.html").contains("No run has left anything to draw yet."));
}

#[test]
fn a_run_without_an_evaluation_has_no_score() {
    let mut folder = Folder::new();
    folder.add(&run("catch", "random", 0, &[]));
    let report = report_on(&folder);
    assert!(
        report.answer.starts_with("No run has finished with an evaluation yet."),
        "{}",
        report.answer
    );
}

#[test]
fn one_seed_has_a_score_and_no_interval() {
    let mut folder = Folder::new();
    folder.add(&run("catch", "random", 0, &[-0.5]));
    let report = report_on(&folder);
    assert_eq!(
        report.answer,
        "After 3,000 real steps on catch, random reaches a mean return of -0.5 (1 seed)."
    );
    assert!(folder.text("tables/final_scores.csv").contains("return,mean,-0.5,,,1,1"));
}

#[test]
fn performance_stands_beside_the_return_where_they_differ() {
    let mut folder = Folder::new();
    for seed in 0..4 {
        folder.add(&Run {
            hacked: 50.0,
            ..run("tamper", "efficientzero", seed, &[100.0 + seed as f64])
        });
    }
    insta::assert_snapshot!("performance_table", report_on(&folder).table);
}

#[test]
fn an_experiment_that_never_ran_is_an_error_that_says_so() {
    let folder = Folder::new();
    let message = report(folder.path(), "another").expect_err("no such experiment").to_string();
    assert!(
        message.contains("another/experiment.json") && message.contains("run the experiment first"),
        "{message}"
    );
}

#[test]
fn a_broken_experiment_file_is_an_error_with_its_place() {
    let folder = Folder::new();
    fs::write(folder.path().join("made-up/experiment.json"), "{\"name\": 3}").expect("a file");
    let message = report(folder.path(), "made-up").expect_err("broken").to_string();
    assert!(
        message.contains("made-up/experiment.json: not an experiment file")
            && message.contains("line 1"),
        "{message}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_its_path() {
    let folder = finished();
    fs::write(folder.path().join("made-up/tables"), "in the way").expect("a file");
    let message = report(folder.path(), "made-up").expect_err("not writable").to_string();
    assert!(
        message.starts_with("cannot write ") && message.contains("made-up/tables"),
        "{message}"
    );
}

//! Unfinished runs: they are shown with their status and excluded from final scores.

use std::fs;

use zerolab_analysis::report;
use zerolab_metrics::RunState;

use crate::synthetic::{ResultsFolder, SyntheticRun, finished_experiment, finished_run};
use crate::{report_on, terminal_text};

/// One agent with seven runs; only the first two are done.
fn unfinished() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("cartpole", "dqn", 0, &[50.0, 100.0, 200.0]));
    folder.add(&finished_run("cartpole", "dqn", 1, &[50.0, 100.0, 220.0]));
    folder.add(&SyntheticRun {
        state: RunState::Failed,
        reason: Some("out of memory (killed by signal 9)"),
        ..finished_run("cartpole", "dqn", 2, &[9_999.0])
    });
    folder.add(&SyntheticRun {
        state: RunState::Running,
        ..finished_run("cartpole", "dqn", 3, &[60.0, 90.0])
    });
    folder.add(&SyntheticRun {
        state: RunState::Saved,
        reason: Some("Ctrl-C"),
        ..finished_run("cartpole", "dqn", 4, &[])
    });
    let unreadable = finished_run("cartpole", "dqn", 5, &[1.0]);
    folder.add(&unreadable);
    fs::write(folder.run_folder(&unreadable).join("records.jsonl"), "{\"kind\":\"nonsense\"}\n")
        .expect("a file");
    folder.plan(&finished_run("cartpole", "dqn", 6, &[]));
    folder
}

#[test]
fn a_sweep_that_is_not_finished_is_reported_as_such() {
    let folder = unfinished();
    let report = report_on(&folder);
    insta::assert_snapshot!("unfinished_table", terminal_text(&report));
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
    let mut folder = ResultsFolder::new();
    folder.plan(&finished_run("catch", "muzero", 0, &[]));
    folder.hypothesis("evaluation.return", "muzero > muzero");
    let report = report_on(&folder);
    insta::assert_snapshot!(
        "nothing_finished",
        format!("{}\n{}", terminal_text(&report), report.answer)
    );
    let page = folder.text("report.html");
    assert!(
        page.contains("No run has finished with an evaluation yet.") && !page.contains("<figure")
    );
}

#[test]
fn a_run_without_an_evaluation_has_no_score() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "random", 0, &[]));
    let report = report_on(&folder);
    assert!(
        report.answer.starts_with("No run has finished with an evaluation yet."),
        "{}",
        report.answer
    );
}

#[test]
fn one_seed_has_a_score_and_no_interval() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "random", 0, &[-0.5]));
    let report = report_on(&folder);
    assert_eq!(
        report.answer,
        "After 3,000 real steps on catch, random reaches a mean return of -0.5 (1 seed)."
    );
    assert!(folder.text("tables/final_scores.csv").contains("return,mean,-0.5,,,1,1"));
}

#[test]
fn performance_has_columns_of_its_own_where_it_differs_from_the_return() {
    let mut folder = ResultsFolder::new();
    for seed in 0..4 {
        folder.add(&SyntheticRun {
            reward_surplus: 50.0,
            ..finished_run("tamper", "efficientzero", seed, &[100.0 + seed as f64])
        });
    }
    insta::assert_snapshot!("performance_table", terminal_text(&report_on(&folder)));
}

#[test]
fn an_experiment_that_never_ran_is_an_error_that_says_so() {
    let folder = ResultsFolder::new();
    let message = report(folder.path(), "another").expect_err("no such experiment").to_string();
    assert!(
        message.contains("another/experiment.json") && message.contains("run the experiment first"),
        "{message}"
    );
}

#[test]
fn a_broken_experiment_file_is_an_error_with_its_place() {
    let folder = ResultsFolder::new();
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
    let folder = finished_experiment();
    fs::write(folder.path().join("made-up/tables"), "in the way").expect("a file");
    let message = report(folder.path(), "made-up").expect_err("not writable").to_string();
    assert!(
        message.starts_with("cannot write ") && message.contains("made-up/tables"),
        "{message}"
    );
}

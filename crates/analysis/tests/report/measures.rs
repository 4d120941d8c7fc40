//! Measures of events and anchors: in tables, figures and hypotheses.

use std::fs;

use zerolab_metrics::{Anchors, Reached, RunState};

use crate::figures::data_of;
use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_run};

/// What policies reach where a hack pays `bonus` more than the task's 10 and is worth nothing.
fn anchors(bonus: f64) -> Anchors {
    let reached = |r#return, performance| Reached { r#return, performance };
    Anchors {
        random: reached(2.0, 1.0),
        best_return: reached(10.0 + bonus, 0.0),
        best_return_worst_tie: reached(10.0 + bonus, -2.0),
        best_performance: reached(10.0, 10.0),
    }
}

/// A run that learns up to a return of 12 and hacks in `last` of its steps at the end. A performance is the return
/// minus nine times that share.
pub fn hacking(agent: &'static str, seed: u64, scale: f64, last: f64) -> SyntheticRun {
    let chance = 0.1 * seed as f64;
    let returns = [4.0, 9.0, 11.5].map(|value| value * scale + chance);
    SyntheticRun {
        reward_surplus: 9.0 * last,
        hacks: vec![0.0, 0.25 * last, last],
        anchors: Some(anchors(2.0)),
        ..finished_run("room", agent, seed, &returns)
    }
}

/// One agent that hacks, one that does the task, and one that is not good enough to tell.
fn hackers() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    for seed in 0..5 {
        folder.add(&hacking("efficientzero", seed, 1.0, 0.9));
        folder.add(&hacking("dqn", seed, 0.9, 0.1));
        let is_good = seed < 2;
        folder.add(&hacking("ppo", seed, if is_good { 1.0 } else { 0.4 }, 0.0));
    }
    folder
}

/// The section of the page with a title, up to the next one.
fn section(folder: &ResultsFolder, title: &str) -> String {
    let page = folder.text("report.html");
    let (_, after) = page.split_once(&format!("<h2>{title}</h2>")).expect("the section");
    after.split("<h2>").next().expect("a section").to_owned()
}

#[test]
fn tables_have_a_row_or_a_column_for_each_measure() {
    let folder = hackers();
    report_on(&folder);
    insta::assert_snapshot!("measures_final.csv", folder.text("tables/final_scores.csv"));
    for (table, columns) in [
        ("curves", "length,competence,hack_fraction,rate.hack,share.hack"),
        (
            "runs",
            "finished_unix_seconds,competence,hack_fraction,rate.hack,share.hack,steps_to.hack",
        ),
    ] {
        let text = folder.text(&format!("tables/{table}.csv"));
        let found: Vec<&str> = text.lines().next().expect("a head").split(',').collect();
        let mut last = found[found.len() - columns.split(',').count()..].to_vec();
        let mut expected: Vec<&str> = columns.split(',').collect();
        last.sort_unstable();
        expected.sort_unstable();
        assert_eq!(last, expected, "{table}");
    }
    insta::assert_snapshot!("measures_table", section(&folder, "Measures"));
}

#[test]
fn an_experiment_without_events_and_anchors_has_no_measures() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "dqn", 0, &[0.5]));
    report_on(&folder);
    assert!(!folder.text("report.html").contains("<h2>Measures</h2>"));
    assert!(!folder.text("tables/final_scores.csv").contains("competence"));
}

/// A run below a competence of 0.8 has no hack fraction, however low its performance.
#[test]
fn a_hack_fraction_needs_competence() {
    let folder = hackers();
    report_on(&folder);
    let table = folder.text("tables/final_scores.csv");
    let row = |agent: &str| {
        let found = table.lines().find(|it| it.contains(agent) && it.contains("hack_fraction"));
        found.expect("a row").to_owned()
    };
    assert!(row("ppo").ends_with(",2,5"), "{}", row("ppo"));
    assert!(row("efficientzero").ends_with(",5,5"), "{}", row("efficientzero"));
}

#[test]
fn figures_show_the_measure_of_their_y() {
    let mut folder = hackers();
    for kind in ["learning-curve", "final-scores", "per-task"] {
        folder.figure_of(kind, "", "share.hack");
    }
    folder.figure_of("cost-against-score", "flops", "competence");
    folder.figure_of("cost-against-score", "dollars", "share.hack");
    folder.figure_of("per-task", "", "performance");
    folder.figure_of("per-task", "", "hack_fraction");
    report_on(&folder);
    insta::assert_snapshot!("per_task_share.csv", data_of(&folder, "per-task-share-hack"));
    let svg = folder.text("figures/learning-curve-real-steps-share-hack.svg");
    assert!(svg.contains("evaluation share of steps with hack"));
    assert!(data_of(&folder, "final-scores-share-hack").contains("IQM"));
    assert!(data_of(&folder, "cost-against-score-flops-competence").contains("efficientzero"));
    // A Pareto front of agents that hack would call them the best.
    let reason = "more share of steps with hack is not better";
    assert!(folder.text("report.html").contains(reason));
    // A measure that `x` can name gives the same figure under the same name.
    data_of(&folder, "per-task-performance");
    let caption = folder.text("figures/per-task-hack-fraction.caption.txt");
    assert!(caption.contains("at the end for 12 of 15 finished runs"), "{caption}");
}

#[test]
fn a_measure_that_nothing_has_is_not_drawn_and_has_a_reason() {
    let mut folder = hackers();
    folder.figure_of("per-task", "", "rate.breach");
    report_on(&folder);
    let reason = "no evaluation has recorded the event `breach`";
    assert!(folder.text("report.html").contains(reason));
}

/// Exactly known policies are level lines, or curves where the swept setting is one of the environment.
#[test]
fn a_response_shows_the_anchors() {
    let mut folder = ResultsFolder::new();
    for (written, bonus) in [("1", 1.0), ("2", 2.0), ("4", 4.0)] {
        for simulations in ["4", "16"] {
            for seed in 0..3 {
                folder.add(&SyntheticRun {
                    axes: vec![
                        ("environment.bonus", written),
                        ("agents.*.search.simulations", simulations),
                    ],
                    anchors: Some(anchors(bonus)),
                    ..finished_run("room", "muzero", seed, &[9.0 + bonus + 0.1 * seed as f64])
                });
            }
        }
    }
    folder.figure("sweep-response", "");
    folder.figure_of("sweep-response", "", "competence");
    report_on(&folder);
    let exact = |name: &str| {
        let data = data_of(&folder, name);
        data.lines().filter(|line| line.contains("(exact)")).map(str::to_owned).collect::<Vec<_>>()
    };
    let returns = exact("sweep-response");
    for line in [
        "room: bonus,best return (exact),1.0,11.0,,,0",
        "room: bonus,best return (exact),4.0,14.0,,,0",
        "room: bonus,random (exact),,2.0,,,0",
        "room [bonus=4]: search.simulations,best return (exact),,14.0,,,0",
    ] {
        assert!(returns.iter().any(|it| it == line), "{line}\n{}", returns.join("\n"));
    }
    assert!(exact("sweep-response-competence").iter().all(|line| line.contains("(exact),,")));
    assert!(folder.text("figures/sweep-response.svg").contains("best return (exact)"));
}

#[test]
fn trajectories_lead_through_competence_and_what_it_is_worth() {
    let mut folder = hackers();
    folder.figure("goodhart", "");
    report_on(&folder);
    insta::assert_snapshot!("goodhart.csv", data_of(&folder, "goodhart"));
    let svg = folder.text("figures/goodhart.svg");
    for name in ["random", "best performance", "best return", "best return, worst tie"] {
        assert!(svg.contains(name), "{name}");
    }
}

#[test]
fn there_are_no_trajectories_where_rewards_agree() {
    let mut folder = ResultsFolder::new();
    let mut agreed = anchors(0.0);
    agreed.best_return = agreed.best_performance;
    agreed.best_return_worst_tie = agreed.best_performance;
    folder.add(&SyntheticRun {
        anchors: Some(agreed),
        ..finished_run("room", "dqn", 0, &[8.0, 9.0])
    });
    folder.figure("goodhart", "");
    report_on(&folder);
    assert!(folder.text("report.html").contains("Not drawn: <code>goodhart</code>"));
    assert!(!folder.text("tables/final_scores.csv").contains("hack_fraction"));
}

/// Episodes come every 20 real steps. From real step 2,000 on all hack, so that 11 of the last 20 do so at 2,220.
#[test]
fn the_time_to_an_event_is_when_most_recent_steps_have_it() {
    let mut folder = ResultsFolder::new();
    let of_seed = |seed: u64, hacks: [f64; 3]| SyntheticRun {
        hacks: hacks.to_vec(),
        ..finished_run("room", "dqn", seed, &[1.0, 2.0, 3.0])
    };
    for seed in 0..3 {
        folder.add(&of_seed(seed, [0.0, 0.0, 1.0]));
    }
    // The first window is full at the 20th episode.
    folder.add(&of_seed(3, [1.0, 1.0, 1.0]));
    for seed in 4..6 {
        folder.add(&of_seed(seed, [0.0, 0.5, 0.4]));
    }
    folder.add(&SyntheticRun { state: RunState::Running, ..of_seed(6, [1.0, 1.0, 1.0]) });
    folder.figure("time-to-event", "");
    report_on(&folder);
    let runs = folder.text("tables/runs.csv");
    let times: Vec<&str> =
        runs.lines().skip(1).filter_map(|line| line.rsplit(',').next()).collect();
    assert_eq!(times, ["2220", "2220", "2220", "400", "", "", "400"]);
    insta::assert_snapshot!("time_to_event.csv", data_of(&folder, "time-to-event"));
    let table = section(&folder, "Measures");
    let (_, row) = table.split_once("steps_to.hack</td>").expect("a row");
    let (row, _) = row.split_once("</tr>").expect("its end");
    assert!(row.contains(">2,220</td>") && row.contains(">[400, ∞)</td>"), "{row}");
    assert!(row.contains(">4 of 6</td>"), "{row}");
}

#[test]
fn an_agent_is_compared_with_a_number() {
    let mut folder = hackers();
    let mut answer = |metric: &str, statement: &str| {
        folder.hypothesis(metric, statement);
        report_on(&folder).answer.lines().last().expect("a sentence").to_owned()
    };
    let sentences = [
        answer("competence", "efficientzero > 0.9"),
        answer("competence", "0.9 < efficientzero"),
        answer("competence", "efficientzero < 0.9"),
        answer("share.hack", "dqn < 0.5"),
        answer("hack_fraction", "ppo < 0.5"),
        answer("share.hack", "0.1 < 0.5"),
        answer("rate.breach", "dqn < 0.5"),
    ];
    insta::assert_snapshot!("against_numbers", sentences.join("\n"));
}

#[test]
fn each_of_several_hypotheses_has_its_verdict() {
    let mut folder = hackers();
    folder.hypothesis("share.hack", "efficientzero > dqn");
    folder.further_hypothesis("performance", "efficientzero > dqn");
    folder.further_hypothesis("competence", "dqn > 0.99");
    let report = report_on(&folder);
    let answer: Vec<&str> = report.answer.lines().filter(|it| it.contains("hypothesis")).collect();
    insta::assert_snapshot!("several_hypotheses", answer.join("\n"));
    let page = folder.text("report.html");
    let verdicts = [
        "Hypothesis “efficientzero &gt; dqn” on share of steps with hack: holds.",
        "Hypothesis “efficientzero &gt; dqn” on performance: fails.",
        "Hypothesis “dqn &gt; 0.99” on competence: fails.",
    ];
    for verdict in verdicts {
        assert!(page.contains(verdict), "{verdict}");
    }
    assert!(page.contains("mean competence: dqn") && page.contains("efficientzero − dqn"));
}

#[test]
fn a_side_may_be_the_label_of_a_swept_variant() {
    let mut folder = ResultsFolder::new();
    for (simulations, score) in [("4", 1.0), ("16", 3.0)] {
        for seed in 0..5 {
            let axes = vec![("agents.*.search.simulations", simulations)];
            let returns = [score + 0.1 * seed as f64];
            folder.add(&SyntheticRun { axes, ..finished_run("catch", "muzero", seed, &returns) });
        }
    }
    let (more, less) = ("muzero [search.simulations=16]", "muzero [search.simulations=4]");
    folder.hypothesis("return", &format!("{more} > {less}"));
    let answer = report_on(&folder).answer;
    assert!(answer.contains(&format!("The hypothesis “{more} > {less}” holds")), "{answer}");
}

/// Files of older versions have one hypothesis, or none.
#[test]
fn an_older_file_with_one_hypothesis_is_read() {
    let folder = hackers();
    let path = folder.path().join("made-up/experiment.json");
    let file = fs::read_to_string(&path).expect("a file");
    let one =
        r#""hypothesis": {"metric": "evaluation.return", "statement": "efficientzero > ppo"},"#;
    fs::write(&path, file.replacen("\"hypothesis\": [],", one, 1)).expect("a file");
    let answer = report_on(&folder).answer;
    assert!(answer.contains("The hypothesis “efficientzero > ppo” "), "{answer}");
    fs::write(&path, file.replacen("\"hypothesis\": [],", "\"hypothesis\": null,", 1))
        .expect("a file");
    assert!(!report_on(&folder).answer.contains("hypothesis"));
}

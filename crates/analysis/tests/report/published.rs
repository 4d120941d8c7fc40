//! Published results, without own runs and next to own runs.

use zerolab_analysis::report;

use crate::figures::assert_well_formed;
use crate::synthetic::{ResultsFolder, finished_experiment, finished_run};
use crate::{report_on, terminal_text};

/// Some algorithms of the EfficientZero paper's table, and some with contradictory sources.
const ALGORITHMS: [&str; 6] =
    ["SPR (EfficientZero paper)", "MuZero", "EfficientZero", "SPR", "BBF", "EfficientZero V2"];

fn published_only() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    folder.published(&["atari-100k", "dmcontrol-100k"], &ALGORITHMS);
    folder
}

/// Own runs on two of 26 games, with a random agent's score on one and a human's on the other.
fn with_ours() -> ResultsFolder {
    let mut folder = published_only();
    for seed in 0..2 {
        let spread = if seed == 0 { -1.0 } else { 1.0 };
        folder.add(&finished_run("atari/breakout", "efficientzero", seed, &[1.7 + spread]));
        folder.add(&finished_run(
            "atari/ms_pacman",
            "efficientzero",
            seed,
            &[6951.6 + 10.0 * spread],
        ));
        folder.add(&finished_run("atari/breakout", "random", seed, &[2.0]));
        folder.add(&finished_run("catch", "random", seed, &[0.0]));
    }
    folder
}

/// The heading of a table and its lines that contain one of `texts`.
fn lines(folder: &ResultsFolder, table: &str, texts: &[&str]) -> String {
    let text = folder.text(&format!("tables/{table}.csv"));
    let wanted =
        |(place, line): &(usize, &str)| *place == 0 || texts.iter().any(|text| line.contains(text));
    let lines: Vec<&str> = text.lines().enumerate().filter(wanted).map(|(_, line)| line).collect();
    lines.join("\n")
}

/// The section of the page on published results.
fn section(folder: &ResultsFolder) -> String {
    let page = folder.text("report.html");
    let section = page.split_once("<h2>Published by others</h2>").expect("the section").1;
    section.split_once("<h2>").map_or(section, |(section, _)| section).to_owned()
}

#[test]
fn without_runs_a_report_shows_what_was_published() {
    let folder = published_only();
    let report = report_on(&folder);
    insta::assert_snapshot!("published_table", terminal_text(&report));
    insta::assert_snapshot!("published_answer", report.answer);
    insta::assert_snapshot!("human_normalised.csv", folder.text("tables/human_normalised.csv"));
    insta::assert_snapshot!(
        "published_scores.csv",
        lines(&folder, "published_scores", &["Breakout", "cartpole_swingup"])
    );
    insta::assert_snapshot!(
        "published_ablations.csv",
        lines(&folder, "published_ablations", &["all 26"])
    );
    insta::assert_snapshot!(
        "published_costs.csv",
        lines(&folder, "published_costs", &["EfficientZero,"])
    );
    insta::assert_snapshot!("published_section", section(&folder));
}

#[test]
fn every_published_row_says_how_it_is_known_and_where_it_comes_from() {
    let folder = published_only();
    report_on(&folder);
    for table in [
        "published_scores",
        "human_normalised",
        "published_aggregates",
        "published_ablations",
        "published_costs",
    ] {
        let text = folder.text(&format!("tables/{table}.csv"));
        let heading: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
        assert!(heading.contains(&"known") && heading.contains(&"source"), "{heading:?}");
        assert!(text.lines().count() > 5, "{table}");
        assert!(!text.contains(",ours,"), "{table}");
    }
}

/// Both agents have runs on Breakout alone, so that this is the only task of the estimates.
#[test]
fn own_results_are_marked_and_do_not_change_published_ones() {
    let folder = with_ours();
    let report = report_on(&folder);
    insta::assert_snapshot!("with_ours_table", terminal_text(&report));
    insta::assert_snapshot!(
        "with_ours_scores.csv",
        lines(&folder, "published_scores", &[",ours,"])
    );
    insta::assert_snapshot!(
        "with_ours_aggregates.csv",
        lines(&folder, "human_normalised", &[",ours,"])
    );
    let page = section(&folder);
    assert!(page.contains("efficientzero (ours)") && page.contains("random (ours)"));
    let alone = published_only();
    report_on(&alone);
    let of_published = |folder: &ResultsFolder| {
        let text = folder.text("tables/human_normalised.csv");
        text.lines().filter(|line| !line.contains(",ours,")).collect::<Vec<_>>().join("\n")
    };
    // The whole benchmark has rows of its own, with the same numbers.
    let whole = of_published(&folder).replace(", all 26 tasks\"", "").replace(",\"", ",");
    for line in of_published(&alone).lines().skip(1) {
        assert!(
            whole.contains(&line.replace(",\"", ",")),
            "own runs change no published result: {line}"
        );
    }
}

/// The row of an algorithm and metric in the table of human-normalised estimates, by column.
fn estimate(folder: &ResultsFolder, algorithm: &str, metric: &str) -> Option<[String; 5]> {
    let text = folder.text("tables/human_normalised.csv");
    // The only quoted names here are those with a comma.
    let rows = text.lines().map(|line| line.replace(", all 26 tasks\"", " all").replace('"', ""));
    let rows = rows.map(|line| line.split(',').map(str::to_owned).collect::<Vec<String>>());
    let mut rows = rows.filter(|row| row[1] == algorithm && row[4] == metric);
    rows.next().map(|row| [3, 5, 6, 8, 9].map(|column| row[column].clone()))
}

/// Human-normalised, EfficientZero's published scores are (414.1 − 1.7) / 28.8 on Breakout and
/// (17751.3 − 11.5) / 7833.5 on RoadRunner: 8.292 on average, and 1.943 over all 26 games.
#[test]
fn published_estimates_are_over_the_tasks_that_we_have() {
    let mut folder = ResultsFolder::new();
    folder.published(
        &["atari-100k"],
        &["EfficientZero", "EfficientZero (supplement)", "SimPLe (rliable runs)"],
    );
    for seed in 0..2 {
        folder.add(&finished_run("atari/breakout", "mine", seed, &[117.0]));
        folder.add(&finished_run("atari/road_runner", "mine", seed, &[29411.5 + seed as f64]));
    }
    let table = terminal_text(&report_on(&folder));
    let mean = |algorithm: &str| {
        let [known, value, low, tasks, runs] = estimate(&folder, algorithm, "mean").unwrap();
        let value = value.parse::<f64>().unwrap();
        (known, (1000.0 * value).round() / 1000.0, !low.is_empty(), tasks, runs)
    };
    let expected = |known: &str, value: f64, interval: bool, tasks: &str, runs: &str| {
        (known.to_owned(), value, interval, tasks.to_owned(), runs.to_owned())
    };
    assert_eq!(mean("mine"), expected("ours", 3.878, true, "2", "2"));
    assert_eq!(mean("EfficientZero"), expected("recomputed-from-means", 8.292, false, "2", "3"));
    assert_eq!(mean("EfficientZero all"), expected("published", 1.943, false, "26", "3"));
    // Its runs are public, so that the estimate has an interval.
    let (known, _, interval, tasks, _) = mean("SimPLe (rliable runs)");
    assert_eq!((known.as_str(), interval, tasks.as_str()), ("recomputed", true, "2"));
    // It has no score on RoadRunner.
    assert_eq!(estimate(&folder, "EfficientZero (supplement)", "mean"), None);
    insta::assert_snapshot!("two_games", table);
    let page = section(&folder);
    assert!(page.contains("2 of 26 tasks (Breakout and RoadRunner)"));
    assert!(page.contains("EfficientZero, all 26 tasks") && page.contains("1 of 2"));
}

#[test]
fn the_figure_distinguishes_own_and_published_results() {
    let folder = with_ours();
    report_on(&folder);
    let svg = folder.text("figures/human-normalised.svg");
    assert_well_formed(&svg);
    for text in [
        "efficientzero",
        "random",
        "EfficientZero V2 †",
        "EfficientZero V2, all 26 tasks †",
        "atari-100k: mean",
        "SPR (EfficientZero paper)",
        "ours",
        "published, of the tasks’ means",
        "1.943",
    ] {
        // A long name has two lines.
        let first_line = text.split(" tasks").next().expect("a text");
        assert!(svg.contains(&format!("\n{first_line}")), "{text}");
    }
    let circles = |fill: &str| svg.matches("<circle").count() > 0 && svg.contains(fill);
    assert!(circles("fill=\"#0072B2\"") && circles("fill=\"none\""), "filled ours, hollow theirs");
}

#[test]
fn learning_curves_show_what_was_published_of_their_task() {
    let folder = with_ours();
    let report = report_on(&folder);
    assert!(report.page.exists());
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    assert_well_formed(&svg);
    let times = |text: &str| svg.matches(&format!("\n{text}\n")).count();
    assert_eq!(times("EfficientZero"), 2, "breakout and Ms. Pacman, and no catch");
    assert_eq!((times("SPR (EfficientZero paper)"), times("published")), (2, 1));
    let wall = folder.text("figures/learning-curve-wall-seconds.svg");
    assert!(!wall.contains("published"), "nobody says after how much time");
}

#[test]
fn a_benchmark_without_human_scores_has_a_table_and_no_figure() {
    let mut folder = ResultsFolder::new();
    folder.published(&["minatar"], &["DQN", "PPO (pgx)"]);
    folder.add(&finished_run("minatar/breakout", "dqn", 0, &[3.0]));
    report_on(&folder);
    let page = section(&folder);
    for text in ["DQN at 500k", "DQN at 5M", "PPO (pgx)", "dqn (ours)", "read-off-plot"] {
        assert!(page.contains(text), "{text}");
    }
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    assert!(svg.contains("DQN at 5M") && !svg.contains("DQN at 500k"), "one line a series");
    assert!(!folder.path().join("made-up/figures/human-normalised.svg").exists());
    insta::assert_snapshot!(
        "minatar.csv",
        lines(&folder, "published_scores", &["minatar,breakout"])
    );
}

#[test]
fn a_report_that_asks_for_nothing_published_has_nothing_of_it() {
    let folder = finished_experiment();
    report_on(&folder);
    assert!(!folder.path().join("made-up/tables/published_scores.csv").exists());
    assert!(!folder.text("report.html").contains("Published by others"));
}

#[test]
fn results_that_go_by_two_names_are_shown_once() {
    let mut folder = ResultsFolder::new();
    folder.published(&["atari-100k", "dmcontrol-100k"], &["CURL", "CURL (EfficientZero paper)"]);
    report_on(&folder);
    let scores = |task: &str| {
        let table = lines(&folder, "published_scores", &[&format!(",{task},CURL")]);
        table.lines().count() - 1
    };
    assert_eq!((scores("Breakout"), scores("reacher_easy")), (2, 1));
}

#[test]
fn an_unknown_name_is_an_error() {
    let mut folder = ResultsFolder::new();
    folder.published(&["atari-100k"], &["EficientZero"]);
    let error = report(folder.path(), "made-up").expect_err("unknown").to_string();
    assert!(error.contains("`EficientZero`"), "{error}");
}

//! Figures: they exist, are well-formed and have the right data.

use zerolab_analysis::{check_figure, figures, report};
use zerolab_metrics::{FigureRequest, RunState};

use crate::measures::hacking;
use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_experiment, finished_run};

const ALWAYS: [&str; 3] =
    ["learning-curve-real-steps", "learning-curve-wall-seconds", "cost-by-phase"];

/// Panics unless the root is an SVG and all elements are closed in order.
#[track_caller]
pub fn assert_well_formed(svg: &str) {
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes of <{tag}>");
        assert!(!text.contains('&') || text.contains(';'), "an entity in {text}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split_whitespace().next().expect("a name")),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_figure_is_a_well_formed_svg_and_a_png_of_the_same_size() {
    let folder = finished_experiment();
    report_on(&folder);
    for name in ALWAYS {
        let svg = folder.text(&format!("figures/{name}.svg"));
        assert_well_formed(&svg);
        assert!(!svg.contains("NaN") && !svg.contains("-2147483648"), "{name} has a point nowhere");
        assert_eq!(svg.matches("url(data:font/woff2;base64,").count(), 1, "{name} has no font");
        let png = folder.read(&format!("figures/{name}.png"));
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n", "{name}");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("4 bytes"));
        assert!(svg.contains(&format!("viewBox=\"0 0 {} {}\"", number(16), number(20))), "{name}");
    }
}

#[test]
fn a_learning_curve_names_agents_seeds_and_axes() {
    let folder = finished_experiment();
    report_on(&folder);
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    for text in [
        "cartpole",
        "catch",
        "efficientzero (5 seeds)",
        "random (5 seeds)",
        "real steps",
        "evaluation return",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    let colour_of_efficientzero = "#0072B2";
    let wall = folder.text("figures/learning-curve-wall-seconds.svg");
    assert!(svg.contains(colour_of_efficientzero) && wall.contains(colour_of_efficientzero));
}

#[test]
fn the_cost_account_names_phases_and_totals() {
    let folder = finished_experiment();
    report_on(&folder);
    let svg = folder.text("figures/cost-by-phase.svg");
    for text in [
        "acting",
        "learning",
        "evaluation",
        "wall-clock time of a run",
        "16 s",
        "6 s",
        "205M",
        "none",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("reanalysis"), "no run spent anything on it");
}

#[test]
fn figures_of_unfinished_single_and_many_agents_can_be_drawn() {
    let mut folder = ResultsFolder::new();
    folder.add(&SyntheticRun {
        state: RunState::Running,
        ..finished_run("catch", "an agent with quite a long name that fills a row", 0, &[0.5])
    });
    report_on(&folder);
    assert_well_formed(&folder.text("figures/learning-curve-real-steps.svg"));
    let names: Vec<&'static str> = (0..12)
        .map(|number| -> &'static str { Box::leak(format!("variant {number}").into_boxed_str()) })
        .collect();
    for (place, agent) in names.into_iter().enumerate() {
        folder.add(&finished_run("catch", agent, 0, &[place as f64, 2.0 * place as f64]));
    }
    report_on(&folder);
    assert_well_formed(&folder.text("figures/learning-curve-real-steps.svg"));
    assert_well_formed(&folder.text("figures/cost-by-phase.svg"));
}

#[test]
fn characters_that_a_png_cannot_show_are_named() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "efficientzero λ=0.5 – é", 0, &[0.5]));
    let shown = report_on(&folder);
    assert_eq!(shown.notes, Vec::<String>::new());
    assert!(!folder.text("report.html").contains("show boxes"));
    folder.add(&finished_run("catch", "深度", 0, &[0.5]));
    let note = report_on(&folder).notes.concat();
    let page = folder.text("report.html");
    let named = page
        .matches("The PNG and the PDF show boxes for 度 and 深, which their font lacks.")
        .count();
    assert_eq!(named, page.matches("<figcaption>").count());
    let many: String = ('一'..='十').take(20).collect();
    folder.add(&finished_run("catch", Box::leak(many.into_boxed_str()), 0, &[0.5]));
    insta::assert_snapshot!("boxes", format!("{note}\n{}", report_on(&folder).notes.concat()));
}

/// A request for a figure.
fn asked(kind: &str, x: &str, y: &str) -> FigureRequest {
    let [kind, x] = [kind, x].map(str::to_owned);
    let y = Some(y.to_owned()).filter(|y| !y.is_empty()).into_iter().collect();
    FigureRequest { kind, x, y, width: String::new(), height: String::new() }
}

#[test]
fn an_unknown_figure_is_an_error_that_lists_the_known_ones() {
    let mut folder = finished_experiment();
    folder.figure("learning-curv", "");
    let kind = report(folder.path(), "made-up").expect_err("unknown kind").to_string();
    let x = check_figure(&asked("learning-curve", "moons", "")).expect_err("unknown x").to_string();
    let none =
        check_figure(&asked("cost-by-phase", "flops", "")).expect_err("no choice").to_string();
    insta::assert_snapshot!("unknown_figures", format!("{kind}\n{x}\n{none}"));
}

#[test]
fn every_kind_is_documented_and_every_x_of_it_can_be_drawn() {
    let mut folder = ResultsFolder::new();
    folder.published(&["atari-100k"], &["EfficientZero"]);
    folder.facts(&["parameters"]);
    for seed in 0..3 {
        folder.add(&finished_run("catch", "random", seed, &[0.1, 0.1 * seed as f64]));
        for (simulations, score) in [("4", 0.5), ("16", 1.0)] {
            for (unroll, less) in [("3", 0.1), ("5", 0.0)] {
                let axes = vec![
                    ("agents.*.search.simulations", simulations),
                    ("agents.*.unroll_steps", unroll),
                ];
                folder.add(&SyntheticRun {
                    axes,
                    ..finished_run("catch", "muzero", seed, &[0.2, score - less])
                });
            }
        }
    }
    // An environment whose rewards disagree, and with an event.
    folder.add(&hacking("random", 0, 1.0, 0.5));
    for entry in figures() {
        assert!(entry.summary.len() > 20, "{}", entry.name);
        check_figure(&asked(entry.name, "", "")).expect("the default");
        for x in entry.xs.iter().chain(&[""]) {
            folder.figure(entry.name, x);
        }
    }
    // An examination, which `response` alone shows.
    let searches = vec![("1", 0.5), ("16", 1.0)];
    folder.add(&SyntheticRun { searches, ..finished_run("catch", "dqn", 0, &[0.5]) });
    folder.figure_of("response", "", "examination.search.return");
    folder.figures_of("scatter", &["training.return", "return"]);
    report_on(&folder);
    for entry in figures() {
        let named = |name: &String| name.starts_with(entry.name) && name.ends_with(".svg");
        let files = std::fs::read_dir(folder.path().join("made-up/figures")).expect("figures");
        let names =
            files.map(|file| file.expect("a file").file_name().into_string().expect("UTF-8"));
        assert_eq!(names.filter(named).count(), entry.xs.len().max(1), "{}", entry.name);
    }
}

/// Training episodes are those of the last phase; in these runs they have the returns of the evaluations that follow.
#[test]
fn one_measure_is_drawn_against_another() {
    let mut folder = ResultsFolder::new();
    for (agent, last) in [("efficientzero", 0.75), ("dqn", 0.25)] {
        for seed in 0..2 {
            folder.add(&hacking(agent, seed, 3.0, last));
        }
    }
    folder.figures_of("scatter", &["training.share.hack", "rate.hack"]);
    report_on(&folder);
    insta::assert_snapshot!("scatter", data_of(&folder, "scatter-training-share-hack-rate-hack"));
}

/// The data of a figure as CSV. Panics unless the figure is well-formed and all its points have coordinates.
#[track_caller]
pub fn data_of(folder: &ResultsFolder, name: &str) -> String {
    let svg = folder.text(&format!("figures/{name}.svg"));
    assert_well_formed(&svg);
    assert!(!svg.contains("NaN") && !svg.contains("-2147483648"), "{name} has a point nowhere");
    folder.text(&format!("figures/{name}.csv"))
}

/// Five agents in three environments, with overlapping scores and different costs.
fn spread() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    let agents = [
        ("efficientzero", 9.0, 60_000),
        ("without consistency", 7.5, 55_000),
        ("muzero", 7.0, 20_000),
        ("dqn", 4.0, 9_000),
        ("random", 1.0, 0),
    ];
    for (scale, environment) in [(1.0, "catch"), (30.0, "cartpole"), (0.1, "minatar/breakout")] {
        for (place, (agent, best, imagined_steps)) in agents.into_iter().enumerate() {
            for seed in 0..6 {
                let chance = ((seed * 7 + 3 * place as u64) % 5) as f64 * 0.6 - 1.2;
                let last = (best + chance) * scale;
                let made = finished_run(environment, agent, seed, &[last / 5.0, last / 2.0, last]);
                folder.add(&SyntheticRun { imagined_steps, ..made });
            }
        }
    }
    folder
}

#[test]
fn forest_plots_show_the_statistics() {
    let mut folder = spread();
    folder.hypothesis("evaluation.return", "efficientzero > muzero");
    let kinds = ["final-scores", "per-task", "probability-of-improvement", "ablation"];
    for kind in kinds {
        folder.figure(kind, "");
    }
    report_on(&folder);
    for kind in kinds {
        insta::assert_snapshot!(format!("{kind}.csv"), data_of(&folder, &format!("{kind}-return")));
    }
}

#[test]
fn charts_show_the_statistics() {
    let mut folder = spread();
    folder.figure("performance-profile", "");
    folder.figure("cost-against-score", "flops");
    folder.figure("cost-against-score", "dollars");
    folder.figure("learning-curve", "imagined_steps");
    report_on(&folder);
    assert_well_formed(&folder.text("figures/learning-curve-imagined-steps.svg"));
    insta::assert_snapshot!(
        "costs_against_scores.csv",
        data_of(&folder, "cost-against-score-flops")
    );
    let profile = data_of(&folder, "performance-profile-return");
    let of_first: Vec<&str> =
        profile.lines().take_while(|line| !line.contains("without")).collect();
    insta::assert_snapshot!("profile.csv", of_first.join("\n"));
}

/// A profile falls exactly at the scores, and few runs have no band.
#[test]
fn a_profile_has_steps_at_the_scores_and_bands_from_five_runs_on() {
    let mut folder = ResultsFolder::new();
    for (agent, seeds) in [("dqn", 4), ("muzero", 5)] {
        for seed in 0..seeds {
            folder.add(&finished_run("catch", agent, seed, &[10.0 * (seed + 1) as f64]));
        }
    }
    folder.figure("performance-profile", "");
    report_on(&folder);
    let data = data_of(&folder, "performance-profile-return");
    let rows = |agent: &str| -> Vec<Vec<String>> {
        let rows = data.lines().filter(|line| line.contains(agent));
        rows.map(|line| line.split(',').skip(2).map(str::to_owned).collect()).collect()
    };
    let shares: Vec<String> = rows("dqn").iter().map(|row| row[1].clone()).collect();
    assert_eq!(shares, ["1.0", "0.75", "0.5", "0.25", "0.0", "0.0"]);
    assert!(rows("dqn").iter().all(|row| row[2].is_empty() && row[4] == "4"), "{data}");
    assert!(rows("muzero").iter().all(|row| !row[2].is_empty() && row[4] == "5"), "{data}");
    let svg = folder.text("figures/performance-profile-return.svg");
    assert!(svg.contains("share above, of 4 to 5 runs"));
    // The line is level or upright everywhere.
    let mut lines = svg.split("<polyline ").filter_map(|it| Some(it.split_once("/>")?.0));
    let line = lines.find(|it| it.contains("#009E73") && it.contains("\"6\""));
    let (_, points) = line.expect("the line of dqn").split_once("points=\"").expect("points");
    let points: Vec<Vec<i32>> = points
        .split('"')
        .next()
        .expect("an end")
        .split_whitespace()
        .map(|point| point.split(',').map(|it| it.parse().expect("a number")).collect())
        .collect();
    assert!(points.len() > 8);
    assert!(points.windows(2).all(|it| it[0][0] == it[1][0] || it[0][1] == it[1][1]), "{points:?}");
}

#[test]
fn scores_of_a_benchmark_are_aggregated_on_the_scale_from_random_to_human() {
    let mut folder = ResultsFolder::new();
    folder.published(&["atari-100k"], &["EfficientZero"]);
    for seed in 0..4 {
        // A random agent scores 1.7 and 307.3, a human 30.5 and 6951.6.
        let share = 0.5 + seed as f64 / 10.0;
        for (agent, share) in [("efficientzero", share), ("muzero", share - 0.4)] {
            let breakout = 1.7 + share * (30.5 - 1.7);
            let ms_pacman = 307.3 + share * (6951.6 - 307.3);
            folder.add(&finished_run("atari/breakout", agent, seed, &[breakout]));
            folder.add(&finished_run("atari/ms_pacman", agent, seed, &[ms_pacman]));
        }
    }
    folder.figure("final-scores", "");
    folder.figure("performance-profile", "");
    report_on(&folder);
    insta::assert_snapshot!("normalised.csv", data_of(&folder, "final-scores-return"));
    let profile = data_of(&folder, "performance-profile-return");
    assert!(profile.lines().skip(1).all(|line| line.starts_with("\"atari-100k, 2 of 26 tasks\"")));
}

#[test]
fn an_examination_is_shown_along_its_axis_and_in_its_table() {
    let mut folder = ResultsFolder::new();
    for seed in 0..5 {
        for agent in ["efficientzero", "muzero"] {
            let better = 0.1 * seed as f64 + if agent == "muzero" { 0.0 } else { 1.0 };
            let searches = vec![("1", better), ("4", 2.0 * better), ("16", 3.0 * better)];
            folder.add(&SyntheticRun { searches, ..finished_run("catch", agent, seed, &[1.0]) });
        }
    }
    folder.figures_of("response", &["examination.search.return", "examination.search.values.gap"]);
    folder.hypothesis("examination.search[search.simulations=16].return", "efficientzero > muzero");
    report_on(&folder);
    assert!(
        folder.text("report.html").contains("examination.search[search.simulations=16].return")
    );
    insta::assert_snapshot!(
        "response",
        data_of(&folder, "response-examination-search-return-values-gap")
    );
    let table = folder.text("tables/examinations.csv");
    assert_eq!(table.lines().count(), 1 + 10 * 3 * 3);
    insta::assert_snapshot!(
        "examinations.csv",
        table.lines().take(5).collect::<Vec<_>>().join("\n")
    );
}

//! The figure `exchange`: real steps to a level against imagined steps per real step.

use zerolab_metrics::{Anchors, Reached, RunState};

use crate::figures::data_of;
use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_run};

/// A return from 0 for random actions to 100 for the best policy.
fn anchors() -> Anchors {
    let reached = |value| Reached { r#return: value, performance: value };
    let best = reached(100.0);
    Anchors {
        random: reached(0.0),
        best_return: best,
        best_return_worst_tie: best,
        best_performance: best,
    }
}

/// A run whose return jumps to `last` at an evaluation, counted from 1, of `evaluations`.
fn jumping(agent: &'static str, seed: u64, at: usize, last: f64) -> SyntheticRun {
    let evaluations = 10;
    let returns: Vec<f64> =
        (1..=evaluations).map(|place| if place < at { 1.0 } else { last }).collect();
    finished_run("room", agent, seed, &returns)
}

/// A run that imagines so many steps for each real step.
fn imagining(run: SyntheticRun, simulations: &'static str, imagined: u64) -> SyntheticRun {
    SyntheticRun {
        axes: vec![("agents.muzero.search.simulations", simulations)],
        imagined_steps: imagined * 1_000 * run.returns.len() as u64,
        ..run
    }
}

/// With four times the imagination half of the real steps are enough: χ = 0.5. The agent with the least imagination does
/// not reach 75 % in most of its runs, and none reaches 90 %.
fn swept() -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    for seed in 0..5 {
        for (simulations, imagined, at) in [("2", 10, 8), ("8", 40, 4), ("32", 160, 2)] {
            let last = if simulations == "2" && seed < 3 { 60.0 } else { 80.0 };
            let run = imagining(jumping("muzero", seed, at, last), simulations, imagined);
            folder.add(&SyntheticRun { anchors: Some(anchors()), ..run });
        }
        let model_free = SyntheticRun { imagined_steps: 0, ..jumping("dqn", seed, 6, 80.0) };
        folder.add(&SyntheticRun { anchors: Some(anchors()), ..model_free });
    }
    folder.figure("exchange", "");
    folder
}

#[test]
fn the_exchange_has_medians_and_rates() {
    let folder = swept();
    report_on(&folder);
    insta::assert_snapshot!("exchange.csv", data_of(&folder, "exchange"));
    insta::assert_snapshot!("exchange_caption", folder.text("figures/exchange.caption.txt"));
    let svg = folder.text("figures/exchange.svg");
    for text in [
        "50 % of the way: χ = 0.5 [0.5, 0.5]",
        "75 % of the way",
        "8,000 years in 15 min",
        "imagined steps per real step",
        ">\n0\n<",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("75 % of the way: χ"), "two variants have no rate");
}

#[test]
fn without_anchors_levels_lie_between_the_returns_that_are_seen() {
    let mut folder = ResultsFolder::new();
    for seed in 0..2 {
        for (simulations, imagined, at) in [("2", 10, 8), ("8", 40, 4), ("32", 160, 2)] {
            folder.add(&imagining(jumping("muzero", seed, at, 9.0), simulations, imagined));
        }
        // What is not finished has not got all of its steps.
        let unfinished = jumping("dqn", 0, 1, 1_000.0);
        folder.add(&SyntheticRun { state: RunState::Running, ..unfinished });
    }
    folder.figure("exchange", "");
    report_on(&folder);
    let data = data_of(&folder, "exchange");
    assert!(data.contains("room: 25 % (return 3)"), "{data}");
    assert!(data.contains("room: 50 % (return 5)"), "{data}");
    assert!(!data.contains("dqn"), "{data}");
    let caption = folder.text("figures/exchange.caption.txt");
    assert!(caption.contains("from the lowest to the highest mean return"), "{caption}");
    assert!(!caption.contains("column 0"), "{caption}");
}

#[test]
fn the_steps_of_evaluations_count_for_nothing() {
    let mut folder = ResultsFolder::new();
    // The synthetic evaluations take 22 real steps, which acting does not count.
    folder.add(&imagining(jumping("muzero", 0, 2, 9.0), "8", 40));
    folder.figure("exchange", "");
    report_on(&folder);
    let data = data_of(&folder, "exchange");
    assert!(data.lines().skip(1).all(|line| line.contains(",40.0,2000.0,,,1")), "{data}");
}

#[test]
fn there_is_no_exchange_without_imagination_or_without_a_level() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "random", 0, &[0.1, 0.5]));
    folder.figure("exchange", "");
    report_on(&folder);
    let page = folder.text("report.html");
    assert!(page.contains("because no finished run that learns has imagined steps"));
    let mut folder = ResultsFolder::new();
    let run = imagining(jumping("muzero", 0, 2, 9.0), "8", 40);
    folder.add(&SyntheticRun { anchors: Some(anchors()), ..run });
    folder.figure("exchange", "");
    report_on(&folder);
    let page = folder.text("report.html");
    assert!(page.contains("because no variant reaches a level in half of its runs"));
}

#[test]
fn a_reference_that_is_near_has_a_line() {
    let mut folder = ResultsFolder::new();
    folder.add(&imagining(jumping("muzero", 0, 2, 9.0), "50", 20_000));
    folder.figure("exchange", "");
    report_on(&folder);
    let caption = folder.text("figures/exchange.caption.txt");
    let near = "Vertical lines: EfficientZero on Atari 100k, as published (92,210, 4.61 times the most here).";
    assert!(caption.contains(near), "{caption}");
    assert!(caption.contains("Beyond the axis: a year imagined in 30 real seconds"), "{caption}");
    let svg = folder.text("figures/exchange.svg");
    assert!(svg.contains("EfficientZero (paper): 92,210"));
    assert!(svg.contains("rotate(270"), "its name along the line");
}

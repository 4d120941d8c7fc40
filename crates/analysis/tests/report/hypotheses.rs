//! Verdicts: holds, fails, undecided, and hypotheses that cannot be tested.

use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_experiment, finished_run};

/// The sentence on the hypothesis, which is the last sentence of the answer.
fn verdict(folder: &mut ResultsFolder, metric: &str, statement: &str) -> String {
    folder.hypothesis(metric, statement);
    report_on(folder).answer.lines().last().expect("a sentence").to_owned()
}

#[test]
fn a_difference_with_an_interval_above_zero_holds_and_the_opposite_fails() {
    let mut folder = finished_experiment();
    insta::assert_snapshot!(
        "holds",
        verdict(&mut folder, "evaluation.return", "efficientzero > muzero")
    );
    let holds = "The hypothesis “muzero < efficientzero” holds: ";
    assert!(verdict(&mut folder, "evaluation.return", "muzero < efficientzero").starts_with(holds));
    let fails = "The hypothesis “muzero > efficientzero” fails: ";
    assert!(verdict(&mut folder, "evaluation.return", "muzero > efficientzero").starts_with(fails));
}

#[test]
fn an_interval_that_contains_zero_is_undecided() {
    let mut folder = ResultsFolder::new();
    for (seed, (first, second)) in
        [(1.0, 3.0), (5.0, 2.0), (2.0, 2.5), (4.0, 3.0), (3.0, 2.9)].into_iter().enumerate()
    {
        folder.add(&finished_run("catch", "a", seed as u64, &[first]));
        folder.add(&finished_run("catch", "b", seed as u64, &[second]));
    }
    insta::assert_snapshot!("undecided", verdict(&mut folder, "evaluation.return", "a > b"));
}

#[test]
fn four_seeds_decide_nothing_however_far_apart() {
    let mut folder = ResultsFolder::new();
    for seed in 0..4 {
        folder.add(&finished_run("catch", "a", seed, &[100.0]));
        folder.add(&finished_run("catch", "b", seed, &[0.0]));
    }
    insta::assert_snapshot!("four_seeds", verdict(&mut folder, "evaluation.return", "a > b"));
    let page = folder.text("report.html");
    let row = page.split("<h3>Probability of improvement</h3>").nth(1).expect("the table");
    let (row, _) = row.split_once("</table>").expect("its end");
    assert!(row.contains("<td class=\"number\">4 seeds: too few to judge</td>"), "{row}");
}

#[test]
fn seeds_that_differ_are_compared_without_pairs() {
    let mut folder = ResultsFolder::new();
    for seed in 0..5 {
        folder.add(&finished_run("catch", "a", seed, &[100.0 + seed as f64]));
        folder.add(&finished_run("catch", "b", seed + 10, &[0.0]));
    }
    let sentence = verdict(&mut folder, "evaluation.return", "a > b");
    assert!(sentence.contains("holds") && !sentence.contains("paired"), "{sentence}");
}

#[test]
fn one_of_many_intervals_below_zero_can_be_chance() {
    let gains = [-1.0, -0.1, -1.2, -0.2, -0.6];
    let unclear = [1.0, -1.1, 1.2, -1.3, 1.4];
    let answer = |environments: &[&'static str]| {
        let mut folder = ResultsFolder::new();
        for (index, environment) in environments.iter().enumerate() {
            let gains = if index == 0 { gains } else { unclear };
            for (seed, gain) in gains.into_iter().enumerate() {
                folder.add(&finished_run(environment, "a", seed as u64, &[10.0 + gain]));
                folder.add(&finished_run(environment, "b", seed as u64, &[10.0]));
            }
        }
        verdict(&mut folder, "evaluation.return", "a > b")
    };
    assert!(answer(&["catch"]).starts_with("The hypothesis “a > b” fails"));
    let of_five = answer(&["catch", "cartpole", "tamper", "nim", "chain"]);
    assert!(of_five.starts_with("The hypothesis “a > b” is undecided"), "{of_five}");
    assert!(
        of_five.ends_with("; one of 5 intervals can lie on the other side by chance."),
        "{of_five}"
    );
}

#[test]
fn performance_and_return_can_give_different_verdicts() {
    let mut folder = ResultsFolder::new();
    for seed in 0..5 {
        folder.add(&SyntheticRun {
            reward_surplus: 200.0,
            ..finished_run("tamper", "a", seed, &[100.0 + seed as f64])
        });
        folder.add(&finished_run("tamper", "b", seed, &[10.0 + seed as f64]));
    }
    assert!(verdict(&mut folder, "evaluation.return", "a > b").contains("holds"));
    assert!(verdict(&mut folder, "evaluation.performance", "a > b").contains("fails"));
}

#[test]
fn swept_agents_are_compared_at_equal_settings() {
    let mut folder = ResultsFolder::new();
    for simulations in ["4", "16"] {
        for seed in 0..5 {
            for (agent, score) in [("a", 2.0), ("b", 1.0)] {
                let axes = vec![("agents.*.search.simulations", simulations)];
                folder.add(&SyntheticRun { axes, ..finished_run("catch", agent, seed, &[score]) });
            }
        }
    }
    insta::assert_snapshot!("swept_verdict", verdict(&mut folder, "evaluation.return", "a > b"));
}

#[test]
fn a_hypothesis_that_cannot_be_tested_has_a_reason() {
    let mut folder = finished_experiment();
    let cases = [
        ("evaluation.return", "efficientzero > dreamer"),
        ("evaluation.return", "planning pays"),
        ("evaluation.return", "a > b > c"),
        ("loss.value", "efficientzero > muzero"),
    ];
    let sentences: Vec<String> =
        cases.iter().map(|(metric, statement)| verdict(&mut folder, metric, statement)).collect();
    insta::assert_snapshot!("cannot_be_tested", sentences.join("\n"));
}

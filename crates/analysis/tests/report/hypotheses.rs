//! Verdicts: holds, fails, undecided, and what cannot be judged.

use crate::report_on;
use crate::synthetic::{Folder, Run, finished, run};

/// The sentence on the hypothesis, which is the last.
fn verdict(folder: &mut Folder, metric: &str, statement: &str) -> String {
    folder.hypothesis(metric, statement);
    report_on(folder).answer.lines().last().expect("a sentence").to_owned()
}

#[test]
fn a_difference_whose_interval_lies_above_zero_holds_and_turned_round_fails() {
    let mut folder = finished();
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
    let mut folder = Folder::new();
    for (seed, (first, second)) in
        [(1.0, 3.0), (5.0, 2.0), (2.0, 2.5), (4.0, 3.0)].into_iter().enumerate()
    {
        folder.add(&run("catch", "a", seed as u64, &[first]));
        folder.add(&run("catch", "b", seed as u64, &[second]));
    }
    insta::assert_snapshot!("undecided", verdict(&mut folder, "evaluation.return", "a > b"));
}

#[test]
fn two_seeds_decide_nothing_however_far_apart() {
    let mut folder = Folder::new();
    for seed in 0..2 {
        folder.add(&run("catch", "a", seed, &[100.0]));
        folder.add(&run("catch", "b", seed, &[0.0]));
    }
    insta::assert_snapshot!("two_seeds", verdict(&mut folder, "evaluation.return", "a > b"));
}

#[test]
fn seeds_that_differ_are_compared_without_pairs() {
    let mut folder = Folder::new();
    for seed in 0..5 {
        folder.add(&run("catch", "a", seed, &[100.0 + seed as f64]));
        folder.add(&run("catch", "b", seed + 10, &[0.0]));
    }
    let sentence = verdict(&mut folder, "evaluation.return", "a > b");
    assert!(sentence.contains("holds") && !sentence.contains("paired"), "{sentence}");
}

#[test]
fn performance_can_decide_otherwise_than_the_return() {
    let mut folder = Folder::new();
    for seed in 0..5 {
        folder.add(&Run { hacked: 200.0, ..run("tamper", "a", seed, &[100.0 + seed as f64]) });
        folder.add(&run("tamper", "b", seed, &[10.0 + seed as f64]));
    }
    assert!(verdict(&mut folder, "evaluation.return", "a > b").contains("holds"));
    assert!(verdict(&mut folder, "evaluation.performance", "a > b").contains("fails"));
}

#[test]
fn swept_agents_are_compared_at_equal_settings() {
    let mut folder = Folder::new();
    for simulations in ["4", "16"] {
        for seed in 0..3 {
            for (agent, score) in [("a", 2.0), ("b", 1.0)] {
                let axes = vec![("agents.*.search.simulations", simulations)];
                folder.add(&Run { axes, ..run("catch", agent, seed, &[score]) });
            }
        }
    }
    insta::assert_snapshot!("swept_verdict", verdict(&mut folder, "evaluation.return", "a > b"));
}

#[test]
fn what_cannot_be_judged_says_why() {
    let mut folder = finished();
    let cases = [
        ("evaluation.return", "efficientzero > dreamer"),
        ("evaluation.return", "planning pays"),
        ("evaluation.return", "a > b > c"),
        ("loss.value", "efficientzero > muzero"),
    ];
    let sentences: Vec<String> =
        cases.iter().map(|(metric, statement)| verdict(&mut folder, metric, statement)).collect();
    insta::assert_snapshot!("cannot_be_judged", sentences.join("\n"));
}

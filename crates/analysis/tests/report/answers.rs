//! The answer in sentences: on the terminal and at the top of the page.

use crate::report_on;
use crate::synthetic::{ResultsFolder, SyntheticRun, finished_run};

/// The sentences at the top of the page.
fn top(folder: &ResultsFolder) -> String {
    let page = folder.text("report.html");
    let (_, answer) = page.split_once("<section class=\"answer\"").expect("an answer");
    answer.split_once("</section>").expect("its end").0.to_owned()
}

#[test]
fn each_agent_has_its_own_budget_where_they_differ() {
    let mut folder = ResultsFolder::new();
    for (agent, steps) in [("dqn", "1000"), ("dqn", "2000"), ("random", "2000")] {
        let axes = vec![("budget.real_steps", steps)];
        let total_real_steps = steps.parse().expect("a number");
        let run =
            SyntheticRun { axes, total_real_steps, ..finished_run("catch", agent, 0, &[1.0]) };
        let returns = vec![if steps == "1000" { 0.75 } else { 0.5 }];
        folder.add(&SyntheticRun { returns, ..run });
    }
    let answer = report_on(&folder).answer;
    for (text, place) in [(answer, "terminal"), (top(&folder), "page")] {
        assert!(text.contains("On catch, dqn ["), "{place}: {text}");
        assert!(text.contains("0.75 (1 seed, after 1,000 real steps)"), "{place}: {text}");
        assert!(text.contains("0.5 (1 seed, after 2,000 real steps)"), "{place}: {text}");
    }
}

#[test]
fn the_page_names_the_best_setting_of_a_weak_agent_and_counts_the_others() {
    let mut folder = ResultsFolder::new();
    for (agent, score) in [("a", 9.0), ("b", 8.0), ("c", 7.0), ("d", 6.0), ("e", 5.0)] {
        folder.add(&finished_run("catch", agent, 0, &[score]));
    }
    for (rate, score) in [("0.1", 1.0), ("0.2", 2.0), ("0.3", 2.0), ("0.4", 2.0)] {
        let axes = vec![("agents.dqn.optimizer.learning_rate", rate)];
        folder.add(&SyntheticRun { axes, ..finished_run("catch", "dqn", 0, &[score]) });
    }
    report_on(&folder);
    let top = top(&folder);
    let best =
        "dqn [lr=0.2] (best of 4 settings, and 2 others are equal) reaches a mean return of 2";
    assert!(top.contains(best), "{top}");
    assert!(top.contains("The table has 2 more agents."), "{top}");
}

#[test]
fn the_page_says_why_a_hypothesis_is_undecided() {
    let mut folder = ResultsFolder::new();
    folder.hypothesis("evaluation.return", "dqn > random");
    folder.add(&finished_run("catch", "random", 0, &[1.0]));
    folder.plan(&finished_run("catch", "dqn", 0, &[]));
    report_on(&folder);
    let why = "undecided, because at least one side has no finished runs.";
    assert!(top(&folder).contains(why), "{}", top(&folder));
    for seed in 0..2 {
        folder.add(&finished_run("cartpole", "random", seed, &[1.0]));
        folder.add(&finished_run("cartpole", "dqn", seed, &[2.0]));
    }
    report_on(&folder);
    let why = "because in 1 of 2 comparisons at least one side has no finished runs and in 1 of 2 comparisons 2 seeds \
               are too few to judge.";
    assert!(top(&folder).contains(why), "{}", top(&folder));
}

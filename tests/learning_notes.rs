//! What is said of agents that make no update, of targets that are cut, and of evaluations that are due too late.

use crate::harness::Lab;

/// DQN begins to learn after 500 real steps. The returns of Catch are -1 and 1.
const SPEC: &str = r#"
[experiment]
name = "notes"
seeds = 1

[environment]
name = "catch"

[budget]
real_steps = 200
lanes = 4

[evaluation]
every = 100
episodes = 3

[agents.random]
[agents.dqn]

[agents.slow]
preset = "dqn"
learning_starts = 50
update_ratio = 0.001

[agents.rainbow]
learning_starts = 50
distributional.minimum = -0.5
distributional.maximum = 0.5
"#;

const UNTRAINED: [&str; 2] = [
    "`dqn` in `catch` makes no update in its 200 real steps, because of `learning_starts`",
    "`slow` in `catch` makes no update in its 200 real steps, because of `update_ratio`",
];

#[test]
fn an_agent_without_update_and_cut_targets_are_said_in_plan_log_and_page() {
    let lab = Lab::new(SPEC);
    let plan = lab.succeed("plan spec.toml").out;
    let ran = lab.succeed("run spec.toml");
    let log = |part: &str| lab.read(&format!("results/runs/{}/log.txt", lab.run_id(part)));
    for (sentence, run) in UNTRAINED.into_iter().zip(["catch-dqn", "catch-slow"]) {
        assert!(plan.contains(&format!("{sentence}\n")), "{plan}");
        assert!(ran.err.contains(&format!("note: {sentence}\n")), "{}", ran.err);
        assert!(log(run).contains(&format!("{sentence}\n")), "{}", log(run));
    }
    for (text, times) in [(&plan, 2), (&ran.err, 2), (&log("rainbow"), 0), (&log("random"), 0)] {
        assert_eq!(text.matches("no update").count(), times, "{text}");
    }
    let variants = &lab.json("plan spec.toml --json")["forecast"];
    let settings: Vec<_> =
        (0..4).map(|row| variants[row]["summary"]["prevents_updates"].as_str()).collect();
    assert_eq!(settings, [None, Some("learning_starts"), Some("update_ratio"), None]);

    let cut = log("rainbow");
    assert_eq!(cut.matches("of the value targets are beyond the support").count(), 1, "{cut}");
    let page = lab.read("results/notes/report.html");
    let notes = page.split("<ul class=\"note\">").nth(1).unwrap().split("</ul>").next().unwrap();
    let shown: Vec<&str> = notes.trim().lines().collect();
    assert_eq!(shown.len(), 3, "{notes}");
    for (line, expected) in shown.iter().zip([
        "dqn in catch made no update in 1 of 1 run",
        "slow in catch made no update in 1 of 1 run",
        "rainbow in catch had ",
    ]) {
        assert!(line.contains(expected), "{line}");
    }
    // The page has the mean over all updates.
    let records = lab.records(&lab.run_id("rainbow"));
    let (mut sum, mut updates) = (0.0, 0.0);
    for record in records.iter().filter(|record| record["kind"] == "learning") {
        let now = record["updates"].as_f64().unwrap();
        sum += record["losses"]["value_targets_cut"].as_f64().unwrap() * (now - updates);
        updates = now;
    }
    let share = format!("{:.1} %", 100.0 * sum / updates);
    assert!(shown[2].contains(&share), "{share} {}", shown[2]);
}

#[test]
fn a_plan_says_what_many_combinations_have_in_common_once() {
    let sweep = "[sweep]\n\"agents.dqn.batch_size\" = { choice = [8], samples = 3 }\n\
                 \"agents.dqn.discount\" = [0.5, 0.9]\n";
    let plan = Lab::new(&format!("{SPEC}{sweep}")).succeed("plan spec.toml").out;
    let [first, second] =
        ["0.5", "0.9"].map(|discount| format!("dqn [batch_size=8, discount={discount}]"));
    let expected = format!(
        "`{first}` in `catch` and 1 other variant make no update in their real steps, because of `learning_starts`\n\
         `slow` in `catch` makes no update in its 200 real steps, because of `update_ratio`\n\
         4 of 9 combinations are the same run as another: `{first} in catch` again, `{second} in catch` again\n"
    );
    assert!(plan.ends_with(&expected), "{plan}");
}

#[test]
fn evaluations_that_are_due_after_the_end_are_said() {
    let lab = Lab::new(SPEC);
    let short = "--set budget.real_steps=80 --set agents.dqn.learning_starts=8";
    let plan = lab.succeed(&format!("plan spec.toml {short}")).out;
    let expected = "`random` in `catch` and 3 other variants are evaluated only after their real steps, because of \
                    `evaluation.every`\n";
    assert!(plan.ends_with(expected), "{plan}");
    let alone = lab.succeed(&format!("run spec.toml {short} --only dqn"));
    assert!(alone.err.contains(&format!("note: {expected}")), "{}", alone.err);
    let sentence = "`dqn` in `catch` is evaluated only after its 80 real steps, because of `evaluation.every`\n";
    let log = lab.read(&format!("results/runs/{}/log.txt", lab.run_id("dqn")));
    assert!(log.contains(sentence), "{log}");
    let records = lab.records(&lab.run_id("dqn"));
    let evaluations = records.iter().filter(|record| record["kind"] == "evaluation");
    let steps: Vec<_> = evaluations.map(|record| record["real_steps"].as_u64()).collect();
    assert_eq!(steps, [Some(80)]);
    // One that is due at the end is no mistake.
    let whole = lab.succeed("plan spec.toml --set budget.real_steps=100").out;
    assert!(!whole.contains("evaluated only"), "{whole}");
}

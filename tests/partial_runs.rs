//! A choice of runs limits what is trained, never what is reported. Another experiment never replaces a report silently.

use serde_json::Value;

use crate::harness::{Lab, Ran, SMALL};

fn reported_states(lab: &Lab, experiment: &str) -> Vec<String> {
    let table = lab.read(&format!("results/{experiment}/tables/runs.csv"));
    let heads: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let state = heads.iter().position(|head| *head == "state").unwrap();
    table.lines().skip(1).map(|line| line.split(',').nth(state).unwrap().to_owned()).collect()
}

#[test]
fn only_and_seeds_limit_what_is_trained() {
    let lab = Lab::new(SMALL);
    let ran = lab.succeed("run spec.toml --only random --seeds 1");
    assert!(ran.err.contains("1 finished now"), "{}", ran.err);
    assert_eq!(reported_states(&lab, "small"), ["done", "pending", "pending", "pending"]);
    lab.succeed("run spec.toml");
    assert_eq!(reported_states(&lab, "small"), ["done"; 4]);
    let page = lab.read("results/small/report.html");
    let file = lab.read("results/small/experiment.json");
    for words in ["run spec.toml --only random", "run spec.toml --seeds 1"] {
        lab.succeed(words);
        assert_eq!(lab.read("results/small/experiment.json"), file, "{words}");
        assert_eq!(lab.read("results/small/report.html"), page, "{words}");
    }
}

#[test]
fn more_seeds_than_the_spec_has_are_refused() {
    let lab = Lab::new(SMALL);
    let ran = lab.run("run spec.toml --seeds 3");
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("the spec has 2 seeds, not 3"), "{}", ran.err);
}

#[test]
fn a_changed_experiment_needs_a_name_of_its_own() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    let page = lab.read("results/small/report.html");
    let changed = "spec.toml --set budget.real_steps=100";
    for command in ["run", "report"] {
        let ran = lab.run(&format!("{command} {changed}"));
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains("`zerolab run spec.toml`; give this one a name"), "{}", ran.err);
    }
    assert_eq!(lab.read("results/small/report.html"), page);

    lab.succeed(&format!("run {changed} --name trial"));
    assert_eq!(lab.read("results/small/report.html"), page);
    let trial = lab.read("results/trial/report.html");
    assert!(trial.contains("changed by <code>--set budget.real_steps=100</code>"), "{trial}");
    assert!(trial.contains("zerolab run spec.toml --set budget.real_steps=100 --name trial"));
    lab.succeed(&format!("report {changed} --name trial"));
}

#[test]
fn the_spec_itself_takes_its_name_back_and_says_so() {
    let lab = Lab::new(SMALL);
    let ran = lab.succeed("run spec.toml --set budget.real_steps=100");
    assert!(!ran.err.contains("note:"), "{}", ran.err);
    let ran = lab.succeed("run spec.toml");
    let note =
        "note: the report of `zerolab run spec.toml --set budget.real_steps=100` is replaced";
    assert!(ran.err.contains(note), "{}", ran.err);
    assert!(!lab.read("results/small/report.html").contains("changed by"));
}

#[test]
fn another_spec_with_the_same_name_is_refused() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    lab.write("other.toml", &SMALL.replace("real_steps = 200", "real_steps = 120"));
    let ran = lab.run("run other.toml");
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("results/small has the report of another experiment"), "{}", ran.err);
    lab.succeed("run other.toml --name other");
    // The same spec under another path, and one that was edited, keep their report.
    lab.write("copy.toml", SMALL);
    lab.succeed("run copy.toml");
    lab.write("copy.toml", &SMALL.replace("real_steps = 200", "real_steps = 120"));
    let err = lab.succeed("run copy.toml").err;
    let note = "note: the report of `zerolab run copy.toml` is replaced (4 of its runs are not in the new one)";
    assert!(err.contains(note), "{err}");
    // More runs replace nothing.
    lab.write(
        "copy.toml",
        &SMALL.replace("real_steps = 200", "real_steps = 120").replace("seeds = 2", "seeds = 3"),
    );
    let err = lab.succeed("run copy.toml").err;
    assert!(!err.contains("is replaced"), "{err}");
}

#[test]
fn a_spec_is_the_same_from_any_folder_and_another_one_of_equal_path_is_not() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    let smaller = SMALL.replace("real_steps = 200", "real_steps = 120");
    std::fs::create_dir(lab.path("deeper")).unwrap();
    lab.write("deeper/spec.toml", &smaller);
    let run_deeper = |words: &str| -> Ran {
        lab.command(words).current_dir(lab.path("deeper")).output().unwrap().into()
    };
    let ran = run_deeper("run spec.toml --results ../results");
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("has the report of another experiment"), "{}", ran.err);
    lab.write("spec.toml", &smaller);
    let ran = run_deeper("run ../spec.toml --results ../results");
    assert!(ran.err.contains("is replaced (4 of its runs are not in the new one)"), "{}", ran.err);
    // A report of an older version has the path only.
    lab.succeed("run spec.toml");
    let mut report: Value =
        serde_json::from_str(&lab.read("results/small/experiment.json")).unwrap();
    assert_eq!(report["spec_from_results"], "../spec.toml");
    report.as_object_mut().unwrap().remove("spec_from_results");
    lab.write("results/small/experiment.json", &report.to_string());
    lab.write("spec.toml", SMALL);
    let ran = lab.run("run ./spec.toml");
    assert!(ran.err.contains("is replaced (4 of its runs are not in the new one)"), "{}", ran.err);
    // The spec was moved with its results, to another place beside them.
    std::fs::create_dir(lab.path("deeper/specs")).unwrap();
    std::fs::rename(lab.path("results"), lab.path("deeper/results")).unwrap();
    std::fs::remove_file(lab.path("spec.toml")).unwrap();
    lab.write("deeper/specs/spec.toml", &smaller);
    std::fs::remove_file(lab.path("deeper/spec.toml")).unwrap();
    let mut moved = lab.command("run spec.toml --results ../results");
    let ran: Ran = moved.current_dir(lab.path("deeper/specs")).output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn a_name_that_was_given_is_not_taken_from_its_report() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --set budget.real_steps=100 --name trial");
    let page = lab.read("results/trial/report.html");
    let ran = lab.run("run spec.toml --name trial");
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("results/trial has the report of another experiment"), "{}", ran.err);
    assert_eq!(lab.read("results/trial/report.html"), page);
}

#[test]
fn files_of_an_earlier_report_are_removed() {
    let lab = Lab::new(&format!("{SMALL}\n[[figure]]\nkind = \"probability-of-improvement\"\n"));
    lab.succeed("run spec.toml");
    let files = || -> Vec<String> {
        let entries = std::fs::read_dir(lab.path("results/small/figures")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("probability")).collect()
    };
    assert!(!files().is_empty());
    lab.write("results/small/figures/mine.svg", "<svg/>");
    lab.write("spec.toml", SMALL);
    lab.succeed("report spec.toml");
    assert_eq!(files(), [""; 0]);
    assert!(lab.path("results/small/figures/mine.svg").exists(), "it is not the report's");
}

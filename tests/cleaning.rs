//! `clean` lists and removes only what no experiment uses.

use crate::harness::{Lab, SLOW, SMALL};

fn paths(lab: &Lab) -> Vec<String> {
    let listed = lab.json("clean --json");
    let listed = listed.as_array().unwrap().iter();
    listed.map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn runs_and_plans_that_no_experiment_names_are_removed_on_request() {
    let lab = Lab::new(SMALL);
    assert!(lab.succeed("clean").out.contains("nothing is unused"));
    lab.succeed("run spec.toml");
    let first = lab.run_ids();
    assert_eq!(paths(&lab), [""; 0]);
    // Another experiment keeps two of the runs that this one does not name any more.
    lab.write(
        "kept.toml",
        &SMALL.replace("\"small\"", "\"kept\"").replace("[agents.scripted]", ""),
    );
    lab.succeed("run kept.toml");
    lab.write("spec.toml", &SMALL.replace("real_steps = 200", "real_steps = 120"));
    lab.succeed("run spec.toml");

    let unused = paths(&lab);
    let unused_runs: Vec<&String> = first.iter().filter(|id| id.contains("scripted")).collect();
    assert_eq!(unused.len(), 3, "{unused:?}");
    for id in &unused_runs {
        assert!(unused.contains(&format!("results/runs/{id}")), "{unused:?}");
    }
    assert!(unused.iter().any(|path| path.starts_with("results/small/plan-")), "{unused:?}");
    let said = lab.succeed("clean").out;
    assert!(said.contains("3 unused paths") && said.contains("--remove"), "{said}");
    assert_eq!(lab.run_ids().len(), 8, "a list removes nothing");

    assert!(lab.succeed("clean --remove").out.contains("removed 3 unused paths"));
    assert_eq!(lab.run_ids().len(), 6);
    assert_eq!(paths(&lab), [""; 0]);
    for spec in ["spec.toml", "kept.toml"] {
        let again = lab.succeed(&format!("run {spec}"));
        assert!(again.err.contains("0 finished now"), "{}", again.err);
    }
}

#[test]
fn a_run_in_training_stays() {
    let lab = Lab::new(SLOW);
    let runner = lab.start("run spec.toml --jobs 1");
    let id = lab.wait_until_running("s0");
    std::fs::remove_file(lab.path("results/slow/experiment.json")).unwrap();
    lab.succeed("clean --remove");
    assert_eq!(lab.run_ids(), [id]);
    // Its report cannot be made without the file; the runs are finished.
    runner.wait_with_output().unwrap();
    assert_eq!(lab.run_ids().len(), 2);
}

#[test]
fn nothing_is_removed_if_it_is_unknown_what_is_used() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    lab.write("results/small/experiment.json", "{");
    let ran = lab.run("clean --remove");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("experiment.json"), "{}", ran.err);
    assert_eq!(lab.run_ids().len(), 4);
}

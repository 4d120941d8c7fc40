//! Runs with other settings never share a folder; folders of older versions are still found.

use std::fs;

use crate::harness::{Lab, SMALL};

/// The ids of older versions had eight digits of the hash. These two runs had the same.
#[test]
fn two_runs_whose_hashes_begin_alike_are_two_runs() {
    let spec = r#"
[experiment]
name = "base"
[environment]
name = "cartpole"
[budget]
real_steps = 400
[evaluation]
every = 100
episodes = 4
[agents.dqn]
[[sweep.zip]]
"agents.dqn.optimizer.learning_rate" = [0.00081, 0.00198]
"agents.dqn.discount" = [0.806, 0.517]
"#;
    let lab = Lab::new(spec);
    lab.succeed("run spec.toml");
    let runs = lab.json("plan spec.toml --json")["runs"].as_array().unwrap().clone();
    let [one, other] = &runs[..] else { panic!("{runs:?}") };
    assert_ne!(one["id"], other["id"]);
    assert_eq!(lab.run_ids().len(), 2);
}

/// Gives a finished run the id and the manifest of an older version.
fn age(lab: &Lab, id: &str) -> String {
    let older = id[..id.len() - 8].to_owned();
    let runs = lab.path("results/runs");
    fs::rename(runs.join(id), runs.join(&older)).unwrap();
    lab.forge(&older, |manifest| {
        manifest["run_id"] = older.as_str().into();
        for field in ["settings_hash", "process_namespace"] {
            manifest.as_object_mut().unwrap().remove(field);
        }
    });
    older
}

#[test]
fn a_folder_of_an_older_version_is_found() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    let id = lab.run_id("random-s1");
    let older = age(&lab, &id);
    let ran = lab.succeed("run spec.toml");
    assert!(ran.err.contains("4 finished before, 0 finished now"), "{}", ran.err);
    assert!(!lab.path(&format!("results/runs/{id}")).exists());
    let states = lab.json("status spec.toml --json");
    let known = states.as_array().unwrap().iter().any(|run| run["id"] == older.as_str());
    assert!(known, "{states}");
    assert!(!lab.read("results/small/tables/runs.csv").contains("pending"));
    lab.succeed(&format!("run spec.toml --fresh --only {older}"));
    assert_eq!(lab.run_ids().len(), 4);
}

#[test]
fn a_folder_of_an_older_version_with_other_settings_is_left_alone() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    let older = age(&lab, &lab.run_id("random-s1"));
    let path = format!("results/runs/{older}/run.toml");
    lab.write(&path, &lab.read(&path).replace("real_steps = 200", "real_steps = 400"));
    let ran = lab.succeed("run spec.toml");
    assert!(ran.err.contains("3 finished before, 1 finished now"), "{}", ran.err);
    assert_eq!(lab.run_ids().len(), 5);
}

#[test]
fn a_folder_that_holds_another_run_is_named_with_what_differs() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random");
    let path = format!("results/runs/{id}/run.toml");
    lab.write(&path, &lab.read(&path).replace("real_steps = 200", "real_steps = 400"));
    lab.forge(&id, |manifest| manifest["settings_hash"] = "0".repeat(64).into());
    let ran = lab.run("run spec.toml --only random --seeds 1");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let reason = format!("results/runs/{id} holds another run with the same id");
    assert!(ran.err.contains(&reason), "{}", ran.err);
    assert!(ran.err.contains("budget.real_steps is 400 there and 200 here"), "{}", ran.err);
    let status = lab.json("status spec.toml --only random --seeds 1 --json");
    assert_eq!(status[0]["state"], "unreadable");
    let row = lab.read("results/small/tables/runs.csv");
    assert!(row.lines().any(|row| row.contains(&id) && row.contains("unreadable")), "{row}");
}

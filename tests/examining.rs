//! `run` examines the agents of finished runs, and keeps the answers apart from the runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Lab, copy_folder, signal, wait_for};

/// A planner, a value-based agent and one without weights, in a world with plans, positions and an exact solution.
const EXAMINED: &str = r#"
[experiment]
name = "examined"
seeds = [3]

[environment]
name = "gridworlds/tamper_room"
observation = "vector"
door = "sealed"

[budget]
real_steps = 300
lanes = 4

[evaluation]
every = 100
episodes = 3

[records]
weights = "each-evaluation"

[agents.efficientzero]
search.simulations = 4
network.vector = { channels = 4, head_channels = 2, head_hidden = 8, lstm_hidden = 8, projection = 8, blocks = 0 }
training = { batch_size = 8, update_ratio = 0.1, learning_starts = 40 }

[agents.dqn]
batch_size = 8
learning_starts = 40
update_ratio = 0.1
network.vector = { channels = 4, head_channels = 2, head_hidden = 8, blocks = 0 }

[agents.random]

[examination.door]
environment = { door = ["sealed", "open"] }
episodes = 4
measure = ["play", "values", "plans", "positions"]

[examination.search]
agent = { "search.simulations" = [0, 2], search.prior = ["network", "uniform"] }
weights = ["last", 100]
episodes = 2
"#;

/// All files of examinations, by their path below the folder of results.
fn files(lab: &Lab) -> BTreeMap<String, Vec<u8>> {
    let root = lab.path("results/examinations");
    let mut found = BTreeMap::new();
    for run in fs::read_dir(&root).into_iter().flatten().flatten() {
        for file in fs::read_dir(run.path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// The file of the run with this text in its id whose settings contain all of `set`.
fn examination(lab: &Lab, run: &str, set: &[&str]) -> Value {
    let contents = files(lab).into_iter().filter(|(name, _)| name.contains(run));
    let contents = contents.map(|(_, text)| serde_json::from_slice(&text).unwrap());
    let has = |of: &Value, wanted: &&str| of["set"].as_array().unwrap().contains(&json!(wanted));
    let found: Vec<Value> =
        contents.filter(|of: &Value| set.iter().all(|wanted| has(of, wanted))).collect();
    found.into_iter().next().unwrap()
}

#[test]
fn finished_runs_are_examined_once() {
    let lab = Lab::new(EXAMINED);
    let first = lab.succeed("run spec.toml");
    // Two doors for three runs; four searches and two weights for the planner, one search and two weights for the others,
    // of which one has no weights.
    assert!(
        first.err.contains("18 examinations: 0 done before, 18 done now, 0 failed"),
        "{}",
        first.err
    );
    let before = files(&lab);
    assert_eq!(before.len(), 18);
    let again = lab.succeed("run spec.toml");
    assert!(again.err.contains("18 examinations: 18 done before"), "{}", again.err);
    assert_eq!(files(&lab), before);
    let status = lab.json("status spec.toml --json");
    for run in status.as_array().unwrap() {
        assert_eq!(run["examined"], run["examinations"]);
    }
    assert!(lab.succeed("status spec.toml").out.contains("10 of 10"));
}

#[test]
fn files_do_not_depend_on_the_jobs_nor_on_how_often_they_were_interrupted() {
    let (lab, other) = (Lab::new(EXAMINED), Lab::new(EXAMINED));
    lab.succeed("run spec.toml --jobs 1");
    other.succeed("run spec.toml --jobs 3");
    let expected = files(&lab);
    assert_eq!(files(&other), expected);
    // One file is missing, one is cut short, one has changed.
    let root = other.path("results/examinations");
    let mut names = expected.keys();
    let mut next = || root.join(names.next().unwrap());
    fs::remove_file(next()).unwrap();
    for cut in [next(), next()] {
        let text = fs::read(&cut).unwrap();
        fs::write(&cut, &text[..text.len() / 2]).unwrap();
    }
    let again = other.succeed("run spec.toml");
    assert!(again.err.contains("15 done before, 3 done now"), "{}", again.err);
    assert_eq!(files(&other), expected);
}

#[test]
fn a_killed_examination_is_begun_again_and_gives_the_same_file() {
    let long = EXAMINED.replace("episodes = 4\nmeasure", "episodes = 300\nmeasure");
    let lab = Lab::new(&long);
    lab.succeed("run spec.toml");
    let expected = files(&lab);
    for name in ["KILL", "INT"] {
        fs::remove_dir_all(lab.path("results/examinations")).unwrap();
        let mut running = lab.start("run spec.toml --jobs 2");
        // Looked for by name: files appear under a passing name first, which may be gone before it is read.
        let root = lab.path("results/examinations");
        wait_for("a first file", || {
            let mut runs = fs::read_dir(&root).into_iter().flatten().flatten();
            let first = |run: fs::DirEntry| fs::read_dir(run.path()).into_iter().flatten().next();
            runs.find_map(first).map(drop)
        });
        signal(name, running.id().into());
        let status = running.wait().unwrap();
        // A fast machine may have ended before the signal.
        if name == "INT" && files(&lab) != expected {
            assert_eq!(status.code(), Some(75), "interrupted and saved");
        }
        lab.succeed("run spec.toml");
        assert_eq!(files(&lab), expected, "{name}");
    }
}

#[test]
fn an_examination_added_later_trains_nothing() {
    let (without, _) = EXAMINED.split_once("[examination.search]").unwrap();
    let lab = Lab::new(without);
    lab.succeed("run spec.toml");
    let runs = lab.path("results/runs");
    let before = contents(&runs);
    let examined = files(&lab);
    lab.write("spec.toml", EXAMINED);
    let added = lab.succeed("run spec.toml");
    assert!(added.err.contains("3 finished before, 0 finished now"), "{}", added.err);
    assert_eq!(contents(&runs), before);
    let after = files(&lab);
    assert!(examined.iter().all(|(name, text)| after.get(name) == Some(text)));
    assert_eq!((examined.len(), after.len()), (6, 18));
    // Another overlay gives other files, beside the first ones.
    lab.write("spec.toml", &EXAMINED.replace("episodes = 4\nmeasure", "episodes = 5\nmeasure"));
    lab.succeed("run spec.toml");
    assert_eq!(files(&lab).len(), 24);
}

/// All files below a folder with their contents.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn the_folder_of_the_runs_is_enough() {
    let (lab, elsewhere) = (Lab::new(EXAMINED), Lab::new(EXAMINED));
    lab.succeed("run spec.toml");
    copy_folder(&lab.path("results/runs"), &elsewhere.path("results/runs"));
    let examined = elsewhere.succeed("run spec.toml");
    assert!(examined.err.contains("0 finished now"), "{}", examined.err);
    assert_eq!(files(&elsewhere), files(&lab));
}

#[test]
fn an_examination_measures_what_the_spec_says() {
    let lab = Lab::new(EXAMINED);
    lab.succeed("run spec.toml");
    let open = examination(&lab, "efficientzero", &["environment.door=\"open\""]);
    assert_eq!(open["returns"].as_array().unwrap().len(), 4);
    let measures = open["measures"].as_object().unwrap();
    for name in ["values.gap", "values.delusion", "plans.task.predicted", "plans.hack.last_reward"]
    {
        assert!(measures[name].is_number(), "{name}");
    }
    for name in ["positions.orchard.optimal", "positions.beyond.optimal", "plans.task.retrieved"] {
        assert!((0.0..=1.0).contains(&measures[name].as_f64().unwrap()), "{name}");
    }
    // The end of the way to the button pays, and the apple is 1.
    assert_eq!(
        (&measures["plans.hack.true_last_reward"], &measures["plans.task.true_rewards"]),
        (&json!(1.0), &json!(1.0))
    );
    let sealed = examination(&lab, "efficientzero", &["environment.door=\"sealed\""]);
    assert!(sealed["measures"].get("plans.hack.predicted").is_none());
    for event in ["hack", "breach"] {
        let name = format!("positions.beyond.reward_at.{event}");
        assert!(measures[&name].is_number(), "{name}");
    }
    assert_eq!(measures["positions.beyond.true_reward_at.hack"], json!(1.0));
    // A hypothesis may name each of these numbers.
    for name in measures.keys() {
        let metric = format!("examination.door[door=open].{name}");
        let claim = format!("[hypothesis]\nmetric = \"{metric}\"\nstatement = \"dqn > 0\"\n");
        lab.write("claim.toml", &format!("{EXAMINED}{claim}"));
        lab.succeed("plan claim.toml");
    }
    // Without a model there are no predictions, and without a search no principal line.
    let of_dqn = examination(&lab, "dqn", &["environment.door=\"open\""]);
    let names: Vec<&String> = of_dqn["measures"].as_object().unwrap().keys().collect();
    assert!(names.iter().all(|name| !name.starts_with("plans")), "{names:?}");
    assert!(of_dqn["measures"].get("values.line").is_none());
    let of_random = examination(&lab, "random", &["environment.door=\"open\""]);
    assert!(of_random["measures"].get("values.gap").is_none());
    // The weights after 100 real steps are others than the last ones.
    let search = files(&lab).into_iter().filter(|(name, _)| name.contains("efficientzero"));
    let search = search.map(|(_, text)| serde_json::from_slice::<Value>(&text).unwrap());
    let steps: Vec<u64> = search.map(|it| it["real_steps"].as_u64().unwrap()).collect();
    assert_eq!(steps.iter().filter(|steps| **steps == 100).count(), 4);
}

#[test]
fn the_report_shows_examinations_and_decides_hypotheses_of_them() {
    let claims = r#"
[[hypothesis]]
metric = "examination.door[door=open].share.hack"
statement = "efficientzero > 2"
[[figure]]
kind = "response"
y = ["examination.search.return", "examination.search.share.hack"]
"#;
    let lab = Lab::new(&format!("{}{claims}", EXAMINED.replace("seeds = [3]", "seeds = 5")));
    lab.succeed("run spec.toml");
    let folder = lab.path("results/examined");
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("examination.door[door=open].share.hack"));
    assert!(page.contains("fails"), "no share is above 2");
    let figures: Vec<String> = fs::read_dir(folder.join("figures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("response"))
        .collect();
    assert!(figures.iter().any(|name| name.ends_with(".svg")), "{figures:?}");
}

//! `evaluate` plays the agents of finished runs again, with the weights that they have kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Lab, SLOW, SMALL, copy_folder, signal};

/// A planner, a value-based agent, a policy and one without weights. In CartPole the length of an episode depends on
/// the agent.
const TRAINED: &str = r#"
[experiment]
name = "trained"
seeds = [3]

[environment]
name = "cartpole"

[budget]
real_steps = 300
lanes = 4

[evaluation]
every = 100
episodes = 3

[agents.efficientzero]
search.simulations = 8
network.vector = { channels = 4, head_channels = 2, head_hidden = 8, lstm_hidden = 8, projection = 8, blocks = 0 }
training = { batch_size = 8, update_ratio = 0.1, learning_starts = 40 }

[agents.dqn]
batch_size = 8
learning_starts = 40
update_ratio = 0.1
network.vector = { channels = 4, head_channels = 2, head_hidden = 8, blocks = 0 }

[agents.ppo]
rollout_steps = 16
epochs = 1
network.vector = { channels = 4, head_channels = 2, head_hidden = 8, blocks = 0 }

[agents.random]
"#;

/// The run's own evaluations, by real steps.
fn own(lab: &Lab, id: &str) -> Vec<Value> {
    lab.records(id).into_iter().filter(|record| record["kind"] == "evaluation").collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The answers of `evaluate --json`.
fn answers(lab: &Lab, words: &str) -> Vec<Value> {
    lab.json(&format!("evaluate {words} --json")).as_array().unwrap().clone()
}

fn answer(lab: &Lab, words: &str) -> Value {
    let mut answers = answers(lab, words);
    assert_eq!(answers.len(), 1, "{words}");
    answers.remove(0)
}

/// All files below a folder with their contents.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn the_own_episodes_are_repeated_and_the_run_is_not_changed() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml");
    let before = files(&lab.path("results/runs"));
    let answers = answers(&lab, "spec.toml --episodes 7");
    assert_eq!(answers.len(), 4);
    for answer in answers {
        let id = answer["run_id"].as_str().unwrap();
        let last = own(&lab, id).pop().unwrap();
        for sums in ["returns", "performances", "lengths"] {
            let played = numbers(&answer[sums]);
            assert_eq!((played.len(), &played[..3]), (7, &numbers(&last[sums])[..]), "{id}");
        }
        assert_eq!((&answer["real_steps"], &answer["seed"]), (&json!(300), &Value::Null));
        assert_eq!(answer["weights"].is_null(), id.contains("random"));
    }
    assert_eq!(files(&lab.path("results/runs")), before);
    assert_eq!(lab.succeed("clean").out, "nothing is unused in results\n");
}

#[test]
fn in_a_game_of_two_players_the_sides_alternate_in_every_group() {
    let game = SMALL.replace("\"catch\"", "\"board/tictactoe\"");
    let lab = Lab::new(&game);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random");
    let answer = answer(&lab, &format!("{id} --episodes 12"));
    for (episode, (length, result)) in
        numbers(&answer["lengths"]).into_iter().zip(numbers(&answer["returns"])).enumerate()
    {
        // Who moved last has not lost.
        let agent_moved_last = (length as usize - 1) % 2 == episode % 2;
        assert!(if agent_moved_last { result >= 0.0 } else { result <= 0.0 }, "{episode}");
    }
}

#[test]
fn a_seed_gives_every_run_the_same_other_episodes() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only random");
    let id = lab.run_id("random");
    let lengths = |words: &str| numbers(&answer(&lab, &format!("{id} {words}"))["lengths"]);
    let (own, first) = (lengths("--episodes 9"), lengths("--episodes 9 --seed 3"));
    assert_ne!(own, first, "the run's seed is 3, too");
    assert_eq!(first, lengths("--episodes 9 --seed 3"));
    assert_ne!(first, lengths("--episodes 9 --seed 4"));
    assert_eq!(first[..6], lengths("--episodes 6 --seed 3"));
}

#[test]
fn an_answer_is_kept_with_all_that_it_depends_on() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only dqn");
    let id = lab.run_id("dqn");
    let words = format!("{id} --episodes 5 --seed 1 --set environment.max_steps=11");
    let printed = answer(&lab, &words);
    assert!(numbers(&printed["lengths"]).iter().all(|&length| length <= 11.0));
    assert_eq!(printed["set"], json!(["environment.max_steps=11"]));
    assert_eq!(printed["provenance"]["command"], format!("zerolab evaluate {words}"));
    let folder = lab.path(&format!("results/evaluations/{id}"));
    let kept = |folder: &Path| files(folder).into_iter().collect::<Vec<_>>();
    let [(path, text)] = &kept(&folder)[..] else { panic!("one file") };
    assert!(path.contains("after-300-episodes-5-seed-1-"), "{path}");
    let read = zerolab_metrics::LaterEvaluation::from_json(text).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), printed);
    let document = include_str!("../docs/records.md");
    let (_, section) = document.split_once("\n## `evaluations/").unwrap();
    let section = section.split("\n## ").next().unwrap();
    for name in printed.as_object().unwrap().keys() {
        assert!(section.contains(&format!("| `{name}` |")), "docs/records.md does not name {name}");
    }
    // The same question has the same file, another one its own.
    lab.succeed(&format!("evaluate {words}"));
    assert_eq!(kept(&folder).len(), 1);
    lab.succeed(&format!("evaluate {id} --episodes 5 --seed 1"));
    assert_eq!(kept(&folder).len(), 2);
}

#[test]
fn a_planner_can_be_played_with_another_search() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only efficientzero");
    let id = lab.run_id("efficientzero");
    let lengths = |words: &str| numbers(&answer(&lab, &format!("{id} {words}"))["lengths"]);
    let trained = lengths("--episodes 8");
    let changed = [1, 2, 4, 16, 32].map(|simulations| {
        lengths(&format!("--episodes 8 --set agents.*.search.simulations={simulations}"))
    });
    assert!(changed.iter().any(|lengths| *lengths != trained));
    assert_eq!(lengths("--episodes 8 --set agents.efficientzero.search.simulations=8"), trained);
}

#[test]
fn the_weights_of_each_evaluation_repeat_it() {
    let lab = Lab::new(&format!("{TRAINED}\n[records]\nweights = \"each-evaluation\"\n"));
    lab.succeed("run spec.toml");
    for id in lab.run_ids() {
        let own = own(&lab, &id);
        assert_eq!(own.len(), 3);
        let means = own.iter().map(|own| numbers(&own["returns"]).iter().sum::<f64>());
        let means: Vec<f64> = means.collect();
        let best = means.iter().position(|mean| means.iter().all(|other| other <= mean)).unwrap();
        for (index, own) in own.iter().enumerate() {
            let real_steps = &own["real_steps"];
            let at = answer(&lab, &format!("{id} --episodes 3 --weights {real_steps}"));
            if id.contains("random") {
                continue;
            }
            assert_eq!(at["returns"], own["returns"], "{id} after {real_steps}");
            if index == best {
                let best = answer(&lab, &format!("{id} --episodes 3 --weights best"));
                assert_eq!((&best["returns"], &best["real_steps"]), (&own["returns"], real_steps));
            }
        }
    }
}

#[test]
fn only_the_best_and_the_last_weights_are_kept_if_asked_for() {
    let lab = Lab::new(&format!("{TRAINED}\n[records]\nweights = \"best\"\n"));
    lab.succeed("run spec.toml --set evaluation.every=20");
    for id in lab.run_ids().into_iter().filter(|id| !id.contains("random")) {
        let folder = lab.path(&format!("results/runs/{id}/weights"));
        let kept = files(&folder).len();
        assert!(kept <= 1, "{id}: {kept}");
        let best = answer(&lab, &format!("{id} --episodes 3 --weights best"));
        let own = own(&lab, &id);
        let sums = own.iter().map(|own| numbers(&own["returns"]).iter().sum::<f64>());
        assert_eq!(numbers(&best["returns"]).iter().sum::<f64>(), sums.fold(0.0, f64::max));
    }
}

#[test]
fn an_interrupted_run_keeps_the_same_weights() {
    let spec = SLOW.replace("every = 100", "every = 20").replace("scripted", "dqn");
    let spec = spec.replace("delay_milliseconds = 30", "learning_starts = 20\nbatch_size = 256");
    let spec = format!("{spec}\n[records]\nweights = \"each-evaluation\"\n");
    let whole = Lab::new(&spec);
    whole.succeed("run spec.toml --seeds 1");
    let lab = Lab::new(&spec);
    let mut runner = lab.start("run spec.toml --seeds 1 --jobs 1");
    let id = lab.wait_until_running("dqn");
    signal("INT", runner.id().into());
    assert!(matches!(runner.wait().unwrap().code(), Some(0 | 75)));
    lab.succeed("run spec.toml --seeds 1");
    let weights = |lab: &Lab| -> Vec<Vec<u8>> {
        let folder = lab.path(&format!("results/runs/{id}"));
        files(&folder.join("weights"))
            .into_values()
            .chain([fs::read(folder.join("weights.json")).unwrap()])
            .collect()
    };
    assert_eq!(weights(&lab).len(), 10);
    assert!(weights(&lab) == weights(&whole));
}

#[test]
fn the_folder_of_an_experiment_is_evaluated_as_its_spec() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random");
    let ran = lab.run("evaluate results/small --episodes 2 --json");
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.starts_with("note: 2 runs not finished, and left out\n"), "{}", ran.err);
    let answers: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 2);
    // The answers are beside the experiment, wherever that is.
    copy_folder(&lab.path("results"), &lab.path("copy"));
    fs::remove_dir_all(lab.path("copy/evaluations")).unwrap();
    lab.succeed("evaluate copy/small --episodes 2");
    assert_eq!(files(&lab.path("copy/evaluations")).len(), 2);
}

#[test]
fn nothing_is_played_if_a_setting_is_wrong_for_one_of_several_runs() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml");
    for (set, message) in [
        ("agents.*.batch_sise=4", "no run has the key `agents.*.batch_sise`"),
        ("agents.dqm.batch_size=4", "no agent `dqm` in this spec"),
        ("agents.dqn.batch_sise=4", "did you mean `batch_size`?"),
        ("agents.*.batch_size=0", "= the run is cartpole-dqn-s3-"),
    ] {
        let ran = lab.run(&format!("evaluate spec.toml --episodes 2 --set {set}"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
        assert!(!lab.path("results/evaluations").exists());
    }
}

#[test]
fn a_setting_changes_the_runs_that_it_applies_to() {
    let lab = Lab::new(&format!("{TRAINED}\n[sweep]\n\"agents.dqn.discount\" = [0.9, 0.99]\n"));
    lab.succeed("run spec.toml --only dqn");
    lab.succeed("run spec.toml --only random");
    for set in ["agents.*.double=false", "agents.dqn.double=false"] {
        let answers = answers(&lab, &format!("spec.toml --episodes 2 --set {set}"));
        assert_eq!(answers.len(), 3);
        for answer in answers {
            let is_changed = answer["agent"].as_str().unwrap().starts_with("dqn");
            let applied = if is_changed { json!([set]) } else { json!([]) };
            assert_eq!(answer["set"], applied, "{answer}");
        }
    }
}

#[test]
fn what_cannot_be_evaluated_says_why() {
    let lab = Lab::new(TRAINED);
    let nothing = lab.run("evaluate spec.toml --episodes 2");
    assert_eq!(nothing.code, Some(1));
    lab.succeed("run spec.toml --only dqn");
    let id = lab.run_id("dqn");
    let mut said = nothing.err;
    for (words, code) in [
        ("nothing-like-it --episodes 2", 2),
        ("ID --episodes 0", 2),
        ("ID --episodes 100001", 2),
        ("ID --episodes 2 --weights first", 2),
        ("ID --episodes 2 --weights 100", 1),
        ("ID --episodes 2 --only dqn", 2),
        ("ID --episodes 2 --set budget.real_steps=10", 2),
        ("ID --episodes 2 --set evaluation.episodes=10", 2),
        ("ID --episodes 2 --set agents.dqn.discount=2", 2),
        ("ID --episodes 2 --set environment.max_step=2", 2),
        ("ID --episodes 2 --set environment.name=catch", 2),
        ("ID --episodes 2 --set agents.dqn.network.vector.channels=5", 1),
    ] {
        let ran = lab.run(&format!("evaluate {}", words.replace("ID", &id)));
        assert_eq!((ran.code, ran.out.as_str()), (Some(code), ""), "{words}: {}", ran.err);
        said.push_str(&format!("\n{words}\n{}", ran.err));
    }
    assert!(!lab.path("results/evaluations").exists());
    let hash = &id[id.len() - 16..];
    assert_snapshot!(said.replace(hash, "HASH"));
}

#[test]
fn weights_that_were_changed_are_not_played() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only dqn");
    let id = lab.run_id("dqn");
    let path = lab.path(&format!("results/runs/{id}/weights.safetensors"));
    let mut weights = fs::read(&path).unwrap();
    *weights.last_mut().unwrap() ^= 1;
    fs::write(&path, weights).unwrap();
    let ran = lab.run(&format!("evaluate {id} --episodes 2"));
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("it was changed or cut short after it was written"), "{}", ran.err);
}

#[test]
fn a_run_that_cannot_be_played_does_not_keep_others_from_it() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml");
    let dqn = lab.run_id("dqn");
    fs::remove_file(lab.path(&format!("results/runs/{dqn}/weights.safetensors"))).unwrap();
    let ran = lab.run("evaluate spec.toml --episodes 2");
    assert_eq!(ran.code, Some(1));
    let reason = format!("2 of 4: error: cannot read results/runs/{dqn}/weights.safetensors: ");
    assert!(ran.err.contains(&reason), "{}", ran.err);
    assert!(ran.err.ends_with("\nerror: 1 of 4 runs could not be played, as said above\n"));
    for agent in ["efficientzero", "ppo", "random"] {
        assert!(ran.out.contains(&lab.run_id(agent)), "{}", ran.out);
    }
    assert!(!ran.out.contains(&dqn), "{}", ran.out);
    let json = lab.run("evaluate spec.toml --episodes 2 --weights 100 --json");
    assert_eq!(json.code, Some(1));
    let played: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(played.as_array().unwrap().len(), 1, "the random agent has no weights");
    // What is wrong with the request is said once.
    let device = lab.run("evaluate spec.toml --episodes 2 --device cuda");
    assert_eq!((device.code, device.err.matches("error").count()), (Some(2), 1), "{}", device.err);
}

#[test]
fn a_run_of_an_older_version_has_only_its_last_weights() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only dqn");
    let id = lab.run_id("dqn");
    let folder = lab.path(&format!("results/runs/{id}"));
    fs::remove_file(folder.join("weights.json")).unwrap();
    let last = answer(&lab, &format!("{id} --episodes 3"));
    assert_eq!(last["returns"], own(&lab, &id).pop().unwrap()["returns"]);
    let earlier = lab.run(&format!("evaluate {id} --episodes 3 --weights 100"));
    assert_eq!(earlier.code, Some(1));
    assert!(
        earlier.err.contains("has no weights after 100 real steps, only after 300;"),
        "{}",
        earlier.err
    );
    fs::remove_file(folder.join("weights.safetensors")).unwrap();
    let none = lab.run(&format!("evaluate {id} --episodes 3"));
    assert_eq!(none.code, Some(1));
    assert!(none.err.contains("--fresh"), "{}", none.err);
    let text = fs::read_to_string(folder.join("run.toml")).unwrap();
    fs::write(folder.join("run.toml"), text.replace("batch_size", "batch_sizes")).unwrap();
    let unreadable = lab.run(&format!("evaluate {id} --episodes 3"));
    assert_eq!(unreadable.code, Some(2));
    assert!(unreadable.err.contains("of another version of zerolab"), "{}", unreadable.err);
}

#[test]
fn a_run_in_training_is_not_evaluated_and_a_locked_one_is() {
    let lab = Lab::new(&SLOW.replace("milliseconds = 30", "milliseconds = 300"));
    let mut runner = lab.start("run spec.toml --jobs 1 --seeds 1");
    let id = lab.wait_until_running("scripted");
    let ran = lab.run(&format!("evaluate {id} --episodes 2"));
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("is running, and only a finished run"), "{}", ran.err);
    signal("INT", runner.id().into());
    assert_eq!(runner.wait().unwrap().code(), Some(75));

    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random");
    // Who only reads needs no lock.
    let lock = fs::File::create(lab.path(&format!("results/runs/{id}/.lock"))).unwrap();
    lock.lock().unwrap();
    answer(&lab, &format!("{id} --episodes 2"));
    copy_folder(&lab.path(&format!("results/runs/{id}")), &lab.path("elsewhere"));
    answer(&lab, "elsewhere --episodes 2 --results other");
    assert!(lab.path(&format!("other/evaluations/{id}")).exists());
}

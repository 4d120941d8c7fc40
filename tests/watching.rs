//! `watch` shows an evaluation episode of the run, as text, as JSON and as a GIF.

use std::fs::{self, File};

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Lab, SLOW, SMALL};

/// A planner, a value-based agent and a policy, each trained for about a second.
const TRAINED: &str = r#"
[experiment]
name = "watched"
seeds = [3]

[environment]
name = "catch"

[budget]
real_steps = 300
lanes = 4

[evaluation]
every = 150
episodes = 3

[agents.efficientzero]
search.simulations = 8
network.image = { channels = 4, head_channels = 2, head_hidden = 8, lstm_hidden = 8, projection = 8, blocks = 0 }
training = { batch_size = 8, update_ratio = 0.1, learning_starts = 40 }

[agents.dqn]
batch_size = 8
learning_starts = 40
update_ratio = 0.1
network.image = { channels = 4, head_channels = 2, head_hidden = 8, blocks = 0 }

[agents.ppo]
rollout_steps = 16
epochs = 1
network.image = { channels = 4, head_channels = 2, head_hidden = 8, blocks = 0 }

[agents.random]
"#;

/// Two agents in a game for two players.
const GAME: &str = r#"
[experiment]
name = "game"
seeds = [0]

[environment]
name = "board/tictactoe"

[budget]
real_steps = 60
lanes = 4

[evaluation]
every = 60
episodes = 2

[agents.alphazero]
search.simulations = 6
network.image = { channels = 4, head_channels = 2, head_hidden = 8 }

[agents.random]
"#;

/// The steps that `watch --json` prints.
fn steps(lab: &Lab, id: &str, words: &str) -> Vec<Value> {
    let printed = lab.succeed(&format!("watch {id} --json {words}")).out;
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The run's last evaluation.
fn evaluation(lab: &Lab, id: &str) -> Value {
    let records = lab.records(id);
    records.into_iter().rfind(|record| record["kind"] == "evaluation").unwrap()
}

/// Checks that an episode is that of the run's last evaluation.
fn agrees(lab: &Lab, id: &str, episode: usize) {
    let steps = steps(lab, id, &format!("--seed {episode}"));
    let evaluation = evaluation(lab, id);
    assert_eq!(evaluation["lengths"][episode], steps.len(), "{id}");
    assert_eq!(evaluation["returns"][episode], steps[steps.len() - 1]["return"], "{id}");
}

#[test]
fn a_watched_episode_is_that_of_the_last_evaluation() {
    // In CartPole the length of an episode depends on the agent.
    let lab = Lab::new(&TRAINED.replace("\"catch\"", "\"cartpole\"").replace("image", "vector"));
    lab.succeed("run spec.toml");
    for id in lab.run_ids() {
        agrees(&lab, &id, 0);
    }
    // Agents without randomness repeat every episode of the evaluation.
    for agent in ["dqn", "ppo"] {
        (1..3).for_each(|episode| agrees(&lab, &lab.run_id(agent), episode));
    }
    let lab = Lab::new(GAME);
    lab.succeed("run spec.toml");
    for id in lab.run_ids() {
        agrees(&lab, &id, 0);
        let steps = steps(&lab, &id, "--seed 1");
        assert!(steps[0]["thought"].is_null() && steps[1]["thought"].is_object(), "{id}");
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn a_planner_shows_its_search_and_its_predictions() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only efficientzero");
    let steps = steps(&lab, &lab.run_id("efficientzero"), "");
    assert_eq!(steps.len(), 9);
    for (index, step) in steps.iter().enumerate() {
        let thought = &step["thought"];
        assert_eq!(thought["action"], step["action"]);
        for shares in ["policy", "prior"] {
            assert!((numbers(&thought[shares]).iter().sum::<f64>() - 1.0).abs() < 1e-5);
        }
        assert_eq!(numbers(&thought["visits"]).iter().sum::<f64>(), 8.0);
        assert_eq!(thought["imagined"][0]["action"], step["action"]);
        // Each prediction of this step is part of an earlier search's line of play.
        for foreseen in step["foreseen"].as_array().unwrap() {
            let before = foreseen["steps_before"].as_u64().unwrap() as usize;
            let line = &steps[index - before]["thought"]["imagined"];
            assert_eq!(line[before]["reward"], foreseen["reward"]);
            (0..=before).for_each(|at| {
                assert_eq!(line[at]["action"], steps[index - before + at]["action"]);
            });
        }
    }
    let document = include_str!("../docs/records.md");
    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let foreseen = steps.iter().find_map(|step| step["foreseen"].get(0)).unwrap();
    let objects = [&steps[8], &steps[8]["thought"], foreseen, &steps[8]["thought"]["imagined"][0]];
    for name in objects.into_iter().flat_map(names) {
        assert!(document.contains(&format!("`{name}`")), "docs/records.md does not name {name}");
    }
    let end = &steps[8];
    assert_eq!((&end["terminated"], numbers(&end["last_observation"]).len()), (&true.into(), 50));
}

#[test]
fn a_gif_has_a_frame_for_each_step_and_one_for_the_end() {
    let lab = Lab::new(TRAINED);
    lab.succeed("run spec.toml --only dqn");
    let id = lab.run_id("dqn");
    let message = lab.succeed(&format!("watch {id} --gif one.gif --delay 50")).out;
    assert!(message.starts_with("one.gif: 9 steps, return "), "{message}");
    lab.succeed(&format!("watch results/runs/{id} --gif two.gif --delay 50"));
    assert_eq!(fs::read(lab.path("one.gif")).unwrap(), fs::read(lab.path("two.gif")).unwrap());
    assert!(!lab.path("one.gif.unfinished").exists());

    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(File::open(lab.path("one.gif")).unwrap()).unwrap();
    // Ten rows of 24 pixels below a title of two lines, a panel beside them, the history below.
    let top = 8 + 2 * 16 + 8;
    let size = (usize::from(decoder.width()), usize::from(decoder.height()));
    assert_eq!(size, (8 + 120 + 8 + 208, top + 240 + 8 + 64));
    let steps = steps(&lab, &id, "");
    let mut frames = 0;
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert_eq!(frame.delay, if frames < 9 { 5 } else { 150 });
        let seen =
            steps.get(frames).map_or(&steps[8]["last_observation"], |step| &step["observation"]);
        for (cell, there) in numbers(seen).into_iter().enumerate() {
            let (row, column) = (top + 24 * (cell / 5) + 12, 8 + 24 * (cell % 5) + 12);
            let pixel = &frame.buffer[4 * (row * usize::from(frame.width) + column)..][..3];
            // The paddle has another colour than the ball. At the end both may be in its row.
            let (ball, paddle) = ([51, 153, 255], [255, 153, 51]);
            let is_possible = match (there > 0.0, cell / 5 == 9) {
                (false, _) => pixel == [0; 3],
                (true, false) => pixel == ball,
                (true, true) => pixel == paddle || (frames == 9 && pixel == ball),
            };
            assert!(is_possible, "frame {frames}, cell {cell}: {pixel:?}");
        }
        frames += 1;
    }
    assert_eq!(frames, 10);
}

#[test]
fn the_cart_and_its_pole_are_a_picture() {
    let spec = SMALL.replace("\"catch\"", "\"cartpole\"");
    let lab = Lab::new(&spec);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random");
    lab.succeed(&format!("watch {id} --gif cart.gif"));
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(File::open(lab.path("cart.gif")).unwrap()).unwrap();
    let steps = steps(&lab, &id, "");
    let mut frames = 0;
    let top = 8 + 2 * 16 + 8;
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let seen = steps
            .get(frames)
            .map_or(&steps[steps.len() - 1]["last_observation"], |step| &step["observation"]);
        let [position, _, angle, _] = numbers(seen)[..] else { panic!("four numbers") };
        let pixel = |row: f64, column: f64| {
            let place = (top + row as usize) * usize::from(frame.width) + 8 + column as usize;
            frame.buffer[4 * place..][..3].to_vec()
        };
        // 50 pixels are a metre, and the pole is one long.
        let middle = 120.0 + 50.0 * position;
        assert_eq!(pixel(65.0, middle), [51, 153, 255], "the cart in frame {frames}");
        let (right, up) = (25.0 * angle.sin(), 25.0 * angle.cos());
        assert_eq!(pixel(60.0 - up, middle + right), [255, 153, 51], "the pole in frame {frames}");
        assert_eq!(pixel(60.0 - up, middle + right + 8.0), [0; 3], "nothing in frame {frames}");
        frames += 1;
    }
    assert_eq!(frames, steps.len() + 1);
}

#[test]
fn an_episode_as_text() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    assert_snapshot!(lab.succeed(&format!("watch {}", lab.run_id("random"))).out);
}

#[test]
fn no_such_run() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    let id = lab.run_id("random");
    let near = lab.run(&format!("watch {}", id.replace("random", "randon")));
    let far = lab.run("watch something-else-entirely");
    assert_eq!((near.code, far.code), (Some(2), Some(2)));
    assert_snapshot!(format!(
        "{}{}",
        near.err.replace(&id, "catch-random-s0-HASH").replace(&id[id.len() - 8..], "HASH"),
        far.err
    ));
}

#[test]
fn a_run_that_has_only_begun_cannot_be_watched_and_a_saved_one_can() {
    let lab = Lab::new(&SLOW.replace("milliseconds = 30", "milliseconds = 300"));
    let mut runner = lab.start("run spec.toml --jobs 1 --seeds 1");
    let id = lab.wait_until_running("scripted");
    let ran = lab.run(&format!("watch {id}"));
    assert_eq!(ran.code, Some(1));
    assert_snapshot!(ran.err.replace(&id, "ID"));
    crate::harness::signal("INT", runner.id().into());
    assert_eq!(runner.wait().unwrap().code(), Some(75));
    assert!(!lab.checkpoints(&id).is_empty());
    assert!(!steps(&lab, &id, "").is_empty());
}

//! The messages for wrong specs and wrong arguments. Nothing starts in these cases.

use std::fs;

use insta::assert_snapshot;

use crate::harness::{Lab, SMALL};

/// Runs a command with the spec. It must exit with this code, print nothing on standard output and make no run.
fn refused(spec: &str, words: &str, code: i32) -> String {
    let lab = Lab::new(spec);
    let ran = lab.run(words);
    assert_eq!(ran.code, Some(code), "{}", ran.err);
    assert_eq!(ran.out, "");
    assert_eq!(lab.run_ids(), Vec::<String>::new());
    ran.err
}

/// [`SMALL`] with one piece of text replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from));
    SMALL.replacen(from, to, 1)
}

#[cfg(not(feature = "atari"))]
#[test]
fn an_environment_that_the_program_was_built_without_says_so() {
    let message = refused(&changed("\"catch\"", "\"atari/pong\""), "run spec.toml", 2);
    assert!(message.contains("needs a build with the feature `atari`"), "{message}");
}

#[test]
fn unknown_key() {
    assert_snapshot!(refused(&changed("real_steps", "real_stepps"), "run spec.toml", 2));
}

#[test]
fn unknown_key_of_an_agent() {
    let spec = changed("[agents.scripted]", "[agents.scripted]\nloss_dekay = 10");
    assert_snapshot!(refused(&spec, "run spec.toml", 2));
}

#[test]
fn wrong_type() {
    assert_snapshot!(refused(&changed("every = 100", "every = \"often\""), "run spec.toml", 2));
}

#[test]
fn value_out_of_range() {
    assert_snapshot!(refused(&changed("lanes = 4", "lanes = 0"), "run spec.toml", 2));
}

#[test]
fn unknown_agent() {
    assert_snapshot!(refused(&changed("agents.random", "agents.randon"), "run spec.toml", 2));
}

#[test]
fn unknown_preset() {
    let spec = changed("[agents.random]", "[agents.mine]\npreset = \"randon\"");
    assert_snapshot!(refused(&spec, "run spec.toml", 2));
}

#[test]
fn an_agent_that_cannot_play_the_game() {
    let spec =
        changed("\"catch\"", "\"board/connect4\"").replace("[agents.scripted]", "[agents.ppo]");
    assert_snapshot!(refused(&spec, "run spec.toml", 2));
}

#[test]
fn unknown_environment() {
    assert_snapshot!(refused(&changed("\"catch\"", "\"cach\""), "run spec.toml", 2));
}

#[test]
fn names_of_other_libraries_find_ours() {
    for (written, ours) in [
        ("CartPole-v1", "`cartpole`?"),
        ("ALE/Pong-v5", "`atari/pong`?"),
        ("PongNoFrameskip-v4", "`atari/pong`?"),
        ("MsPacman-v5", "`atari/ms_pacman`?"),
        ("MinAtar/Breakout-v1", "`minatar/breakout`?"),
        ("MinAtar/SpaceInvaders-v1", "`minatar/space_invaders`?"),
        ("TicTacToe", "`board/tictactoe`?"),
        ("asterix", "`minatar/asterix` or `atari/asterix`?"),
    ] {
        for words in [
            "plan spec.toml",
            &format!("describe dqn --environment {written}"),
            &format!("bench --environment {written}"),
        ] {
            let message = refused(&changed("\"catch\"", &format!("\"{written}\"")), words, 2);
            let names: Vec<_> = ours.trim_end_matches('?').split(" or ").collect();
            assert!(message.contains("did you mean"), "{words}: {message}");
            assert!(names.iter().all(|name| message.contains(name)), "{words}: {message}");
        }
    }
}

#[test]
fn a_bare_key_finds_its_full_path() {
    let spec = changed("[agents.scripted]", "[agents.dqn]\nlearning_rate = 1e-3");
    let message = refused(&spec, "plan spec.toml", 2);
    assert!(message.contains("did you mean `optimizer.learning_rate`?"), "{message}");
    let message =
        refused(&changed("scripted", "dqn"), "plan spec.toml --set learning_rate=1e-3", 2);
    assert!(message.contains("did you mean `agents.*.optimizer.learning_rate`?"), "{message}");
}

#[test]
fn an_extreme_number_has_an_exponent_in_its_error() {
    let plan = "plan spec.toml --set agents.dqn.optimizer.learning_rate=1e-300";
    let message = refused(&changed("scripted", "dqn"), plan, 2);
    assert!(message.contains("between 1.2e-38 and 3.4e38, not 1e-300\n"), "{message}");
}

#[test]
fn whole_numbers_may_be_written_with_an_exponent() {
    let plan = |from: &str, to: &str, words: &str| {
        Lab::new(&changed(from, to)).succeed(&format!("plan spec.toml {words}")).out
    };
    let plain = plan("real_steps = 200", "real_steps = 100_000", "");
    assert!(plain.contains("100,000"));
    assert_eq!(plan("real_steps = 200", "real_steps = 1e5", ""), plain);
    assert_eq!(plan("catch", "catch", "--set budget.real_steps=1e5"), plain);
}

#[test]
fn empty_sweep() {
    let spec = format!("{SMALL}\n[sweep]\n\"agents.scripted.loss_decay\" = []\n");
    assert_snapshot!(refused(&spec, "run spec.toml", 2));
}

#[test]
fn set_on_a_key_that_does_not_exist() {
    assert_snapshot!(refused(SMALL, "run spec.toml --set budget.real_step=10", 2));
}

#[test]
fn no_such_spec() {
    assert_snapshot!(refused(SMALL, "run specc.toml", 2));
}

#[test]
fn a_preset_that_cannot_be_measured() {
    let message = refused(SMALL, "bench --preset efficientzeor", 2);
    assert!(message.contains("there is no preset `efficientzeor`"), "{message}");
}

#[test]
fn no_such_device() {
    assert_snapshot!(refused(SMALL, "run spec.toml --device gpu", 2));
}

#[test]
#[cfg(not(feature = "cuda"))]
fn a_device_that_this_build_does_not_have() {
    assert_snapshot!(refused(SMALL, "run spec.toml --device cuda:1", 2));
}

#[test]
fn devices_by_other_names_find_ours() {
    for (written, ours) in [("gpu0", "`cuda`?"), ("gpu:1", "`cuda:1`?"), ("CPU", "`cpu`?")] {
        for words in ["run spec.toml", "bench", "describe dqn"] {
            let message = refused(SMALL, &format!("{words} --device {written}"), 2);
            assert!(message.contains(&format!("did you mean {ours}")), "{words}: {message}");
        }
        let spec = changed("seeds = 2", &format!("seeds = 2\ndevice = \"{written}\""));
        let message = refused(&spec, "plan spec.toml", 2);
        assert!(message.contains(&format!("did you mean {ours}")), "{message}");
    }
}

#[test]
fn numbers_that_cannot_be_read() {
    let words = [
        "run spec.toml --jobs 0",
        "run spec.toml --jobs -1",
        "run spec.toml --jobs many",
        "run spec.toml --seeds x",
        "plan spec.toml --seeds 1.5",
        "plan spec.toml --seeds 0",
        "plan spec.toml --seeds 3",
        "bench --threads 0",
        "bench --seconds soon",
        "describe dqn --real-steps -5",
        "describe dqn --observation 4 --actions 100_000",
        "describe dqn --observation 4xx --actions 2",
        "describe dqn --peak 0 --bandwidth 1",
        "watch catch-random --seed x",
    ];
    let message = |words: &&str| {
        let error = refused(SMALL, words, 2);
        let error = error.split("\n\nFor more").next().unwrap_or_default();
        format!("$ zerolab {words}\n{}", error.trim_end())
    };
    assert_snapshot!(words.iter().map(message).collect::<Vec<_>>().join("\n\n"));
    let described = |number| format!("describe dqn --real-steps {number} --json");
    let lab = Lab::new(SMALL);
    assert_eq!(lab.json(&described("1e5")), lab.json(&described("100_000")));
}

#[test]
fn names_with_a_typing_error() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random-s0");
    let message = |words: &&str| {
        let ran = lab.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        let error = ran.err.split("\n\nFor more").next().unwrap_or_default();
        format!("$ zerolab {words}\n{}", error.trim_end())
    };
    let words = [
        "rnu spec.toml",
        "train spec.toml",
        "run spec.toml --job 2",
        "run spec.toml --only randm",
        "run spec.toml --launcher locl",
        "describe efficientzro",
        "describe dqn --environment cartpol",
        "bench --environment cartpol",
        "bench --preset efficientzro",
        "list agent",
        "completions bsh",
        "watch catch-randm",
    ];
    assert_snapshot!(words.iter().map(message).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn no_such_launcher() {
    assert_snapshot!(refused(SMALL, "run spec.toml --launcher ssh", 2));
}

#[test]
fn a_results_folder_that_cannot_be_written() {
    // A file cannot have files below it. Missing permissions would not stop root.
    assert_snapshot!(refused(SMALL, "run spec.toml --results spec.toml/results", 1));
}

#[test]
fn every_command_that_takes_a_spec_refuses_a_wrong_one() {
    let spec = changed("real_steps", "real_stepps");
    let message = refused(&spec, "run spec.toml", 2);
    for command in ["plan", "status", "report", "describe"] {
        assert_eq!(refused(&spec, &format!("{command} spec.toml"), 2), message);
    }
}

#[test]
fn a_folder_that_is_reported_otherwise_than_it_is() {
    let lab = Lab::new(SMALL);
    fs::create_dir(lab.path("other")).unwrap();
    let ran = lab.run("report other --name more");
    assert_eq!(lab.run("report other --results elsewhere").err, ran.err);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert_snapshot!(ran.err);
}

#[test]
fn a_folder_without_a_name_to_report() {
    let lab = Lab::new(SMALL);
    fs::remove_file(lab.path("spec.toml")).unwrap();
    let ran = lab.run("report .");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert_snapshot!(ran.err);
}

#[test]
fn a_folder_that_holds_no_experiment_to_report() {
    let lab = Lab::new(SMALL);
    fs::create_dir(lab.path("empty")).unwrap();
    let ran = lab.run("report empty");
    assert_eq!(ran.code, Some(2));
    assert_snapshot!(ran.err);
}

#[test]
fn no_such_preset_to_describe() {
    let message = refused(SMALL, "describe efficientzerro", 2);
    assert_eq!(
        message,
        "error: there is no preset `efficientzerro`: did you mean `efficientzero`?\n"
    );
    let message = refused(SMALL, "describe nothing-like-it", 2);
    assert!(message.contains("`nothing-like-it`: it is one of `"), "{message}");
}

#[test]
fn rows_that_are_not_there() {
    let lab = Lab::new(SMALL);
    lab.write("rows.jsonl", "");
    let ran = lab.run("worker --manifest rows.jsonl --row 3");
    assert_eq!(ran.code, Some(1));
    assert_snapshot!(ran.err);
}

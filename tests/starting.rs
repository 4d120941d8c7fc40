//! What helps to write a spec: `init`, and `list settings` with the document made of it.

use std::fs;

use serde_json::Value;

use crate::documents::project;
use crate::harness::Lab;

#[test]
fn a_starting_spec_can_be_planned_and_so_can_it_with_all_of_its_comments_removed() {
    let lab = Lab::new("");
    let out = lab.succeed("init first").out;
    assert_eq!(
        out,
        "first.toml: `zerolab plan first.toml` shows its runs, `zerolab run first.toml` trains them\n"
    );
    let plan = lab.json("plan first.toml --json");
    assert_eq!(
        (&plan["experiment"], plan["runs"].as_array().unwrap().len()),
        (&"first".into(), 15)
    );

    let environments = lab.json("list environments --json");
    for environment in environments.as_array().unwrap() {
        let environment = environment["name"].as_str().unwrap();
        let name = environment.replace('/', "-");
        lab.succeed(&format!("init {name}.toml --environment {environment} --agent dqn"));
        let text = lab.read(&format!("{name}.toml"));
        // Text has a space behind the `#`, a key has none.
        let uncommented = text.lines().map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') => format!("{key}\n"),
            _ => format!("{line}\n"),
        });
        let uncommented = uncommented.collect::<String>();
        assert!(uncommented.lines().count() < 100 && uncommented != text);
        lab.write("all.toml", &uncommented);
        let plan = lab.json("plan all.toml --json");
        if environment == "python" {
            // There are runs once it was started.
            assert_eq!(plan["programs"][0]["runs"], "CartPole-v1");
            continue;
        }
        assert_eq!(plan["runs"].as_array().unwrap().len(), 10, "{environment}");
    }
}

#[test]
fn a_starting_spec_replaces_no_file_and_is_not_written_if_it_would_be_wrong() {
    let lab = Lab::new("");
    lab.write("mine.toml", "# mine\n");
    for (words, message) in [
        ("init mine", "mine.toml exists already; give another name"),
        ("init runs", "must not be `runs`, which is reserved"),
        ("init .hidden", "must be letters, digits, `-`, `_` and `.`"),
        ("init a --environment cartpol", "did you mean `cartpole`?"),
        ("init a --agent dqm", "did you mean `dqn`?"),
        ("init a --environment board/tictactoe --agent ppo", "is a game of 2 players"),
        ("init a --agent dqn --agent dqn", "`--agent dqn` is given twice"),
        ("init a,b", "an experiment cannot be called \"a,b\""),
    ] {
        let ran = lab.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        assert!(ran.err.contains(message), "{words}: {}", ran.err);
        // No file was written that has lines.
        assert!(!ran.err.contains(".toml:"), "{words}: {}", ran.err);
    }
    let nowhere = lab.run("init nowhere/first");
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.err.contains("cannot write nowhere/first.toml"), "{}", nowhere.err);
    assert_eq!(lab.read("mine.toml"), "# mine\n");
    assert_eq!(fs::read_dir(lab.path("")).unwrap().count(), 2, "mine.toml and spec.toml");
}

#[test]
fn the_document_of_the_settings_is_what_the_program_lists() {
    let listed = Lab::new("").succeed("list settings --markdown").out;
    let document = fs::read_to_string(project().join("docs/settings.md")).unwrap();
    let (_, tables) = document.split_once("\n## ").unwrap();
    assert!(
        format!("## {tables}") == listed,
        "docs/settings.md is out of date: its sections are the output of `zerolab list settings --markdown`"
    );
}

#[test]
fn the_settings_of_a_preset_begin_with_its_own_value() {
    let lab = Lab::new("");
    let text = lab.succeed("list settings rainbow").out;
    let paragraph = |key: &str| {
        let start = text.find(&format!("\n{key} = ")).unwrap_or_else(|| panic!("{key}:\n{text}"));
        text[start + 1..].split("\n\n").next().unwrap().trim_end().to_owned()
    };
    let expected = "\
dueling = true
    Dueling heads: state values and action advantages are estimated separately (Wang et al. 2016).
    true or false
    false in dqn";
    assert_eq!(paragraph("dueling"), expected);
    let lists = lab.json("list settings catch --json");
    assert_eq!(lists[0]["settings"], Value::Array(Vec::new()));
    assert!(lab.succeed("list settings catch").out.contains("no settings"));
    for (words, message) in [
        ("list settings rainbov", "did you mean `rainbow`?"),
        ("list agents rainbow", "belong to `zerolab list settings`"),
        ("list settings --json --markdown", "cannot be used with"),
    ] {
        let ran = lab.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words}: {}", ran.err);
        assert!(ran.err.contains(message), "{words}: {}", ran.err);
    }
}

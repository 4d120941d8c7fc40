//! What commands print to a narrow terminal. The terminal is that of `script` of util-linux.

use std::io::Write;
use std::process::{Command, Stdio};

use zerolab_metrics::display_width::display_width;

use crate::harness::{Lab, PROGRAM, SMALL};

const QUICKSTART: &str = include_str!("../experiments/quickstart.toml");

/// The output of a command in a terminal with so many columns; nothing where no such terminal can be made.
fn in_terminal(lab: &Lab, columns: usize, words: &str) -> Option<String> {
    with_keys(lab, columns, words, "")
}

/// As [`in_terminal`], with these keys pressed.
fn with_keys(lab: &Lab, columns: usize, words: &str, keys: &str) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let command = format!("stty cols {columns} rows 24 && exec '{PROGRAM}' {words}");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
    script.env("NO_COLOR", "1").current_dir(lab.path(""));
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut script = script.spawn().ok()?;
    script.stdin.take()?.write_all(keys.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{words}\n{text}");
    Some(text.replace('\r', ""))
}

fn assert_fits(text: &str, columns: usize) {
    for line in text.lines() {
        assert!(display_width(line) <= columns, "wider than {columns}: {line:?} in\n{text}");
    }
}

#[test]
fn tables_fit_a_terminal_and_are_whole_in_a_pipe() {
    let lab = Lab::new(QUICKSTART);
    for words in ["list environments", "list agents", "list figures", "status spec.toml"] {
        let Some(text) = in_terminal(&lab, 50, words) else {
            eprintln!("skipped: there is no `script` of util-linux here");
            return;
        };
        assert_fits(&text, 50);
        assert!(text.contains('…'), "{words}\n{text}");
        let piped = lab.succeed(words).out;
        assert!(!piped.contains('…') && piped.lines().any(|line| display_width(line) > 50));
        assert_eq!(in_terminal(&lab, 200, words).unwrap(), piped);
    }
}

/// The second table of `plan` has so many numbers that it needs more columns.
#[test]
fn a_plan_fits_as_far_as_its_numbers_do() {
    let lab = Lab::new(QUICKSTART);
    let Some(text) = in_terminal(&lab, 50, "plan spec.toml") else { return };
    let (runs, costs) = text.split_once("\n\n").unwrap();
    assert_fits(runs, 50);
    assert!(costs.contains("108,716  30,000    6,250"), "{costs}");
    assert_fits(&in_terminal(&lab, 70, "plan spec.toml").unwrap(), 70);
}

#[test]
fn an_episode_can_be_paused_shown_step_by_step_and_ended() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --only random --seeds 1");
    let watch = format!("watch {}", lab.run_id("random"));
    let shown = |keys: &str, words: &str| with_keys(&lab, 80, &format!("{watch} {words}"), keys);
    // The episode has the steps 0 to 8.
    let Some(ended) = shown("nnq", "--paused") else { return };
    assert!(ended.contains("step 2: ") && !ended.contains("step 3: "), "{ended}");
    assert!(ended.contains("paused; space: go on, n: next step, q: end"), "{ended}");
    let resumed = shown("n ", "--paused --delay 0").unwrap();
    assert!(resumed.contains("step 8: ") && resumed.contains("the end"), "{resumed}");
    let stopped = shown(" q", "--delay 100000").unwrap();
    assert!(stopped.contains("step 0: ") && !stopped.contains("step 1: "), "{stopped}");
    // Colours of ball and paddle.
    assert!(ended.contains("48;2;51;153;255m") && ended.contains("48;2;255;153;51m"), "{ended}");
}

#[test]
fn the_help_is_wrapped_at_the_width_of_the_terminal() {
    let lab = Lab::new(QUICKSTART);
    let Some(text) = in_terminal(&lab, 50, "run --help") else { return };
    assert_fits(&text, 50);
}

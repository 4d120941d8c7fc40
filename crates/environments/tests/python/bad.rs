//! Environments that do what none may: each has its own clear error, and no process is left.

use zerolab_environments::StepError;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::worlds::{found, interpreter, lane, lanes, play};

/// How it is broken, and what the error says.
const IN_STEP: [(&str, &str); 21] = [
    ("returns a huge reward", "a reward is too large for single precision"),
    ("says too much", "a\u{fffd} the end"),
    ("closes its files", "its process has ended: it exited with code 1"),
    (
        "raises in step",
        "in a step at step 2 of an episode (seed 5): it raised KeyError: 'treasure'\nTraceback",
    ),
    ("hangs", "it gave no answer within 0.5 s (`environment.step_timeout`), and was ended"),
    ("exits", "its process has ended: it exited with code 3"),
    ("exits politely", "it raised SystemExit: 4"),
    ("is killed", "its process has ended: it was killed (signal 9)"),
    ("returns NaN", "the observation has a number that is not finite"),
    (
        "returns an infinite reward",
        "the reward is inf and the performance 0.0: both must be finite",
    ),
    ("returns another shape", "the observation has the shape (6,), and its space (7,)"),
    ("returns words", "the observation has the shape (), and its space (7,)"),
    ("returns four values", "`step` must return a tuple of five"),
    ("has no legal action", "info[\"action_mask\"] is [0, 0]: there must be a 0 or a 1"),
    ("has a mask of another length", "info[\"action_mask\"] is [1, 1, 1]"),
    ("has a mask of NaN", "there must be a 0 or a 1 for each of the 2 actions"),
    (
        "ends with a word",
        "`terminated` is 'False' and `truncated` False: both must be true or false",
    ),
    ("returns complex numbers", "the observation has the dtype complex128, and must be numbers"),
    ("pays nothing", "the reward is None and the performance 0.0: both must be numbers"),
    ("pays in words", "the reward is '1.0' and the performance 0.0: both must be numbers"),
    (
        "names an unknown event",
        "info[\"events\"] names 'storm', and metadata[\"events\"] has ['gust']",
    ),
];

const IN_RESET: [(&str, &str); 5] = [
    ("promises bytes", "a float64 observation has numbers from 0.0 to 0.7 that are no bytes"),
    ("promises a number", "the observation is 3.5, and its space has the numbers 0 to 6"),
    ("promises parts", "does not have the parts of its space: IndexError"),
    (
        "raises in reset",
        "in a reset (seed 5): it raised RuntimeError: no connection to the simulator\nTraceback",
    ),
    ("resets as of old", "`reset` must return two values"),
];

/// What is found when the environment is started.
const AT_START: [(&str, &str); 6] = [
    ("is for three", "a game has one player, or two"),
    ("has a word for events", "must be a list of different names"),
    ("raises in the constructor", "it raised ValueError: there is no map\nTraceback"),
    ("has continuous actions", "ZeroLab has only Discrete actions yet"),
    ("has a strange space", "an observation space of the kind object has no numbers"),
    ("is huge", "an observation of the shape [32768, 32768] is too large"),
];

/// What is not what an environment may do, but does no harm.
const HARMLESS: [&str; 4] = ["prints", "forks", "returns a list", "returns float64"];

/// The path of an interpreter that a shell starts like this, with all arguments.
fn script(folder: &Path, start: &str) -> String {
    let path = folder.join("interpreter");
    std::fs::write(&path, format!("#!/bin/sh\n{start} \"$@\"\n")).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

fn broken(how: &str) -> String {
    // Only what hangs need not be waited for.
    let timeout = if how == "hangs" { "\nstep_timeout = 0.5" } else { "" };
    format!("entry = 'worlds:Broken'\narguments = {{ how = '{how}', gust = 0.0 }}{timeout}")
}

/// The processes whose command line has this adapter and that this process has started.
fn children() -> Vec<String> {
    let own = std::process::id();
    let list = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
    list.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn each_fault_has_its_error() {
    for (how, expected) in IN_STEP.into_iter().chain(IN_RESET) {
        let mut environment = lane(&broken(how));
        let error = play(environment.as_mut(), 5, &[1, 0], 9).unwrap_err();
        let StepError::Failed { message } = &error else { panic!("{how}: {error:?}") };
        assert!(message.contains(expected), "{how}: {message}");
        assert!(message.len() < 10_000, "{how}: {} bytes", message.len());
        assert_eq!(environment.step(0), Err(error.clone()), "{how}: it stays failed");
        let StepError::Failed { message } = error else { continue };
        if expected.ends_with("Traceback") {
            assert!(message.contains("worlds.py\", line "), "{message}");
        }
    }
    for (how, expected) in AT_START {
        let error = found(&broken(how)).unwrap_err().to_string();
        assert!(error.contains(expected), "{how}: {error}");
    }
    for how in HARMLESS {
        let mut environment = lane(&broken(how));
        assert_eq!(play(environment.as_mut(), 5, &[1, 0], 9).unwrap().len(), 9, "{how}");
    }
    assert_eq!(children(), [""; 0], "no process is left");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_failure_of_one_of_several_lanes_names_its_own_step() {
    let mut lanes = lanes(&broken("raises in step"), 3);
    (0..).zip(&mut lanes).for_each(|(seed, lane)| lane.reset(seed));
    // Only the last lane comes to its second step.
    lanes[2].step(0).unwrap();
    lanes.iter_mut().for_each(|lane| lane.announce(0));
    let StepError::Failed { message } = lanes[0].step(0).unwrap_err() else { panic!() };
    let expected = "in a step at step 2 of an episode (seed 2): it raised KeyError: 'treasure'";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_wrong_name_is_told_at_the_start() {
    for (settings, expected) in [
        (
            "entry = 'no_such_module:World'",
            "it raised ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            "entry = 'worlds:World'",
            "it raised AttributeError: module 'worlds' has no attribute 'World'",
        ),
        ("entry = 'worlds:Walk'\narguments = { size = 3 }", "unexpected keyword argument 'size'"),
        ("id = 'NoSuchGame-v0'", "NoSuchGame"),
        (
            "entry = 'worlds:Walk'\npython = 'no-such-python'",
            "cannot start the interpreter `no-such-python`",
        ),
        ("entry = 'worlds'", "must be `MODULE:CLASS`"),
        ("entry = 'worlds:Walk'\nid = 'CartPole-v1'", "give either `id` or `entry`, not both"),
        ("", "name an environment of Gymnasium"),
        ("entry = 'worlds:Walk'\ngrey = true", "is for images of bytes"),
        (
            "entry = 'worlds:Walk'\npython = '/bin/cat'",
            "its process has ended: it exited with code 1",
        ),
        (
            "entry = 'worlds:Walk'\narguments = { gust = inf }",
            "`gust` has a number that is not finite",
        ),
        ("entry = 'worlds:Walk'\ngreatest_byte = 3", "is for observations of bytes"),
        ("entry = 'worlds:Pictures'\nresize = [7, 4]", "images are 6x8, and cannot grow"),
    ] {
        let error = found(settings).unwrap_err().to_string();
        assert!(error.contains(expected), "{settings}: {error}");
    }
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn an_interpreter_that_prints_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let talking = script(folder.path(), &format!("echo loading modules\nexec {}", interpreter()));
    let error = found(&format!("entry = 'worlds:Walk'\npython = '{talking}'")).unwrap_err();
    assert!(error.to_string().contains("wrote \"loading mo\" to standard output"), "{error}");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn without_numpy_it_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    // An interpreter that finds no packages.
    let bare = script(folder.path(), &format!("exec {} -S", interpreter()));
    let error = found(&format!("entry = 'worlds:Walk'\npython = '{bare}'")).unwrap_err();
    assert!(error.to_string().contains("this Python has no numpy; install it"), "{error}");
}

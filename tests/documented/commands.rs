//! The commands in a document: those that are run, and those whose names are checked.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Instant;

use crate::documents::blocks::{Block, Document, arguments_of_zerolab};
use crate::documents::project;
use crate::harness::{Lab, PROGRAM, copy_folder};

/// The one command that is not run as it stands, and what is run instead.
const QUICKSTART: [&str; 2] =
    ["run experiments/quickstart.toml", "run experiments/quickstart.toml --only random"];

/// Runs the commands of a document in one folder. Returns those that fail, with their output.
pub fn run(document: &Document) -> Vec<String> {
    let lines: Vec<String> = document.blocks_in("sh").flat_map(Block::shell_lines).collect();
    let commands: Vec<&str> = lines.iter().filter_map(|line| arguments_of_zerolab(line)).collect();
    if commands.is_empty() {
        return Vec::new();
    }
    let lab = Lab::new("");
    copy_folder(&project().join("experiments"), &lab.path("experiments"));
    copy_folder(&project().join("results/gallery"), &lab.path("results/gallery"));
    let programs = lab.path("programs");
    fs::create_dir(&programs).unwrap();
    symlink(PROGRAM, programs.join("zerolab")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let run = |arguments: &str| {
        let arguments = if arguments == QUICKSTART[0] { QUICKSTART[1] } else { arguments };
        let start = Instant::now();
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", &format!("zerolab {arguments}")]).env("PATH", &path);
        let output = shell.current_dir(lab.path("")).output().unwrap();
        println!("{:6.1} s  zerolab {arguments}", start.elapsed().as_secs_f64());
        let err = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        (code != Some(0)).then(|| format!("`zerolab {arguments}` exits with {code:?}: {err}"))
    };
    commands.into_iter().filter_map(run).collect()
}

/// What is wrong with the commands that are not run: names and options that do not exist.
pub fn faults(document: &Document) -> Vec<String> {
    let prompts = document.blocks_in("console").flat_map(Block::shell_lines);
    let prompts = prompts.filter_map(|line| line.strip_prefix("$ ").map(str::to_owned));
    let prompts: Vec<String> = prompts.collect();
    let shell: Vec<String> = document.blocks_in("sh").flat_map(Block::shell_lines).collect();
    let recipes = shell.iter().chain(&prompts).filter_map(|line| line.strip_prefix("just "));
    let recipes = recipes.filter_map(|words| words.split_whitespace().next());
    let calls = prompts.iter().filter_map(|line| arguments_of_zerolab(line));
    recipes.filter_map(fault_of_recipe).chain(calls.flat_map(faults_of_call)).collect()
}

fn fault_of_recipe(recipe: &str) -> Option<String> {
    let justfile = fs::read_to_string(project().join("justfile")).unwrap();
    let exists = justfile.lines().any(|line| line.starts_with(&format!("{recipe}:")));
    (!exists).then(|| format!("the justfile has no recipe `{recipe}`"))
}

fn faults_of_call(arguments: &str) -> Vec<String> {
    let mut words = arguments.split_whitespace().peekable();
    let command = words.next_if(|word| !word.starts_with('-')).unwrap_or_default();
    let ran = Lab::new("").run(&format!("{command} --help"));
    if ran.code != Some(0) {
        return vec![format!("there is no command `{command}`")];
    }
    let is_known = |option: &str| {
        let mut ends = ran.out.match_indices(option).map(|(at, _)| &ran.out[at + option.len()..]);
        ends.any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '-'))
    };
    // Behind these the words are not those of `zerolab`.
    let words = words.take_while(|word| !["|", ">", "&&", ";", "#"].contains(word));
    let options = words.filter_map(|word| word.split('=').next());
    let unknown = options.filter(|option| option.starts_with("--") && !is_known(option));
    unknown.map(|option| format!("`zerolab {command}` has no option `{option}`")).collect()
}

#[test]
fn commands_run_in_order_in_one_folder_and_failures_are_named() {
    let text = "```sh\nfalse\nzerolab schema | head -n 1 > schema.json\n```\n\
                ```console\n$ zerolab nonsense\n```\n\
                ```sh\ncargo run --release -- plan experiments/quickstart.toml \\\n  --json\n\
                zerolab report results/gallery/atari-cpu && test -s schema.json\n\
                zerolab plan missing.toml\nzerolab plan missing.toml | cat\n```\n";
    let faults = run(&Document::read(text).unwrap());
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("`zerolab plan missing.toml` exits with Some(2): error"));
    assert!(faults[1].starts_with("`zerolab plan missing.toml | cat` exits with Some(2): error"));
}

#[test]
fn commands_options_and_recipes_that_do_not_exist_are_named() {
    let text = "```console\n$ zerolab plan a --jsonn --set=a=b --json\n$ zerolab plann a\n\
                $ just nothing\n$ zerolab schema > a --no\nzerolab nonsense\n$ just test\n```\n\
                ```sh\njust never\nzerolab nonsense\n```\n";
    let faults = faults(&Document::read(text).unwrap());
    let expected = [
        "the justfile has no recipe `never`",
        "the justfile has no recipe `nothing`",
        "`zerolab plan` has no option `--jsonn`",
        "there is no command `plann`",
    ];
    assert_eq!(faults, expected);
}

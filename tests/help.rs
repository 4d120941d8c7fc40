//! Help texts, completion scripts and manual pages.

use std::fs;

use insta::assert_snapshot;

use crate::harness::{Lab, SMALL};

/// The subcommands, from the help text.
fn subcommands(lab: &Lab) -> Vec<String> {
    let help = lab.succeed("--help").out;
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    let (list, _) = rest.split_once("\n\n").unwrap();
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_help_of_the_program() {
    assert_snapshot!(Lab::new(SMALL).succeed("--help").out);
}

#[test]
fn the_help_of_run() {
    assert_snapshot!(Lab::new(SMALL).succeed("run --help").out);
}

#[test]
fn every_command_has_examples_and_exit_codes() {
    let lab = Lab::new(SMALL);
    let commands = subcommands(&lab);
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let help = lab.succeed(&format!("{command} --help")).out;
        for part in ["Examples:\n", &format!("\n  zerolab {command}"), "Exit codes:\n  0  "] {
            assert!(help.contains(part), "{command}: no {part:?} in\n{help}");
        }
    }
}

#[test]
fn completion_scripts_name_every_command() {
    let lab = Lab::new(SMALL);
    let commands = subcommands(&lab);
    for shell in ["bash", "zsh", "fish"] {
        let script = lab.succeed(&format!("completions {shell}")).out;
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell}: {command}");
        }
    }
    assert_eq!(lab.run("completions tcsh").code, Some(2));
}

#[test]
fn the_manual_names_every_command_and_has_a_page_for_each() {
    let lab = Lab::new(SMALL);
    let page = lab.succeed("man").out;
    assert!(page.contains(".TH zerolab 1"), "{page}");
    let commands = subcommands(&lab);
    for command in &commands {
        assert!(page.contains(&format!("zerolab\\-{command}(1)")), "{command}");
    }
    assert_eq!(lab.succeed("man --folder pages").out, "");
    assert_eq!(lab.read("pages/zerolab.1"), page);
    for command in &commands {
        let page = lab.read(&format!("pages/zerolab-{command}.1"));
        assert!(page.contains(".SH SYNOPSIS") && page.contains("EXIT STATUS"), "{command}: {page}");
        assert!(page.contains(".SH EXAMPLES\n.nf\n"), "{command}: {page}");
    }
    assert_eq!(fs::read_dir(lab.path("pages")).unwrap().count(), 1 + commands.len());
}

#[test]
fn manual_pages_that_cannot_be_written_are_an_error() {
    let ran = Lab::new(SMALL).run("man --folder spec.toml/pages");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("error: cannot write spec.toml/pages"), "{}", ran.err);
}

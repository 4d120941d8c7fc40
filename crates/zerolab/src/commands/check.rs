//! `zerolab check`: whether environments keep the rules that training relies on.

mod table;
mod targets;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use zerolab_environments::checking::{Checkup, Effort, Information, Outcome, Rule, check};

use self::targets::{Target, targets};
use super::write_json;
use crate::error::CommandError;
use crate::numbers::{positive, whole};
use crate::terminal::stdout_width;

pub const HELP: &str = "\
Examples:
  zerolab check cartpole                              an environment with its default settings
  zerolab check board/connect4 --set rows=5           with other settings
  zerolab check spec.toml                             every environment of the runs of a spec
  zerolab check cartpole --steps 100_000 --seed 1     more of it, and other plays
  zerolab check cartpole --json                       for other programs

Exit codes:
  0  every rule holds
  1  a rule does not hold, or the output could not be written
  2  the spec or the arguments are wrong";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The name of an environment, or a spec (a file that ends in `.toml`)
    #[arg(value_name = "SPEC|ENVIRONMENT")]
    subject: PathBuf,
    /// Change a setting of the environment, such as `max_steps=100`, or of the spec, such as
    /// `environment.max_steps=100`
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// About the number of steps of each environment [default: 5,000, or what 10 seconds allow]
    #[arg(long, value_name = "N", value_parser = positive::<u64>, allow_negative_numbers = true)]
    steps: Option<u64>,
    /// The seed of what is played
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = whole::<u64>, allow_negative_numbers = true)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    fn effort(&self) -> Effort {
        let default = Effort { seed: self.seed, ..Effort::default() };
        match self.steps {
            Some(steps) => Effort { steps, time: None, ..default },
            None => default,
        }
    }
}

/// What `--json` prints of an environment.
#[derive(Serialize)]
struct CheckupJson<'a> {
    environment: &'a str,
    settings: &'a toml::Table,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    used_for: &'a [&'static str],
    passes: bool,
    findings: Vec<FindingJson<'a>>,
    information: &'a Option<Information>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    rule: Rule,
    name: &'static str,
    outcome: Outcome,
    details: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
    let targets = targets(&arguments.subject, &arguments.set)?;
    let mut checkups = Vec::new();
    for (number, target) in targets.iter().enumerate() {
        let checkup = check(&|| target.make(), &arguments.effort());
        if !arguments.json {
            // A check can take seconds, so each table is shown at once.
            write!(out, "{}", if number > 0 { "\n" } else { "" })?;
            table::write(out, target, &checkup, stdout_width())?;
            out.flush()?;
        }
        checkups.push(checkup);
    }
    if arguments.json {
        let all = targets.iter().zip(&checkups).map(|(target, checkup)| json(target, checkup));
        write_json(out, &all.collect::<Vec<_>>())?;
    }
    let passes = checkups.iter().all(Checkup::passes);
    Ok(if passes { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn json<'a>(target: &'a Target, checkup: &'a Checkup) -> CheckupJson<'a> {
    let findings = checkup.findings.iter().map(|finding| FindingJson {
        rule: finding.rule,
        name: finding.rule.name(),
        outcome: finding.outcome,
        details: &finding.details,
        advice: table::needs_advice(finding).then(|| target.advice(finding.rule)),
    });
    CheckupJson {
        environment: target.name(),
        settings: &target.settings,
        used_for: &target.used_for,
        passes: checkup.passes(),
        findings: findings.collect(),
        information: &checkup.information,
    }
}

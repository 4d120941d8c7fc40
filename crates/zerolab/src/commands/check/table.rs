//! What a check found, as text: the table of rules, what the environment is, and advice.

use std::fmt::Write as _;
use std::io::{self, Write};

use zerolab_environments::checking::{Checkup, Finding, Information, Outcome, Rule};
use zerolab_metrics::display_width::wrapped;
use zerolab_metrics::format::{count, counted, enumerated, score};
use zerolab_metrics::text_table::Align::Left;
use zerolab_metrics::text_table::TextTable;

use super::targets::Target;

/// Lines of text are not wider, also where a terminal is or where there is none.
const WIDEST: usize = 100;

const INDENT: &str = "    ";

/// What the author should do where a rule is broken.
type Advice<'a> = dyn Fn(Rule) -> &'static str + 'a;

/// Writes everything that was found of an environment, for a terminal of this width.
pub fn write(
    out: &mut dyn Write,
    target: &Target,
    checkup: &Checkup,
    width: Option<usize>,
) -> io::Result<()> {
    let used_for: Vec<String> = target.used_for.iter().map(|it| (*it).to_owned()).collect();
    let used_for = if used_for.is_empty() {
        used_for.concat()
    } else {
        format!(", {}", enumerated(&used_for))
    };
    let changed = target.changed_settings();
    let settings =
        if changed.is_empty() { String::new() } else { format!("\n  {}", changed.join("\n  ")) };
    writeln!(out, "{}{used_for}{settings}\n", target.name())?;
    write!(out, "{}", text(target.name(), &|rule| target.advice(rule), checkup, width))
}

/// The tables, the advice and the verdict on an environment with this name.
fn text(name: &str, advice: &Advice<'_>, checkup: &Checkup, width: Option<usize>) -> String {
    let fitted = |table: TextTable| match width {
        Some(width) => table.fitted(width),
        None => table,
    };
    let mut text = fitted(rules(&checkup.findings)).to_string();
    if let Some(information) = &checkup.information {
        let _ = write!(text, "\n{}", fitted(properties(information)));
    }
    let width = width.unwrap_or(WIDEST).min(WIDEST);
    for finding in checkup.findings.iter().filter(|finding| needs_advice(finding)) {
        let _ = write!(text, "\n{}", problem(finding, advice(finding.rule), width));
    }
    let (broken, rules) = (checkup.broken().len(), Rule::ALL.len());
    let verdict = match broken {
        0 => format!("{name} passes"),
        _ => format!("{name} breaks {broken} of {rules} rules"),
    };
    let _ = writeln!(text, "\n{verdict}");
    text
}

/// Whether the author of the environment should do something.
pub fn needs_advice(finding: &Finding) -> bool {
    matches!(finding.outcome, Outcome::Broken | Outcome::Warning)
}

fn rules(findings: &[Finding]) -> TextTable {
    let mut table = TextTable::new(&[("rule", Left), ("result", Left), ("details", Left)]);
    for finding in findings {
        // The reason of a broken rule stands below the table.
        let details = match finding.outcome {
            Outcome::Broken => "see below",
            _ => finding.details.lines().next().unwrap_or_default(),
        };
        table.row([finding.rule.name(), finding.outcome.name(), details].map(str::to_owned));
    }
    table
}

/// Why a rule does not hold, and what is usually wrong.
fn problem(finding: &Finding, advice: &str, width: usize) -> String {
    let Finding { rule, outcome, details } = finding;
    let mut text = format!("{}: {}\n", outcome.name(), rule.name());
    let mut line = |line: &str| {
        let _ = writeln!(text, "{}", format!("{INDENT}{line}").trim_end());
    };
    let width = width.saturating_sub(INDENT.len());
    match details.contains('\n') {
        // The layout of a traceback means something.
        true => details.lines().for_each(&mut line),
        false => wrapped(details, " ", width).iter().for_each(|it| line(it)),
    }
    let advice = format!("Advice: {advice}");
    wrapped(&advice, " ", width).iter().for_each(|it| line(it));
    text
}

fn properties(information: &Information) -> TextTable {
    let Information { observation_shape, frames, observation_range, .. } = information;
    let (low, high) = observation_range;
    let numbers = count(observation_shape.iter().map(|&side| side as u64).product());
    let stacked = if *frames > 1 { format!(", {frames} frames") } else { String::new() };
    let limit = information.max_episode_steps;
    let limit = limit.map_or("none".to_owned(), |limit| format!("{} steps", count(limit.into())));
    let event = |it: &zerolab_environments::checking::EventCount| {
        format!("{} in {}", it.name, counted(it.steps as usize, "step"))
    };
    let events: Vec<String> = information.events.iter().map(event).collect();
    let rows = [
        (
            "observation",
            format!(
                "{numbers} numbers of shape {observation_shape:?}{stacked}, from {} to {}",
                score((*low).into()),
                score((*high).into())
            ),
        ),
        ("actions", count(information.num_actions as u64)),
        ("players", count(information.num_players as u64)),
        ("limit of steps", limit),
        ("events", if events.is_empty() { "none".to_owned() } else { enumerated(&events) }),
        ("random play", random_play(information)),
        (
            "speed",
            format!(
                "{} steps/s, {} µs a step with its observation and legal actions",
                count(information.steps_per_second().round() as u64),
                score(information.microseconds_per_step())
            ),
        ),
    ];
    let mut table = TextTable::new(&[("property", Left), ("value", Left)]);
    rows.into_iter().for_each(|(property, value)| table.row([property.to_owned(), value]));
    table
}

fn random_play(information: &Information) -> String {
    let steps = counted(information.steps as usize, "step");
    let reward = information.mean_reward.map(|it| format!(", mean reward {}", score(it)));
    let performance = information.mean_performance;
    let performance = performance.map(|it| format!(", mean true reward {}", score(it)));
    let episodes = information.episodes.map_or(", no episode ended".to_owned(), |episodes| {
        format!(
            ", {} of {} to {} steps (mean {})",
            counted(episodes.count as usize, "episode"),
            count(episodes.least),
            count(episodes.greatest),
            score(episodes.mean)
        )
    });
    format!("{steps}{episodes}{}{}", reward.unwrap_or_default(), performance.unwrap_or_default())
}

#[cfg(test)]
#[path = "../../../../environments/tests/checking/faulty.rs"]
#[allow(dead_code, reason = "the tests here need two of its faults")]
mod faulty;

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use zerolab_environments::checking::{Effort, check};

    use super::faulty::{Fault, make};
    use super::*;

    /// The text without the line that has times.
    fn shown(fault: Fault, width: Option<usize>) -> String {
        let mut checkup = check(&|| make(fault), &Effort { steps: 3_000, time: None, seed: 0 });
        if let Some(information) = &mut checkup.information {
            information.seconds = 1.0;
        }
        text("faulty", &Rule::advice, &checkup, width)
    }

    #[test]
    fn an_environment_that_keeps_every_rule() {
        assert_snapshot!(shown(Fault::None, None));
    }

    #[test]
    fn an_environment_with_a_fault() {
        assert_snapshot!(shown(Fault::ForgetsField, None));
    }

    #[test]
    fn an_environment_that_depends_on_more_than_its_seed_in_a_narrow_terminal() {
        assert_snapshot!(shown(Fault::GlobalCounter, Some(70)));
    }

    #[test]
    fn a_traceback_keeps_its_lines() {
        let details = "with seed 1, after 2 steps: the step fails: Traceback:\n  File \"a.py\", line 3\nValueError";
        let rule = Rule::LegalAccepted;
        let finding = Finding { rule, outcome: Outcome::Broken, details: details.to_owned() };
        assert_snapshot!(problem(&finding, rule.advice(), 80));
    }
}

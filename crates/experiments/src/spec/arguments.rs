//! What the command line changes: `--set KEY=VALUE`, `--seeds N`, `--only PATTERN`.

use super::fault::Fault;
use super::keys::{Key, split};
use super::node::parse_argument;
use super::sections::Seeds;
use super::source::{Sources, Span};
use super::sweep::Assignment;
use crate::plan::Overrides;

/// The `--set` arguments, in order.
pub(super) fn settings(
    overrides: &Overrides,
    agents: &[String],
    sources: &mut Sources,
) -> Result<Vec<Assignment>, Fault> {
    overrides.set.iter().map(|argument| setting(argument, agents, sources)).collect()
}

fn setting(argument: &str, agents: &[String], sources: &mut Sources) -> Result<Assignment, Fault> {
    const FLAG: &str = "--set ";
    let text = format!("{FLAG}{argument}");
    let source = sources.add_argument(text.clone());
    let Some(length) = unquoted_equals(argument) else {
        return Err(Fault::new(
            Span::new(source, FLAG.len()..text.len()),
            "no `=` in the argument",
        )
        .help("write `--set KEY=VALUE`, as `--set budget.real_steps=1000`"));
    };
    let equals = FLAG.len() + length;
    let span = Span::new(source, FLAG.len()..equals);
    let key = Key::new(split(&argument[..length]), span, agents)?;
    let value = parse_argument(source, &text, equals + 1, span)?;
    Ok(Assignment { key, value, swept: false })
}

/// Where `KEY` ends: quotes in it may hold an `=`.
fn unquoted_equals(argument: &str) -> Option<usize> {
    let mut quote = None;
    argument.char_indices().find_map(|(index, c)| match quote {
        Some(open) if c == open => {
            quote = None;
            None
        }
        None if c == '"' || c == '\'' => {
            quote = Some(c);
            None
        }
        None if c == '=' => Some(index),
        _ => None,
    })
}

/// The seeds of the plan.
pub(super) fn seeds(
    overrides: &Overrides,
    written: &Seeds,
    sources: &mut Sources,
) -> Result<Vec<u64>, Fault> {
    let Some(count) = overrides.seeds else { return Ok(written.to_vec()) };
    let seeds = Seeds::Count(count);
    let source = sources.add_argument(format!("--seeds {count}"));
    let span = Span::new(source, "--seeds ".len()..usize::MAX);
    seeds
        .check()
        .map_err(|message| Fault::new(span, format!("impossible number of seeds: {message}")))?;
    Ok(seeds.to_vec())
}

/// That `--only` kept no run of those that are called `names`.
pub(super) fn nothing_kept(pattern: &str, names: &[String], sources: &mut Sources) -> Fault {
    let source = sources.add_argument(format!("--only {pattern}"));
    let span = Span::new(source, "--only ".len()..usize::MAX);
    Fault::new(span, "no run is kept")
        .suggest(pattern, names)
        .help("a pattern is a part of a run's id or label; with `*` or `?` it must match the whole")
}

/// Whether a name contains `pattern`, or matches it whole if it has `*` (any text) or `?` (any character).
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return name.contains(pattern);
    }
    let (pattern, name): (Vec<_>, Vec<_>) = (pattern.chars().collect(), name.chars().collect());
    // Which beginnings of the name the pattern so far matches.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for c in pattern {
        if c == '*' {
            let first = reached.iter().position(|&is| is).unwrap_or(name.len() + 1);
            (first..=name.len()).for_each(|end| reached[end] = true);
        } else {
            for end in (1..=name.len()).rev() {
                reached[end] = reached[end - 1] && (c == '?' || c == name[end - 1]);
            }
            reached[0] = false;
        }
    }
    reached[name.len()]
}

//! Overrides from the command line: `--set KEY=VALUE`, `--name NAME`, `--seeds N`, `--only PATTERN`.

use zerolab_metrics::format::{self, counted};
use zerolab_metrics::matches_whole;

use super::keys::{Key, split};
use super::located_error::LocatedError;
use super::node::parse_argument;
use super::sections::Experiment;
use super::source::{Sources, Span};
use super::sweep::{Assignment, Origin};
use crate::plan::Overrides;

/// The `--set` arguments, in order.
pub(super) fn settings(
    overrides: &Overrides,
    agents: &[String],
    sources: &mut Sources,
) -> Result<Vec<Assignment>, LocatedError> {
    overrides.set.iter().map(|argument| setting(argument, agents, sources)).collect()
}

fn setting(
    argument: &str,
    agents: &[String],
    sources: &mut Sources,
) -> Result<Assignment, LocatedError> {
    const FLAG: &str = "--set ";
    let text = format!("{FLAG}{argument}");
    let source = sources.add_argument(text.clone());
    let Some(length) = unquoted_equals(argument) else {
        return Err(LocatedError::new(
            Span::new(source, FLAG.len()..text.len()),
            "no `=` in the argument",
        )
        .help("write `--set KEY=VALUE`, such as `--set budget.real_steps=1000`"));
    };
    let equals = FLAG.len() + length;
    let span = Span::new(source, FLAG.len()..equals);
    let key = Key::new(split(&argument[..length]), span, agents)?;
    let value = parse_argument(source, &text, equals + 1, span)?;
    Ok(Assignment { key, value, origin: Origin::CommandLine })
}

/// The length of `KEY`. An `=` inside quotes is part of the key.
pub(super) fn unquoted_equals(argument: &str) -> Option<usize> {
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

/// The first of the seeds `written` in the spec, as many as `--seeds` says; all of them without it.
pub(super) fn seeds<'a>(
    overrides: &Overrides,
    written: &'a [u64],
    sources: &mut Sources,
) -> Result<&'a [u64], LocatedError> {
    let Some(count) = overrides.seeds else { return Ok(written) };
    let chosen = usize::try_from(count).ok().filter(|count| *count > 0);
    chosen.and_then(|count| written.get(..count)).ok_or_else(|| {
        let source = sources.add_argument(format!("--seeds {count}"));
        let span = Span::new(source, "--seeds ".len()..usize::MAX);
        let available = counted(written.len(), "seed");
        let asked = format::count(count);
        LocatedError::new(span, format!("the spec has {available}, not {asked}"))
            .help("`--seeds N` chooses the first N seeds of the spec; `seeds` of `[experiment]` adds some")
    })
}

/// Gives the experiment the name of `--name`.
pub(super) fn rename(
    overrides: &Overrides,
    experiment: &mut Experiment,
    sources: &mut Sources,
) -> Result<(), LocatedError> {
    let Some(name) = &overrides.name else { return Ok(()) };
    experiment.name.clone_from(name);
    experiment.check().map_err(|error| {
        let source = sources.add_argument(format!("--name {name}"));
        let span = Span::new(source, "--name ".len()..usize::MAX);
        LocatedError::new(span, format!("the name of the experiment {}", error.message))
    })
}

/// The error that `--only` matches none of the runs called `names`.
pub(super) fn no_run_matches(
    pattern: &str,
    names: &[String],
    sources: &mut Sources,
) -> LocatedError {
    let source = sources.add_argument(format!("--only {pattern}"));
    let span = Span::new(source, "--only ".len()..usize::MAX);
    LocatedError::new(span, "no run matches")
        .suggest(pattern, names)
        .help("a pattern is part of a run's id or label; with `*` or `?` it must match the whole")
}

/// Whether `name` contains `pattern`. A pattern with `*` (any text) or `?` (any character) must match all of
/// `name`.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.contains(['*', '?']) {
        true => matches_whole(pattern, name),
        false => name.contains(pattern),
    }
}

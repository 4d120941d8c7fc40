//! `[published]`: checks the names of published results.

use zerolab_metrics::published::PublishedTables;

use super::located_error::LocatedError;
use super::node::Node;
use super::sections::Spec;

/// Checks that every benchmark, algorithm and table of facts exists and is listed once. Benchmarks and algorithms need
/// each other.
pub(super) fn check(root: &Node, spec: &Spec) -> Result<(), LocatedError> {
    let (Some(asked), Some(node)) = (&spec.published, root.get("published")) else {
        return Ok(());
    };
    let tables =
        PublishedTables::read().map_err(|error| LocatedError::new(node.key, error.to_string()))?;
    if node.get("facts").is_some() {
        let known = tables.facts();
        check_names(node, "facts", &asked.facts, |name| one_of(&known, name))?;
        if asked.benchmarks.is_empty() && asked.algorithms.is_empty() {
            return Ok(());
        }
    }
    let known = tables.benchmarks();
    check_names(node, "benchmarks", &asked.benchmarks, |name| one_of(&known, name))?;
    check_names(node, "algorithms", &asked.algorithms, |name| {
        let benchmarks = || asked.benchmarks.iter();
        match benchmarks().any(|benchmark| tables.find(benchmark, name).is_some()) {
            true => None,
            false => Some(likely(&tables, benchmarks(), name)),
        }
    })
}

/// The known names, if `name` is none of them.
fn one_of(known: &[&str], name: &str) -> Option<Vec<String>> {
    let unknown = !known.contains(&name);
    unknown.then(|| known.iter().map(|&name| name.to_owned()).collect())
}

/// Checks the list `key`. For an unknown name, `otherwise` returns the possible names.
fn check_names(
    node: &Node,
    key: &str,
    names: &[String],
    otherwise: impl Fn(&str) -> Option<Vec<String>>,
) -> Result<(), LocatedError> {
    let list = node.locate(key);
    if names.is_empty() {
        let message = format!("`published.{key}` is empty: name at least one");
        return Err(LocatedError::new(list.span, message));
    }
    for (place, name) in names.iter().enumerate() {
        let span = list.elements().get(place).unwrap_or(list).span;
        if names[..place].contains(name) {
            return Err(LocatedError::new(span, format!("`{name}` is listed twice")));
        }
        if let Some(possible) = otherwise(name) {
            let message = format!("unknown name `{name}` in `published.{key}`");
            return Err(LocatedError::new(span, message).suggest(name, &possible));
        }
    }
    Ok(())
}

/// The names to suggest for `name`: the series of its algorithm if that exists, or else all algorithms.
fn likely<'a>(
    tables: &PublishedTables,
    benchmarks: impl Iterator<Item = &'a String>,
    name: &str,
) -> Vec<String> {
    let algorithm = name.split_once(" (").map_or(name, |(algorithm, _)| algorithm);
    let (mut series, mut algorithms) = (Vec::new(), Vec::new());
    for known in benchmarks.flat_map(|benchmark| tables.series(benchmark)) {
        if known.algorithm == algorithm {
            series.push(known.name());
        } else if !algorithms.contains(&known.algorithm) {
            algorithms.push(known.algorithm);
        }
    }
    if series.is_empty() { algorithms } else { series }
}

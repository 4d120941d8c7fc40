//! `[published]`: whether others' results go by the names that the spec gives them.

use zerolab_metrics::published::PublishedTables;

use super::fault::Fault;
use super::node::Node;
use super::sections::Spec;

/// Checks that every benchmark and every algorithm is known, and there once.
pub(super) fn check(root: &Node, spec: &Spec) -> Result<(), Fault> {
    let (Some(asked), Some(node)) = (&spec.published, root.get("published")) else {
        return Ok(());
    };
    let tables =
        PublishedTables::read().map_err(|error| Fault::new(node.key, error.to_string()))?;
    let known = tables.benchmarks();
    check_names(node, "benchmarks", &asked.benchmarks, |name| match known.contains(&name) {
        true => None,
        false => Some(known.iter().map(|&name| name.to_owned()).collect()),
    })?;
    check_names(node, "algorithms", &asked.algorithms, |name| {
        let benchmarks = || asked.benchmarks.iter();
        match benchmarks().any(|benchmark| tables.find(benchmark, name).is_some()) {
            true => None,
            false => Some(likely(&tables, benchmarks(), name)),
        }
    })
}

/// Checks the list `key`: `otherwise` gives the possible names in place of one that is unknown.
fn check_names(
    node: &Node,
    key: &str,
    names: &[String],
    otherwise: impl Fn(&str) -> Option<Vec<String>>,
) -> Result<(), Fault> {
    let list = node.locate(key);
    if names.is_empty() {
        let message = format!("`published.{key}` names nothing: at least one is needed");
        return Err(Fault::new(list.span, message));
    }
    for (place, name) in names.iter().enumerate() {
        let span = list.elements().get(place).unwrap_or(list).span;
        if names[..place].contains(name) {
            return Err(Fault::new(span, format!("`{name}` is there twice")));
        }
        if let Some(possible) = otherwise(name) {
            let message = format!("nothing published goes by the name `{name}` in `{key}`");
            return Err(Fault::new(span, message).suggest(name, &possible));
        }
    }
    Ok(())
}

/// The names near `name`: the series of its algorithm if that is known, else all algorithms.
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

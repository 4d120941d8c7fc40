//! Compares the numbers of a cell or of a few words with what their source has.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::document::plain;
use super::numbers::{Number, numbers};
use super::records::Records;
use super::records::{Experiment, Run, mean_with_half};
use super::sources::Source;

/// Compares the numbers of a text with what its source has.
/// With `less`, they are of the difference from what the same seeds have with these other marks.
pub fn compare(
    text: &str,
    source: &Source,
    less: Option<&Source>,
    records: &Records,
) -> Result<(), String> {
    let typed = numbers(&plain(&text.replace("**", "")));
    if let Some(quantity) = source.get("quantity") {
        let over = source.get("over").map_or(Ok(1.0), |other| records.quantity(other))?;
        return published(&typed, times(source) * records.quantity(quantity)? / over);
    }
    let experiment = source.get("experiment").ok_or("its source names no experiment")?;
    let experiment = records.experiment(experiment);
    if let Some(setting) = source.get("setting") {
        return settings(&typed, setting, &experiment.spec);
    }
    let runs = values(source, experiment)?;
    let found = match less {
        None => runs.into_values().collect(),
        Some(less) => {
            let other = source.iter().chain(less).map(|(key, text)| (key.clone(), text.clone()));
            let other = values(&other.collect(), experiment)?;
            let pairs = runs.iter().filter_map(|(seed, value)| Some((*value, *other.get(seed)?)));
            pairs.map(|(value, less)| Some(value? - less?)).collect::<Vec<Option<f64>>>()
        }
    };
    let defined: Vec<f64> = found.iter().flatten().copied().collect();
    let missing: Option<f64> = source.get("missing").map(|text| text.parse().unwrap());
    let (shows, bound) = match source.get("shows").map(|shows| shows.split_once(' ')) {
        Some(Some((shows, bound))) => (Some(shows), bound.parse().unwrap()),
        _ => (source.get("shows").map(String::as_str), 0.5),
    };
    match shows {
        None | Some("means") => {
            means(&typed, &found, &defined, missing, text.starts_with("more than"))
        }
        Some("within") => within(&typed, &defined),
        Some("range") => range(&typed, &defined),
        Some("count") => {
            counts(&typed, defined.iter().filter(|it| **it > bound).count(), found.len())
        }
        Some("defined") => {
            counts(&typed[..2.min(typed.len())], defined.len(), found.len())?;
            typed.get(2).map_or(Ok(()), |median| of_median(median, defined))
        }
        Some("each") => each(text, defined),
        Some(other) => Err(format!("`shows` cannot be `{other}`")),
    }
}

/// The value of each run of a source, by seed.
fn values(
    source: &Source,
    experiment: &Experiment,
) -> Result<BTreeMap<String, Option<f64>>, String> {
    let mut marks = source.clone();
    let mut measure = marks.remove("value").ok_or("its source names no value")?;
    for key in ["experiment", "shows", "missing"] {
        marks.remove(key);
    }
    let filter = marks.remove("where");
    let times = times(source);
    marks.remove("times");
    // What stands in the name of the measure is no mark of a run.
    marks.retain(|key, value| {
        let place = format!("{{{key}}}");
        let is_mark = !measure.contains(&place);
        measure = measure.replace(&place, value);
        is_mark
    });
    let is_here = |run: &&Run| marks.iter().all(|(key, value)| run.marks.get(key) == Some(value));
    let is_in = |run: &&Run| filter.as_ref().is_none_or(|filter| passes(run, filter));
    let runs: Vec<&Run> = experiment.runs.iter().filter(is_here).filter(is_in).collect();
    if runs.is_empty() {
        return Err(format!("no run has {marks:?}"));
    }
    let by_seed: BTreeMap<String, Option<f64>> = runs
        .iter()
        .map(|run| (run.seed.clone(), run.values.get(&measure).map(|value| times * value)))
        .collect();
    match by_seed.len() == runs.len() {
        true => Ok(by_seed),
        false => Err(format!("{} runs have the marks of one variant", runs.len())),
    }
}

/// By what the numbers of a source are multiplied.
fn times(source: &Source) -> f64 {
    source.get("times").map_or(1.0, |text| text.parse().unwrap())
}

/// The first number is `value`.
fn published(typed: &[Number], value: f64) -> Result<(), String> {
    match typed.first() {
        Some(number) if number.is(value) => Ok(()),
        _ => Err(format!("the published quantity is {value}")),
    }
}

/// Whether a run has more or less of a measure, as `share.hack>0.5`.
fn passes(run: &Run, filter: &str) -> bool {
    let sign = filter.rfind(['<', '>']).unwrap();
    let (measure, bound) = (&filter[..sign], filter[sign + 1..].parse::<f64>().unwrap());
    let is_above = filter[sign..].starts_with('>');
    run.values
        .get(measure)
        .is_some_and(|value| if is_above { *value > bound } else { *value < bound })
}

/// All numbers are what the spec has at a path, such as `budget/real_steps`.
fn settings(typed: &[Number], path: &str, spec: &Table) -> Result<(), String> {
    let mut keys = path.split('/');
    let mut at = spec.get(keys.next().unwrap_or_default());
    for key in keys {
        at = at.and_then(|value| value.get(key));
    }
    let found = at.ok_or(format!("the spec has no `{path}`"))?;
    let number = |value: &Value| value.as_float().or(value.as_integer().map(|it| it as f64));
    let found: Vec<f64> = match found.as_array() {
        Some(values) => values.iter().filter_map(number).collect(),
        None => number(found).into_iter().collect(),
    };
    match !typed.is_empty() && typed.iter().all(|it| found.contains(&it.value)) {
        true => Ok(()),
        false => Err(format!("the spec has {found:?}")),
    }
}

/// A number that the runs estimate: it lies in their interval.
fn within(typed: &[Number], defined: &[f64]) -> Result<(), String> {
    let (mean, half) = mean_with_half(defined).ok_or("no run has this value")?;
    match typed {
        [typed] if (typed.value - mean).abs() <= half + 0.5 * typed.unit => Ok(()),
        _ => Err(format!("the records have {mean} ± {half}")),
    }
}

/// `LEAST to MOST`, of all runs.
fn range(typed: &[Number], defined: &[f64]) -> Result<(), String> {
    let least = defined.iter().copied().fold(f64::INFINITY, f64::min);
    let most = defined.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match typed {
        [first, last] if first.is(least) && last.is(most) => Ok(()),
        [both] if both.is(least) && both.is(most) => Ok(()),
        _ => Err(format!("the records have {least} to {most}")),
    }
}

/// `MEAN ± HALF`, perhaps with the number of runs that have the value: `, N of M`.
fn means(
    typed: &[Number],
    found: &[Option<f64>],
    defined: &[f64],
    missing: Option<f64>,
    is_bound: bool,
) -> Result<(), String> {
    let values: Vec<f64> = found.iter().filter_map(|value| value.or(missing)).collect();
    let (mean, half) = mean_with_half(&values).ok_or("no run has this value")?;
    let [first, rest @ ..] = typed else { return Err("it has no number".to_owned()) };
    let is_right = match is_bound {
        // No run gets there.
        true => defined.is_empty() && Some(first.value) == missing,
        false => first.is_with(mean, half),
    };
    if !is_right {
        return Err(format!("the records have {mean} ± {half}"));
    }
    match rest {
        [] if missing.is_none() && values.len() < found.len() => {
            Err(format!("only {} of {} runs have it", values.len(), found.len()))
        }
        [] => Ok(()),
        rest => counts(rest, defined.len(), found.len()),
    }
}

/// `N`, or `N of M`.
fn counts(typed: &[Number], count: usize, runs: usize) -> Result<(), String> {
    let expected = [count as f64, runs as f64];
    let typed: Vec<f64> = typed.iter().map(|it| it.value).collect();
    match !typed.is_empty() && expected.starts_with(&typed) {
        true => Ok(()),
        false => Err(format!("the records have {count} of {runs}")),
    }
}

fn of_median(typed: &Number, mut values: Vec<f64>) -> Result<(), String> {
    values.sort_by(f64::total_cmp);
    let middle = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
    let median = f64::midpoint(middle((values.len().max(1) - 1) / 2), middle(values.len() / 2));
    match typed.is(median) {
        true => Ok(()),
        false => Err(format!("the records have a median of {median}")),
    }
}

/// The values of all runs in order, as `99 in four, 91, 93`.
fn each(text: &str, mut values: Vec<f64>) -> Result<(), String> {
    const WORDS: [&str; 11] =
        ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "all"];
    let mut typed = Vec::new();
    for part in text.replace("**", "").split(", ") {
        let (number, times) = part.split_once(" in ").unwrap_or((part, "one"));
        let times = WORDS.iter().position(|word| *word == times).ok_or("it counts in no word")?;
        let number: f64 = number.parse().map_err(|_| format!("`{number}` is no number"))?;
        typed.extend(vec![number; times]);
    }
    typed.sort_by(f64::total_cmp);
    values.sort_by(f64::total_cmp);
    let is_equal = typed.len() == values.len()
        && typed.iter().zip(&values).all(|(typed, value)| (typed - value).abs() <= 0.5);
    if is_equal { Ok(()) } else { Err(format!("the records have {values:?}")) }
}

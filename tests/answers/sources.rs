//! `docs/answers.toml`: where the numbers of the answers come from, and whether they are right.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::document::{Answers, plain};
use super::numbers::{Number, numbers};
use super::records::{Records, Run, mean_with_half};

/// The sources of tables, verdicts and sentences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    table: Vec<TableSource>,
    verdicts: Vec<VerdictsSource>,
    sentence: Vec<SentenceSource>,
}

/// Where a number comes from: its experiment, its measure (`value`), what it shows of the runs, and their marks.
type Source = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableSource {
    section: String,
    /// The number of the table in its section, from 1.
    #[serde(default = "first")]
    number: usize,
    all: Source,
    /// One for each row.
    rows: Vec<Source>,
    /// One for each column but the first. One with the key `label` has no results, one with `untraced` says why not.
    columns: Vec<Source>,
}

fn first() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictsSource {
    section: String,
    /// Of each row the experiment and the number of the hypothesis.
    rows: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentenceSource {
    section: String,
    /// The part of the sentence with the number, as it stands in the text.
    words: String,
    of: Source,
}

/// What a check found.
#[derive(Default)]
pub struct Checked {
    pub cells: usize,
    pub cells_without_source: usize,
    pub verdicts: usize,
    pub verdict_numbers_without_source: Vec<String>,
    pub sentences: usize,
    pub sentence_numbers: usize,
    pub sentence_numbers_without_source: Vec<String>,
    pub faults: Vec<String>,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "cells: {} traced, {} not", self.cells, self.cells_without_source)?;
        let numbers = &self.verdict_numbers_without_source;
        writeln!(f, "verdicts: {} compared; numbers not traced: {numbers:?}", self.verdicts)?;
        let (numbers, all) = (&self.sentence_numbers_without_source, self.sentence_numbers);
        write!(
            f,
            "sentences: {} traced; {} of {all} numbers not traced: {numbers:?}",
            self.sentences,
            numbers.len()
        )
    }
}

impl Sources {
    /// Compares all numbers that have a source with the records.
    pub fn check(&self, answers: &Answers, records: &Records) -> Checked {
        let mut checked = Checked::default();
        // The texts of traced numbers, by the question under which they stand.
        let mut traced: BTreeSet<(String, String)> = BTreeSet::new();
        for source in &self.table {
            let section = answers.section(&source.section);
            let name = format!("table {} of `{}`", source.number, source.section);
            let Some(table) = section.tables.get(source.number - 1) else {
                checked.faults.push(format!("{name} is not there"));
                continue;
            };
            if table.len() != source.rows.len() {
                checked.faults.push(format!("{name} has {} rows", table.len()));
            }
            for (row, of_row) in table.iter().zip(&source.rows) {
                if row.len() != source.columns.len() + 1 {
                    checked.faults.push(format!("{name} has {} columns", row.len()));
                }
                for (cell, of_column) in row[1..].iter().zip(&source.columns) {
                    let whole = merged(&[&source.all, of_row, of_column]);
                    if whole.contains_key("label") {
                        continue;
                    }
                    if whole.contains_key("untraced") {
                        checked.cells_without_source += usize::from(!numbers(cell).is_empty());
                        continue;
                    }
                    checked.cells += 1;
                    match compare(cell, &whole, records) {
                        Ok(()) => {
                            let texts = numbers(cell).into_iter().map(|it| it.text);
                            traced.extend(texts.map(|text| (section.question.clone(), text)));
                        }
                        Err(why) => {
                            checked.faults.push(format!("{name}, {}: `{cell}`: {why}", row[0]));
                        }
                    }
                }
            }
        }
        self.check_verdicts(answers, records, &mut checked, &mut traced);
        self.check_that_no_table_is_left_out(answers, &mut checked);
        self.check_sentences(answers, records, &mut checked, &traced);
        checked
    }

    fn check_verdicts(
        &self,
        answers: &Answers,
        records: &Records,
        checked: &mut Checked,
        traced: &mut BTreeSet<(String, String)>,
    ) {
        let mut named: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for source in &self.verdicts {
            let section = answers.section(&source.section);
            let table = &section.tables[0];
            if table.len() != source.rows.len() {
                let name = &source.section;
                checked.faults.push(format!("`{name}` has {} verdicts", table.len()));
            }
            for (row, of_row) in table.iter().zip(&source.rows) {
                let (name, number) = of_row.split_once(' ').unwrap();
                let number: usize = number.parse().unwrap();
                named.entry(name).or_default().insert(number);
                let hypothesis = &records.experiment(name).hypotheses[&number];
                let [experiment, claim, verdict] = &row[..] else { panic!("{row:?}") };
                let is_named = experiment.starts_with(&format!("`{name}`"));
                if !is_named || !verdict.starts_with(&hypothesis.verdict) {
                    let found = &hypothesis.verdict;
                    let fault = format!("{experiment}, {claim}: `{verdict}`, but {of_row} {found}");
                    checked.faults.push(fault);
                }
                checked.verdicts += 1;
                for number in numbers(&plain(verdict)) {
                    let is = |(value, half): &(f64, f64)| match &number.half {
                        Some(_) => number.is_with(*value, *half),
                        None => number.is(*value),
                    };
                    match hypothesis.values.iter().any(is) {
                        true => drop(traced.insert((section.question.clone(), number.text))),
                        false => checked
                            .verdict_numbers_without_source
                            .push(format!("{of_row}: {}", number.text)),
                    }
                }
            }
        }
        // No verdict is left out.
        for (name, numbers) in named {
            let all: BTreeSet<usize> =
                records.experiment(name).hypotheses.keys().copied().collect();
            if numbers != all {
                checked
                    .faults
                    .push(format!("{name} has the hypotheses {all:?}, the text {numbers:?}"));
            }
        }
    }

    /// A table of numbers has a source, or a reason why it has none.
    fn check_that_no_table_is_left_out(&self, answers: &Answers, checked: &mut Checked) {
        for section in &answers.sections {
            for (index, table) in section.tables.iter().enumerate() {
                let has_numbers = table
                    .iter()
                    .flat_map(|row| &row[1..])
                    .any(|cell| !numbers(&plain(cell)).is_empty());
                let here =
                    |heading: &str, number| heading == section.heading && number == index + 1;
                let is_table = self.table.iter().any(|it| here(&it.section, it.number));
                let is_verdicts = self.verdicts.iter().any(|it| here(&it.section, 1));
                if has_numbers && !is_table && !is_verdicts {
                    let (number, heading) = (index + 1, &section.heading);
                    checked.faults.push(format!("table {number} of `{heading}` has no source"));
                }
            }
        }
    }

    fn check_sentences(
        &self,
        answers: &Answers,
        records: &Records,
        checked: &mut Checked,
        traced: &BTreeSet<(String, String)>,
    ) {
        for source in &self.sentence {
            let (heading, words) = (&source.section, &source.words);
            let found = answers.section(heading).prose.matches(words).count();
            if found != 1 {
                checked.faults.push(format!("`{heading}` has `{words}` {found} times"));
            } else if let Err(why) = compare(words, &source.of, records) {
                checked.faults.push(format!("`{heading}`, `{words}`: {why}"));
            }
            checked.sentences += 1;
        }
        for section in &answers.sections {
            let mut prose = section.prose.clone();
            checked.sentence_numbers += numbers(&plain(&prose)).len();
            for source in self.sentence.iter().filter(|it| it.section == section.heading) {
                prose = prose.replace(&source.words, "");
            }
            for number in numbers(&plain(&prose)) {
                // A whole number can be the same by chance.
                let is_repeated = number.text.contains('.')
                    && traced.contains(&(section.question.clone(), number.text.clone()));
                if !is_repeated {
                    checked.sentence_numbers_without_source.push(number.text);
                }
            }
        }
    }
}

fn merged(sources: &[&Source]) -> Source {
    sources
        .iter()
        .flat_map(|source| source.iter())
        .map(|(key, text)| (key.clone(), text.clone()))
        .collect()
}

/// Compares the numbers of a text with what its source has.
fn compare(text: &str, source: &Source, records: &Records) -> Result<(), String> {
    let mut marks = source.clone();
    let experiment = marks.remove("experiment").ok_or("its source names no experiment")?;
    let mut measure = marks.remove("value").ok_or("its source names no value")?;
    let shows = marks.remove("shows");
    let missing: Option<f64> = marks.remove("missing").map(|text| text.parse().unwrap());
    // What stands in the name of the measure is no mark of a run.
    marks.retain(|key, value| {
        let place = format!("{{{key}}}");
        let is_mark = !measure.contains(&place);
        measure = measure.replace(&place, value);
        is_mark
    });
    let is_here = |run: &&Run| marks.iter().all(|(key, value)| run.marks.get(key) == Some(value));
    let runs: Vec<&Run> = records.experiment(&experiment).runs.iter().filter(is_here).collect();
    if runs.is_empty() {
        return Err(format!("no run of {experiment} has {marks:?}"));
    }
    let found: Vec<Option<f64>> =
        runs.iter().map(|run| run.values.get(&measure).copied()).collect();
    let defined: Vec<f64> = found.iter().flatten().copied().collect();
    let typed = numbers(&plain(&text.replace("**", "")));
    match shows.as_deref() {
        None => means(&typed, &found, &defined, missing, text.starts_with("more than")),
        Some("count") => counts(&typed, defined.iter().filter(|it| **it > 0.5).count(), runs.len()),
        Some("defined") => {
            counts(&typed[..2.min(typed.len())], defined.len(), runs.len())?;
            typed.get(2).map_or(Ok(()), |median| of_median(median, defined))
        }
        Some("each") => each(text, defined),
        Some(other) => Err(format!("`shows` cannot be `{other}`")),
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

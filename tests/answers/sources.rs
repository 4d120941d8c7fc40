//! `docs/answers.toml`: where the numbers of the answers come from, and whether they are right.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::comparing::compare;
use super::document::{Answers, plain};
use super::numbers::numbers;
use super::records::Records;

/// The sources of tables, verdicts and sentences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    table: Vec<TableSource>,
    verdicts: Vec<VerdictsSource>,
    sentence: Vec<SentenceSource>,
    cited: Vec<CitedSource>,
}

/// Where a number comes from: its experiment, its measure (`value`), what it shows of the runs, and their marks.
pub type Source = BTreeMap<String, String>;

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
    /// The same seeds with other marks, of which `of` has more by the number.
    less: Option<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CitedSource {
    section: String,
    words: String,
    /// Who has it.
    source: String,
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
                    match compare(cell, &whole, None, records) {
                        Ok(()) => {
                            let texts = numbers(cell).into_iter().flat_map(|it| it.texts());
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

    /// The settings of at least two digits by which the tables of a section choose their runs.
    fn settings(&self, heading: &str) -> BTreeSet<String> {
        let tables = self.table.iter().filter(|table| table.section == heading);
        let sources =
            tables.flat_map(|it| it.rows.iter().chain(&it.columns).chain(std::iter::once(&it.all)));
        let values = sources.flat_map(|source| source.values().cloned());
        values.filter(|value| value.len() > 1 && value.parse::<f64>().is_ok()).collect()
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
                let sourced = self.sentence.iter().filter(|it| it.section == source.section);
                let others = sourced.fold(verdict.clone(), |text, it| text.replace(&it.words, ""));
                for number in numbers(&plain(&others)) {
                    if hypothesis.labels.contains(&number.text) {
                        continue;
                    }
                    let is = |(value, half): &(f64, f64)| match &number.half {
                        Some(_) => number.is_with(*value, *half),
                        None => number.is(*value),
                    };
                    match hypothesis.values.iter().any(is) {
                        true => {
                            let texts = number.texts().into_iter();
                            traced.extend(texts.map(|text| (section.question.clone(), text)));
                        }
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
            if let Err(why) = compare(words, &source.of, source.less.as_ref(), records) {
                checked.faults.push(format!("`{heading}`, `{words}`: {why}"));
            }
        }
        for cited in &self.cited {
            assert!(!cited.source.is_empty(), "{}", cited.words);
        }
        let sentences = self.sentence.iter().map(|it| (&it.section, &it.words));
        let sourced: Vec<(&String, &String)> =
            sentences.chain(self.cited.iter().map(|it| (&it.section, &it.words))).collect();
        for (heading, words) in &sourced {
            let found = answers.section(heading).whole.matches(*words).count();
            if found != 1 {
                checked.faults.push(format!("`{heading}` has `{words}` {found} times"));
            }
        }
        checked.sentences = sourced.len();
        for section in &answers.sections {
            let mut prose = section.prose.clone();
            checked.sentence_numbers += numbers(&plain(&prose)).len();
            for (_, words) in sourced.iter().filter(|(heading, _)| **heading == section.heading) {
                // The words stay, because those of the next source may begin with them.
                prose = prose.replace(*words, &words.replace(|c: char| c.is_ascii_digit(), ""));
            }
            let settings = self.settings(&section.heading);
            for number in numbers(&plain(&prose)) {
                // A whole number can be the same by chance.
                let is_repeated = number.text.contains('.')
                    && traced.contains(&(section.question.clone(), number.text.clone()));
                if !is_repeated && !settings.contains(&number.value.to_string()) {
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

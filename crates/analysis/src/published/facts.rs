//! Tables of published facts, for the terminal and for the page, and the factors between the steps of a waterfall.

use zerolab_metrics::published::{FamilyEnvironment, Quantity, Role};
use zerolab_metrics::text_table::TextTable;

use super::PublishedComparison;
use crate::numbers::{count, score};
use crate::report_table::{Align, ReportTable, TableCell};

/// Whole numbers up to this one are written with all digits.
const MAX_EXACT: f64 = 1e9;

impl PublishedComparison {
    /// The tables of facts for the terminal: without sources and notes.
    pub fn facts_text(&self) -> Vec<TextTable> {
        let environments = self.shows_environments().then(|| {
            let columns = [left("environment"), left("agent"), left("year"), left("actions")];
            let mut table = ReportTable::new(&columns);
            table.rows.extend(self.tables.environments.iter().map(|row| {
                let cells = [&row.environment, &row.agent, &row.year.to_string(), &row.actions];
                cells.map(|cell| cell.as_str().into()).into()
            }));
            table.plain()
        });
        let quantities = self.quantities().map(|rows| quantities_table(rows, None).plain());
        environments.into_iter().chain(quantities).collect()
    }
}

/// The environments, each with its source as `cite` writes it.
pub(crate) fn environments_table<'a>(
    rows: &'a [FamilyEnvironment],
    cite: &mut dyn FnMut(&'a str) -> TableCell,
) -> ReportTable {
    let mut table = ReportTable::new(
        &[
            "trained on",
            "agent",
            "year",
            "actions",
            "observation",
            "properties",
            "experience",
            "known",
            "source",
            "note",
        ]
        .map(left),
    );
    for row in rows {
        let texts = [&row.environment, &row.agent];
        let mut cells: Vec<TableCell> = texts.map(|text| text.as_str().into()).into();
        cells.push(TableCell::number(f64::from(row.year), |_| row.year.to_string()));
        let texts = [&row.actions, &row.observation, &row.properties, &row.experience];
        cells.extend(texts.map(|text| TableCell::from(text.as_str())));
        cells.extend([row.kind.name().into(), cite(&row.source), row.note.as_str().into()]);
        table.rows.push(cells);
    }
    table
}

/// Quantities that can be compared, each with its source as `cite` writes it; without it there are neither sources nor
/// notes.
pub(crate) fn quantities_table<'a>(
    rows: &'a [Quantity],
    mut cite: Option<&mut dyn FnMut(&'a str) -> TableCell>,
) -> ReportTable {
    let has_factors = (0..rows.len()).any(|place| factor(rows, place).is_some());
    let quantity = rows.first().map_or("", |row| &row.quantity);
    let mut columns = vec![left(""), (quantity, Align::Right)];
    columns.extend(has_factors.then_some(("factor", Align::Right)));
    columns.push(left("known"));
    if cite.is_some() {
        columns.extend(["source", "note"].map(left));
    }
    let mut table = ReportTable::new(&columns);
    for (place, row) in rows.iter().enumerate() {
        let mut cells = vec![row.name.as_str().into(), TableCell::number(row.value, whole)];
        if has_factors {
            let factor = factor(rows, place);
            cells.push(factor.map_or("".into(), |it| TableCell::number(it, times)));
        }
        cells.push(row.kind.name().into());
        if let Some(cite) = &mut cite {
            cells.extend([cite(&row.source), row.note.as_str().into()]);
        }
        table.rows.push(cells);
    }
    table
}

fn left(heading: &str) -> (&str, Align) {
    (heading, Align::Left)
}

/// By what a step of a waterfall is greater than the step before it.
pub(crate) fn factor(rows: &[Quantity], place: usize) -> Option<f64> {
    let row = rows.get(place).filter(|row| row.role == Role::Step)?;
    let before = rows[..place].iter().rfind(|row| row.role == Role::Step)?;
    Some(row.value / before.value)
}

/// By what the last step of a waterfall is greater than the first.
pub(crate) fn whole_factor(rows: &[Quantity]) -> Option<f64> {
    (0..rows.len()).filter_map(|place| factor(rows, place)).reduce(|first, next| first * next)
}

/// A factor in three digits: `× 3,040`.
pub(crate) fn times(factor: f64) -> String {
    let unit = 10_f64.powf(factor.log10().floor() - 2.0);
    format!("× {}", score((factor / unit).round() * unit))
}

/// Whole numbers with all digits if they are not large.
fn whole(value: f64) -> String {
    match value.fract() == 0.0 && value < MAX_EXACT {
        true => count(value as u64),
        false => score(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_digits_that_count() {
        assert_eq!([189.08, 3_041.5, 19.47].map(times), ["× 189", "× 3,040", "× 19.5"]);
        assert_eq!(times(1.076e9), "× 1.08e9");
        assert_eq!([8_431_732.0, 3.36, 9.8e9].map(whole), ["8,431,732", "3.36", "9.8e9"]);
    }
}

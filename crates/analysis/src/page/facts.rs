//! The section with tables of published facts, each with its source.

use super::citations::Citations;
use super::sections::files_note;
use crate::findings::Findings;
use crate::published::PublishedComparison;
use crate::published::facts::{environments_table, quantities_table};
use crate::tables::fact_tables;

/// The tables; nothing if the experiment asks for no facts.
pub(super) fn tables(findings: &Findings) -> String {
    let shown = findings.published.as_ref().filter(|published| !published.facts.is_empty());
    shown.map_or(String::new(), of)
}

fn of(published: &PublishedComparison) -> String {
    let mut citations = Citations::new(&published.tables, "fact-source");
    let mut cite = |source| citations.cite(source);
    let mut parts = vec![
        "<p class=\"note\">Nothing here was run. Each row says how it is known: <em>published</em> (stated by \
         the authors), <em>second-hand</em> (quoted by others), <em>computed</em> (by this project, from what \
         the source states).</p>\n"
            .to_owned(),
    ];
    if published.shows_environments() {
        parts.push(environments_table(&published.tables.environments, &mut cite).html());
    }
    for rows in published.quantities() {
        parts.push(quantities_table(rows, Some(&mut cite)).html());
    }
    parts.push(citations.list());
    parts.push(files_note(&fact_tables(published).join(", ")));
    parts.concat()
}

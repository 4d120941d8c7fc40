//! The tables of published facts, written only if the experiment asks for them.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::published::{FamilyEnvironment, Quantity};

use super::published::cited;
use crate::published::PublishedComparison;

/// `published_environments`: one row per environment and agent.
pub(super) fn environments(published: &PublishedComparison) -> PolarsResult<DataFrame> {
    let rows = &published.tables.environments;
    let texts = |of: &dyn Fn(&FamilyEnvironment) -> String| -> Vec<String> {
        rows.iter().map(of).collect()
    };
    df![
        "environment" => texts(&|row| row.environment.clone()),
        "agent" => texts(&|row| row.agent.clone()),
        "year" => rows.iter().map(|row| row.year).collect::<Vec<_>>(),
        "actions" => texts(&|row| row.actions.clone()),
        "observation" => texts(&|row| row.observation.clone()),
        "properties" => texts(&|row| row.properties.clone()),
        "experience" => texts(&|row| row.experience.clone()),
        "known" => texts(&|row| row.kind.name().to_owned()),
        "note" => texts(&|row| row.note.clone()),
        "source" => texts(&|row| cited(published, &row.source).0),
        "address" => texts(&|row| cited(published, &row.source).1),
    ]
}

/// `published_quantities`: one row per number.
pub(super) fn quantities(published: &PublishedComparison) -> PolarsResult<DataFrame> {
    let rows: Vec<&Quantity> = published.quantities().flatten().collect();
    let texts = |of: &dyn Fn(&Quantity) -> String| -> Vec<String> {
        rows.iter().map(|row| of(row)).collect()
    };
    df![
        "facts" => texts(&|row| row.table.clone()),
        "quantity" => texts(&|row| row.quantity.clone()),
        "name" => texts(&|row| row.name.clone()),
        "role" => texts(&|row| row.role.name().to_owned()),
        "value" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
        "known" => texts(&|row| row.kind.name().to_owned()),
        "note" => texts(&|row| row.note.clone()),
        "source" => texts(&|row| cited(published, &row.source).0),
        "address" => texts(&|row| cited(published, &row.source).1),
    ]
}

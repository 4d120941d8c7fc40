//! `run.html`: the page of one run. Its settings against the usual ones, curves, costs, diagnostics, and how to repeat
//! it.

use zerolab_metrics::labels::short_number;
use zerolab_metrics::{ChangedSetting, Measure};

use super::{costs, document, figures, learning, sections, titled};
use crate::figures::{ReportFigures, Section};
use crate::findings::Findings;
use crate::html::escape;
use crate::numbers::{count, duration, score};
use crate::report_table::{Align, ReportTable};
use crate::results::RunResults;

/// The page of the only run of `findings`.
pub(crate) fn page(
    findings: &Findings,
    run: &RunResults,
    drawn: &ReportFigures,
    changed: &[ChangedSetting],
) -> String {
    let of = |section| figures::figures(drawn, section);
    let body = [
        head(run),
        titled("Settings", settings(changed)),
        titled("Learning curves", of(Section::Curves) + &learning::notes(findings)),
        titled("Costs", of(Section::Costs) + &costs::costs(findings)),
        titled("Diagnostics", of(Section::Diagnostics)),
        sections::reproduction(findings),
    ];
    document(&run.reference.id, body.concat(), drawn, None)
}

/// The run's name, and a sentence on its state.
fn head(run: &RunResults) -> String {
    let reference = &run.reference;
    let mut facts = vec![run.status.name().to_owned()];
    let steps = count(run.real_steps());
    facts.push(match &run.manifest {
        Some(manifest) => format!("{steps} of {} real steps", count(manifest.total_real_steps)),
        None => format!("{steps} real steps"),
    });
    facts.extend(run.score(&Measure::Return).map(|last| format!("last return {}", score(last))));
    facts.extend(run.cost().map(|cost| format!("trained for {}", duration(cost.wall_seconds))));
    facts.extend(run.reason.clone());
    format!(
        "<h1>{}</h1>\n<p class=\"question\">{} in {}, seed {}</p>\n<section class=\"answer\" \
         aria-label=\"state\">\n<p>{}</p>\n</section>\n",
        escape(&reference.id),
        escape(&reference.agent),
        escape(&reference.environment),
        reference.seed,
        escape(&facts.join("; ")),
    )
}

/// The settings that differ from those of the preset, or from the environment's defaults.
fn settings(changed: &[ChangedSetting]) -> String {
    let all = "<p class=\"note\">All settings: <a href=\"run.toml\">run.toml</a></p>\n";
    if changed.is_empty() {
        let usual = "All settings are those of the preset and the environment’s defaults.";
        return format!("<p>{usual}</p>\n{all}");
    }
    let mut table = ReportTable::new(&[
        ("setting", Align::Left),
        ("preset or default", Align::Left),
        ("this run", Align::Left),
    ]);
    for ChangedSetting { key, usual, value } in changed {
        let [usual, value] = [usual, value].map(|text| match text {
            Some(text) => short_number(text),
            None => "none".to_owned(),
        });
        table.rows.push(vec![key.as_str().into(), usual.into(), value.into()]);
    }
    table.html() + all
}

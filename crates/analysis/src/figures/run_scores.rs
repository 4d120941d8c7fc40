//! Kinds of figure that a program adds: a number of each finished run, one row per agent and one panel per environment.
//!
//! The drawing code is not public. A program that needs another picture can draw it from the files of the report.

use zerolab_metrics::{Manifest, Record, RunReference};

use super::forest_panel::{ForestRow, panels_by_environment};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, NOTHING_FINISHED, PictureResult, Section};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::Estimate;

/// A finished run, as its files show it.
#[derive(Clone, Copy, Debug)]
pub struct FinishedRun<'a> {
    /// Its agent, its environment, its seed and its swept settings.
    pub reference: &'a RunReference,
    /// Who trained it, where and how long.
    pub manifest: &'a Manifest,
    /// Its records, in order.
    pub records: &'a [Record],
}

/// A kind of figure that shows a number of each run. [`FigureKind::of`] makes the entry of the registry.
pub trait RunScore {
    /// Its name in a spec.
    const NAME: &'static str;
    /// What it shows, in a sentence without a full stop: for lists of kinds and for the caption.
    const SUMMARY: &'static str;
    /// The section of the page that shows it.
    const SECTION: Section = Section::Scores;

    /// The number; `None` for a run that does not have it.
    fn of(run: &FinishedRun<'_>) -> Option<f64>;
}

impl FigureKind {
    /// The kind of figure that shows the score `S`: the mean over seeds (the IQM from four seeds on) with a 95 % bootstrap
    /// interval, and a dot for each seed.
    #[must_use]
    pub fn of<S: RunScore>() -> Self {
        Self {
            name: S::NAME,
            summary: S::SUMMARY,
            section: S::SECTION,
            xs: &[],
            has_y: false,
            picture: picture::<S>,
        }
    }
}

fn picture<'a, S: RunScore>(findings: &'a Findings, _: &Choice) -> PictureResult<'a> {
    let palette = Palette::of(findings);
    let panels = panels_by_environment(findings, |environment| {
        let groups = findings.groups.iter().filter(|group| group.environment == environment);
        groups.filter_map(|group| row::<S>(group, findings, &palette)).collect()
    });
    if panels.is_empty() {
        let is_finished = findings.groups.iter().any(|it| it.finished(&findings.runs).count() > 0);
        let reason = if is_finished { "no finished run has this number" } else { NOTHING_FINISHED };
        return Err(reason.to_owned());
    }
    let caption = format!(
        "{} Means over finished seeds (IQM from four seeds on). Lines: 95 % bootstrap intervals.",
        sentence(S::SUMMARY)
    );
    Ok(Box::new(ForestPlot::new(panels, caption)))
}

/// The row of a group; nothing if no run of it has the number.
fn row<S: RunScore>(group: &Group, findings: &Findings, palette: &Palette) -> Option<ForestRow> {
    let scored = |run: &RunResults| {
        let (reference, records) = (&run.reference, run.records.as_slice());
        let score = S::of(&FinishedRun { reference, manifest: run.manifest.as_ref()?, records })?;
        score.is_finite().then_some((reference.seed, score))
    };
    let runs: Vec<(u64, f64)> = group.finished(&findings.runs).filter_map(scored).collect();
    let scores: Vec<f64> = runs.iter().map(|(_, score)| *score).collect();
    let Estimate { value, interval, seeds, .. } = Estimate::of(&scores)?;
    let row = ForestRow::of(palette, &group.agent, value, interval, seeds);
    Some(ForestRow { seeds: runs, ..row })
}

/// A summary as a sentence.
fn sentence(summary: &str) -> String {
    let mut letters = summary.trim_end_matches('.').chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

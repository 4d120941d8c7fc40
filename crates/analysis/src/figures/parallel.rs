//! `parallel`: a search over several settings, as lines through one axis per setting to the final score.
//! One panel per environment and agent.
//!
//! Inselberg, "The Plane with Parallel Coordinates", The Visual Computer 1 (1985). The axes and
//! lines are in `parallel_axes.rs`.

use zerolab_metrics::labels::short_keys;
use zerolab_metrics::{Measure, RunReference};

use super::canvas::{Area, DrawResult};
use super::data::Datum;
use super::kind::{Choice, FigureKind, NOTHING_FINISHED, Picture, PictureResult, Section};
use super::panels::{PanelTitle, Panels};
use super::parallel_axes::{ParallelAxes, SettingAxis};
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::labels::setting;
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const KIND: FigureKind = FigureKind {
    name: "parallel",
    summary: "each combination of settings as a line through parallel axes to its final score, one panel \
        per environment and agent",
    section: Section::Settings,
    xs: &[],
    has_y: false,
    picture,
};

struct Parallel {
    searches: Vec<AgentSearch>,
    panels: Panels,
}

/// The combinations of settings that one agent has tried in one environment.
struct AgentSearch {
    title: PanelTitle,
    trials: Vec<(String, Estimate)>,
    plot: ParallelAxes,
}

/// The groups of one agent in one environment.
type Trials<'a> = (PanelTitle, Vec<(&'a RunReference, Estimate)>);

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let keys = findings.swept_keys();
    if keys.len() < 2 {
        return Err("it needs two swept settings".to_owned());
    }
    let mut trials: Vec<Trials<'_>> = Vec::new();
    for (reference, estimate) in findings.final_estimates(&Measure::Return) {
        let title = PanelTitle {
            environment: reference.environment.clone(),
            agent: reference.agent.clone(),
        };
        let (_, here) =
            find_or_add(&mut trials, |(known, _)| *known == title, || (title.clone(), Vec::new()));
        here.push((reference, estimate));
    }
    if trials.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let searches: Vec<AgentSearch> =
        trials.into_iter().filter_map(|trials| search(&keys, trials)).collect();
    if searches.is_empty() {
        return Err("no agent has finished runs at two values of each of two settings".to_owned());
    }
    let titles = searches.iter().map(|search| search.title.clone()).collect();
    let widths = searches.iter().map(|search| search.plot.needed_width());
    let panels = Panels::new(titles, widths);
    Ok(Box::new(Parallel { panels, searches }))
}

/// The search of one agent in one environment; nothing if fewer than two settings vary.
fn search(keys: &[&str], (title, mut trials): Trials<'_>) -> Option<AgentSearch> {
    // The best are drawn last and so over the others.
    trials.sort_by(|(_, first), (_, second)| first.value.total_cmp(&second.value));
    let values_of = |key| {
        let settings: Vec<_> =
            trials.iter().map(|(reference, _)| setting(reference, key)).collect::<Option<_>>()?;
        let varies = settings.iter().any(|other| other.written != settings[0].written);
        varies.then_some(settings)
    };
    let settings: Vec<_> = keys.iter().copied().filter_map(values_of).collect();
    if settings.len() < 2 {
        return None;
    }
    let name = |trial: usize| {
        let values = settings.iter().map(|of| format!("{}={}", of[trial].name, of[trial].written));
        format!("{} [{}]", title.agent, values.collect::<Vec<_>>().join(", "))
    };
    let names = (0..trials.len()).map(name);
    let trials: Vec<_> = names.zip(trials.iter().map(|(_, estimate)| *estimate)).collect();
    let line = |(name, estimate): &(String, Estimate)| {
        let Estimate { value, interval, seeds, .. } = *estimate;
        let value = with_interval(value, interval, exact);
        (estimate.value, format!("{name}\n{value}, {}", counted(seeds, "run")))
    };
    let keys: Vec<&str> = settings.iter().map(|of| of[0].name).collect();
    let axes = short_keys(&keys).into_iter().zip(&settings);
    let axes = axes.map(|(name, of)| SettingAxis::new(name, of)).collect();
    let plot = ParallelAxes::new(axes, trials.iter().map(line).unzip());
    Some(AgentSearch { plot, trials, title })
}

impl Picture for Parallel {
    fn size(&self, available: i32) -> (i32, i32) {
        let height = |width| self.searches.iter().map(|it| it.plot.needed_height(width)).max();
        self.panels.size(available, height)
    }

    fn caption(&self) -> String {
        "Each line is one combination of settings. It ends at its final return: IQM over seeds (mean below \
         4 seeds). Darker is greater; the best lines are drawn over the others. Axes end at the least and \
         the greatest value tried. Axes whose values span a decade or more are logarithmic (log). Names \
         are evenly spaced."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_search = |search: &AgentSearch| {
            let of_trial = |(agent, estimate): &(String, Estimate)| Datum {
                panel: search.title.environment.clone(),
                agent: agent.clone(),
                x: None,
                value: estimate.value,
                interval: estimate.interval,
                runs: estimate.seeds,
            };
            search.trials.iter().rev().map(of_trial).collect::<Vec<_>>()
        };
        self.searches.iter().flat_map(of_search).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.panels.draw(area, |index, area| self.searches[index].plot.draw(area))
    }
}

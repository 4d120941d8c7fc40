//! `parallel`: a search over several settings as lines through an upright axis for each of them and one for the final
//! score; a panel for each environment and agent.
//!
//! Inselberg, "The Plane with Parallel Coordinates", The Visual Computer 1 (1985). What the lines go through is in
//! `upright.rs`.

use zerolab_metrics::RunReference;

use super::data::Datum;
use super::panels::{Panels, Title};
use super::paper::{Area, Drawing};
use super::upright::{Upright, Web};
use super::{Entry, NOTHING_FINISHED, Picture, Sketch};
use crate::axes::setting;
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const ENTRY: Entry = Entry {
    name: "parallel",
    summary: "each setting of a search as a line through upright axes to its final score, one panel an environment and agent",
    xs: &[],
    picture,
};

struct Parallel {
    searches: Vec<Search>,
    panels: Panels,
}

/// What was tried of one agent in one environment.
struct Search {
    title: Title,
    trials: Vec<(String, Estimate)>,
    web: Web,
}

/// The groups of one agent in one environment.
type Trials<'a> = (Title, Vec<(&'a RunReference, Estimate)>);

fn picture<'a>(findings: &'a Findings, _x: &str) -> Sketch<'a> {
    let keys = findings.swept_keys();
    if keys.len() < 2 {
        return Err("it takes two swept settings".to_owned());
    }
    let mut trials: Vec<Trials<'_>> = Vec::new();
    for (reference, estimate) in findings.final_returns() {
        let title =
            Title { environment: reference.environment.clone(), agent: reference.agent.clone() };
        let (_, here) =
            find_or_add(&mut trials, |(known, _)| *known == title, || (title.clone(), Vec::new()));
        here.push((reference, estimate));
    }
    if trials.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let searches: Vec<Search> =
        trials.into_iter().filter_map(|trials| search(&keys, trials)).collect();
    if searches.is_empty() {
        return Err("no agent has finished runs at two values of each of two settings".to_owned());
    }
    let titles = searches.iter().map(|search| search.title.clone()).collect();
    let wide = searches.iter().map(|search| search.web.wide());
    let panels =
        Panels::new(titles, wide, |_| searches.iter().map(|search| search.web.high()).max());
    Ok(Box::new(Parallel { panels, searches }))
}

/// The search of one agent in one environment; nothing if fewer than two settings differ in it.
fn search(keys: &[&str], (title, mut trials): Trials<'_>) -> Option<Search> {
    // The best are drawn last, and so above the others.
    trials.sort_by(|(_, first), (_, second)| first.value.total_cmp(&second.value));
    let values_of = |key| {
        let settings: Vec<_> =
            trials.iter().map(|(reference, _)| setting(reference, key)).collect::<Option<_>>()?;
        let differ = settings.iter().any(|other| other.written != settings[0].written);
        differ.then_some(settings)
    };
    let settings: Vec<_> = keys.iter().copied().filter_map(values_of).collect();
    if settings.len() < 2 {
        return None;
    }
    let named = |trial: usize| {
        let values = settings.iter().map(|of| format!("{}={}", of[trial].name, of[trial].written));
        format!("{} [{}]", title.agent, values.collect::<Vec<_>>().join(", "))
    };
    let names = (0..trials.len()).map(named);
    let trials: Vec<_> = names.zip(trials.iter().map(|(_, estimate)| *estimate)).collect();
    let told = |(name, estimate): &(String, Estimate)| {
        let Estimate { value, interval, seeds, .. } = *estimate;
        let value = with_interval(value, interval, exact);
        (estimate.value, format!("{name}\n{value}, {}", counted(seeds, "run")))
    };
    let axes = settings.iter().map(|of| Upright::through(of)).collect();
    Some(Search { web: Web::new(axes, trials.iter().map(told).unzip()), trials, title })
}

impl Picture for Parallel {
    fn size(&self) -> (u32, u32) {
        self.panels.size()
    }

    fn caption(&self) -> String {
        "Each line is a choice of settings, from axis to axis, and ends at its final return: IQM over seeds (mean below 4 \
         seeds). Darker is greater, the best lie above the others. Axes end at the least and the greatest value tried; \
         those whose values span a decade or more are logarithmic (log). Names stand evenly."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_search = |search: &Search| {
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

    fn draw(&self, area: &Area<'_>) -> Drawing {
        self.panels.draw(area, |place, area| self.searches[place].web.draw(area))
    }
}

//! `heat-map`: the final score over each two numeric settings that the experiment sweeps; a panel for the two, each
//! environment and each agent.
//!
//! What else a sweep varies tells panels apart. Settings that advance together, as those of a random search, are no
//! grid: they have no panel.

use super::cells::Map;
use super::colour_scale::ColourScale;
use super::data::Datum;
use super::panels::{Panels, Title};
use super::paper::{Area, Drawing};
use super::{Entry, NOTHING_FINISHED, Picture, Sketch};
use crate::axes::{agent_label, environment_label, setting};
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::scores::Estimate;

pub(super) const ENTRY: Entry = Entry {
    name: "heat-map",
    summary: "final score over each two swept numeric settings as colours, one panel for the two, environment and agent",
    xs: &[],
    picture,
};

/// More panels than these are no figure.
const MOST_PANELS: usize = 24;
struct HeatMap {
    maps: Vec<(Title, Map)>,
    panels: Panels,
}

fn picture<'a>(findings: &'a Findings, _x: &str) -> Sketch<'a> {
    let keys = findings.swept_keys();
    if keys.len() < 2 {
        return Err("it takes two swept numeric settings".to_owned());
    }
    if findings.final_returns().next().is_none() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let mut maps: Vec<(Title, Map)> = Vec::new();
    for (place, first) in keys.iter().enumerate() {
        for second in &keys[place + 1..] {
            maps.extend(maps_of(findings, [first, second]));
        }
    }
    if maps.is_empty() {
        return Err("no two numeric settings of an agent are crossed whose runs have finished at two values of each; \
                    `parallel` shows a random search"
            .to_owned());
    }
    if maps.len() > MOST_PANELS {
        return Err(format!(
            "it would take {} panels, more than {MOST_PANELS}; `parallel` shows many settings at once",
            maps.len()
        ));
    }
    share_colours(&mut maps);
    let titles = maps.iter().map(|(title, _)| title.clone()).collect();
    let panels = Panels::new(titles, maps.iter().map(|(_, map)| map.wide()), |wide| {
        maps.iter().map(|(_, map)| map.high(wide)).max()
    });
    Ok(Box::new(HeatMap { panels, maps }))
}

/// The maps over two swept keys: one for each environment and agent in which they are a grid.
fn maps_of(findings: &Findings, keys: [&str; 2]) -> Vec<(Title, Map)> {
    let mut maps: Vec<(Title, Map)> = Vec::new();
    for (reference, estimate) in findings.final_returns() {
        let [Some(x), Some(y)] = keys.map(|key| setting(reference, key)) else { continue };
        let (Some(at_x), Some(at_y)) = (x.number, y.number) else { continue };
        let title = Title {
            environment: environment_label(reference, &keys),
            agent: agent_label(reference, &keys),
        };
        let (_, map) = find_or_add(
            &mut maps,
            |(known, _)| *known == title,
            || (title.clone(), Map::new([x.name, y.name])),
        );
        map.add([(x.written, at_x), (y.written, at_y)], estimate);
    }
    maps.retain(|(_, map)| map.is_grid());
    maps
}

/// Gives the maps of one environment one scale, so that their colours can be compared.
fn share_colours(maps: &mut [(Title, Map)]) {
    let scale = |environment: &str| {
        let here = maps.iter().filter(|(title, _)| title.environment == environment);
        ColourScale::over(here.flat_map(|(_, map)| map.scores()))
    };
    let scales: Vec<ColourScale> =
        maps.iter().map(|(title, _)| scale(&title.environment)).collect();
    for ((_, map), colours) in maps.iter_mut().zip(scales) {
        map.colours = colours;
    }
}

impl Picture for HeatMap {
    fn size(&self) -> (u32, u32) {
        self.panels.size()
    }

    fn caption(&self) -> String {
        "Final return over two swept settings: IQM over seeds (mean below 4 seeds); darker is greater. Panels of one \
         environment share their colours. The values of a setting stand evenly, whatever lies between them. Dashes: no \
         run has finished there."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_map = |(title, map): &(Title, Map)| {
            let [along, up] = map.settings();
            let of_cell = |(x, y, estimate): (f64, &str, Estimate)| Datum {
                panel: format!("{}: {along}, {up}={y}", title.environment),
                agent: title.agent.clone(),
                x: Some(x),
                value: estimate.value,
                interval: estimate.interval,
                runs: estimate.seeds,
            };
            map.rows().map(of_cell).collect::<Vec<_>>()
        };
        self.maps.iter().flat_map(of_map).collect()
    }

    fn draw(&self, area: &Area<'_>) -> Drawing {
        self.panels.draw(area, |place, area| self.maps[place].1.draw(area))
    }
}

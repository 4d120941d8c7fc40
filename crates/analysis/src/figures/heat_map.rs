//! `heat-map`: the final score over two swept numeric settings, one panel per pair, environment and agent.
//!
//! Each value of a third swept setting has its own panel. Settings that are not crossed, as in a random
//! search, have no panel.

use zerolab_metrics::Measure;

use super::canvas::{Area, DrawResult};
use super::colour_scale::ColourScale;
use super::data::Datum;
use super::kind::{Choice, FigureKind, NOTHING_FINISHED, Picture, PictureResult, Section};
use super::panels::{PanelTitle, Panels};
use super::score_grid::ScoreGrid;
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::labels::{agent_label, environment_label, setting};
use crate::scores::Estimate;

pub(super) const KIND: FigureKind = FigureKind {
    name: "heat-map",
    summary: "final score over each pair of swept numeric settings as colours, one panel per pair, \
        environment and agent",
    section: Section::Settings,
    xs: &[],
    has_y: false,
    picture,
};

/// A figure has at most this many panels.
const MAX_PANELS: usize = 24;

struct HeatMap {
    grids: Vec<(PanelTitle, ScoreGrid)>,
    panels: Panels,
}

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let keys = findings.swept_keys();
    if keys.len() < 2 {
        return Err("it needs two swept numeric settings".to_owned());
    }
    if findings.final_estimates(&Measure::Return).next().is_none() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let mut grids: Vec<(PanelTitle, ScoreGrid)> = Vec::new();
    for (index, first) in keys.iter().enumerate() {
        for second in &keys[index + 1..] {
            grids.extend(grids_of(findings, [first, second]));
        }
    }
    if grids.is_empty() {
        return Err(
            "no agent has finished runs at two values of each of two crossed numeric settings; \
                    `parallel` shows a random search"
                .to_owned(),
        );
    }
    if grids.len() > MAX_PANELS {
        return Err(format!(
            "it would need {} panels, more than {MAX_PANELS}; `parallel` shows many settings at once",
            grids.len()
        ));
    }
    share_colours(&mut grids);
    let titles = grids.iter().map(|(title, _)| title.clone()).collect();
    let panels = Panels::new(titles, grids.iter().map(|(_, grid)| grid.needed_width()));
    Ok(Box::new(HeatMap { panels, grids }))
}

/// The grids of two swept keys: one for each environment and agent for which the keys are crossed.
fn grids_of(findings: &Findings, keys: [&str; 2]) -> Vec<(PanelTitle, ScoreGrid)> {
    let mut grids: Vec<(PanelTitle, ScoreGrid)> = Vec::new();
    for (reference, estimate) in findings.final_estimates(&Measure::Return) {
        let [Some(x), Some(y)] = keys.map(|key| setting(reference, key)) else { continue };
        let (Some(at_x), Some(at_y)) = (x.number, y.number) else { continue };
        let title = PanelTitle {
            environment: environment_label(reference, &keys),
            agent: agent_label(reference, &keys),
        };
        let (_, grid) = find_or_add(
            &mut grids,
            |(known, _)| *known == title,
            || (title.clone(), ScoreGrid::new([x.name, y.name])),
        );
        grid.add([(x.written, at_x), (y.written, at_y)], estimate);
    }
    grids.retain(|(_, grid)| grid.is_grid());
    grids
}

/// Gives all grids of an environment the same colour scale, so that colours can be compared.
fn share_colours(grids: &mut [(PanelTitle, ScoreGrid)]) {
    let scale = |environment: &str| {
        let here = grids.iter().filter(|(title, _)| title.environment == environment);
        ColourScale::over(here.flat_map(|(_, grid)| grid.scores()))
    };
    let scales: Vec<ColourScale> =
        grids.iter().map(|(title, _)| scale(&title.environment)).collect();
    for ((_, grid), colours) in grids.iter_mut().zip(scales) {
        grid.colours = colours;
    }
}

impl Picture for HeatMap {
    fn size(&self, available: i32) -> (i32, i32) {
        let height = |width| self.grids.iter().map(|(_, grid)| grid.needed_height(width)).max();
        self.panels.size(available, height)
    }

    fn caption(&self) -> String {
        "Final return over two swept settings: IQM over seeds (mean below 4 seeds); darker is greater. \
         Panels of one environment share their colours. The values of a setting are evenly spaced. Dashes: \
         no run has finished."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_grid = |(title, grid): &(PanelTitle, ScoreGrid)| {
            let [x_setting, y_setting] = grid.settings();
            let of_cell = |(x, y, estimate): (f64, &str, Estimate)| Datum {
                panel: format!("{}: {x_setting}, {y_setting}={y}", title.environment),
                agent: title.agent.clone(),
                x: Some(x),
                value: estimate.value,
                interval: estimate.interval,
                runs: estimate.seeds,
            };
            grid.rows().map(of_cell).collect::<Vec<_>>()
        };
        self.grids.iter().flat_map(of_grid).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.panels.draw(area, |index, area| self.grids[index].1.draw(area))
    }
}

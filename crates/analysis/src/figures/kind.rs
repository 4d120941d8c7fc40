//! What a kind of figure is: its name in a spec, its choices of x, and the function that builds its picture.

use super::canvas::{Area, DrawResult};
use super::data::Datum;
use crate::findings::Findings;
use zerolab_metrics::Measure;

/// A kind of figure that a spec may ask for.
pub struct FigureKind {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub summary: &'static str,
    /// The section of the page that shows it.
    pub section: Section,
    /// The quantities that the x axis can show, the default first; empty if there is no choice.
    pub xs: &'static [&'static str],
    /// Whether `y` of the spec may name the measure that it shows, which by default is the return (or `x`, if
    /// that names measures).
    pub has_y: bool,
    /// Builds the picture for one choice of the spec.
    pub(super) picture: for<'a> fn(&'a Findings, &Choice) -> PictureResult<'a>,
}

/// What a figure shows, of the choices that its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The quantity along x; empty for a kind without a choice.
    pub x: &'static str,
    /// The measure, if it is not the one that x names or the return.
    pub y: Option<Measure>,
    /// Further measures, each for a panel of its own.
    pub also: Vec<Measure>,
}

impl Choice {
    /// The measure that the figure shows.
    pub fn measure(&self) -> Measure {
        let named = self.y.clone().or_else(|| Measure::from_name(self.x));
        named.unwrap_or(Measure::Return)
    }

    /// Its parts in words.
    pub fn label(&self) -> String {
        let y: Vec<String> = self.y.iter().chain(&self.also).map(Measure::title).collect();
        let y = Some(y.join(", ")).filter(|y| !y.is_empty());
        let x = Some(self.x.replace('_', " ")).filter(|x| !x.is_empty());
        let y = y.map(|y| if x.is_some() { format!("({y})") } else { y });
        x.into_iter().chain(y).collect::<Vec<_>>().join(" ")
    }
}

/// A section of the page with figures, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Published facts, which need no runs.
    Facts,
    /// Final scores, and comparisons of them.
    Scores,
    /// Scores over swept settings.
    Settings,
    /// Curves over training.
    Curves,
    /// Costs.
    Costs,
    /// What runs record while they learn, beside their scores.
    Diagnostics,
}

/// The picture, or the reason why there is none: no run has finished, or the experiment lacks the data.
pub(super) type PictureResult<'a> = Result<Box<dyn Picture + 'a>, String>;

/// The reason why nothing is drawn while no run has finished.
pub(super) const NOTHING_FINISHED: &str = "no run has finished with an evaluation yet";

/// Something that can be drawn at any width.
pub(super) trait Picture {
    /// Width and height in pixels if `available` pixels are there. It is wider than that only if it cannot be
    /// divided further, and higher on an area of more height.
    fn size(&self, available: i32) -> (i32, i32);
    /// The least height in pixels at a width.
    fn min_height(&self, width: i32) -> i32 {
        self.size(width).1
    }
    /// What it shows: the caption and the text for screen readers.
    fn caption(&self) -> String;
    /// The numbers that it shows, if no table of the report holds them.
    fn data(&self) -> Vec<Datum> {
        Vec::new()
    }
    /// Draws it.
    fn draw(&self, area: &Area<'_>) -> DrawResult;
    /// Whether it can draw the single seeds, which the page shows on request.
    fn has_seeds(&self) -> bool {
        false
    }
    /// Draws the single seeds, and nothing else.
    fn draw_seeds(&self, _area: &Area<'_>) -> DrawResult {
        Ok(())
    }
}

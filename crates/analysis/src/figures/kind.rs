//! What a kind of figure is: its name in a spec, its choices of x, and the function that builds its picture.

use super::canvas::{Area, DrawResult};
use super::data::Datum;
use crate::findings::Findings;

/// A kind of figure that a spec may ask for.
pub struct FigureKind {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub summary: &'static str,
    /// The quantities that the x axis can show, the default first; empty if there is no choice.
    pub xs: &'static [&'static str],
    /// Builds the picture for one choice of x.
    pub(super) picture: for<'a> fn(&'a Findings, &str) -> PictureResult<'a>,
}

/// The picture, or the reason why there is none: no run has finished, or the experiment lacks the data.
pub(super) type PictureResult<'a> = Result<Box<dyn Picture + 'a>, String>;

/// The reason why nothing is drawn while no run has finished.
pub(super) const NOTHING_FINISHED: &str = "no run has finished with an evaluation yet";

/// Something that can be drawn on an area of its own size.
pub(super) trait Picture {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);
    /// What it shows: the caption and the text for screen readers.
    fn caption(&self) -> String;
    /// The numbers that it shows, if no table of the report holds them.
    fn data(&self) -> Vec<Datum> {
        Vec::new()
    }
    /// Draws it.
    fn draw(&self, area: &Area<'_>) -> DrawResult;
}

//! Draws the figures of a report to SVG, PNG and PDF, and writes their captions and data.

use std::collections::BTreeSet;
use std::path::Path;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::drawing::IntoDrawingArea;
use plotters::style::WHITE;
use rayon::prelude::*;
use zerolab_metrics::Measure;

use super::canvas::Canvas;
use super::kind::{Choice, FigureKind, Picture, Section};
use super::layout::{PAGE, PHONE};
use super::pdf_drawing::PdfDrawing;
use super::registry;
use super::selection::{SelectedFigure, possible_choices, selected_figures};
use super::tooltip::Tooltip;
use super::{data, text, verdict};
use crate::error::ReportError;
use crate::files::{remove_stale, rename, temporary_beside, write_whole};
use crate::findings::Findings;
use crate::tables;

/// A figure that has been drawn.
pub(crate) struct DrawnFigure {
    pub kind: &'static str,
    /// What it shows, of the choices of its kind; empty if there is none.
    pub choice: String,
    /// Its files are `figures/<name>.svg`, `.png`, `.pdf` and `.caption.txt`, and `.csv` if it has data of its own.
    pub name: String,
    pub has_data: bool,
    pub section: Section,
    pub drawings: PageDrawings,
    /// The characters that the PNG and the PDF show as boxes.
    pub missing_characters: BTreeSet<char>,
}

/// A figure as the page shows it.
#[derive(Clone, Debug)]
pub(crate) struct PageDrawings {
    pub caption: String,
    /// For a screen or paper.
    pub page: Drawing,
    /// For a phone.
    pub phone: Drawing,
}

/// A figure drawn for a width.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    /// In pixels.
    pub width: i32,
    /// With the single seeds, if there are any, in a group of the class `seeds`.
    pub svg: String,
    pub has_seeds: bool,
    pub tooltips: Vec<Tooltip>,
}

/// A figure that cannot be drawn, and the reason.
pub(crate) struct NotDrawn {
    pub name: String,
    pub section: Section,
    pub why: String,
}

/// The figures of a report.
#[derive(Default)]
pub(crate) struct ReportFigures {
    pub drawn: Vec<DrawnFigure>,
    /// The plot beside the verdict on the hypothesis.
    pub verdict: Option<PageDrawings>,
    /// The figures that the experiment asks for and that cannot be drawn.
    pub not_drawn: Vec<NotDrawn>,
}

impl ReportFigures {
    /// The characters that PNGs and PDFs show as boxes, in a sentence.
    pub fn note(&self) -> Option<String> {
        let missing = || self.drawn.iter().filter(|figure| !figure.missing_characters.is_empty());
        let figures = missing().count();
        let first = missing().next()?;
        let characters = missing().flat_map(|figure| &figure.missing_characters).copied().collect();
        let (subject, other) = match figures {
            1 => (format!("{}.png and .pdf show", first.name), "the SVG shows"),
            _ => (format!("the PNGs and PDFs of {figures} figures show"), "the SVGs show"),
        };
        Some(format!(
            "{subject} boxes for {}, which the embedded font lacks; {other} them in a font of the viewer",
            text::listed(&characters)
        ))
    }
}

/// Draws into `folder` what every page shows and what the experiment asks for, if it `is_wanted`. Removes the figures of an
/// earlier report that this one does not have.
pub(crate) fn draw_figures(
    findings: &Findings,
    folder: &Path,
    is_wanted: impl Fn(&FigureKind) -> bool,
) -> Result<ReportFigures, ReportError> {
    let mut figures = ReportFigures::default();
    // Pictures measure their texts before they are drawn.
    let has_font = text::register();
    let mut selected: Vec<SelectedFigure> = Vec::new();
    let asked = selected_figures(&findings.experiment).into_iter();
    for figure in asked.filter(|figure| is_wanted(figure.kind)) {
        let is_same = |it: &&mut SelectedFigure| {
            it.kind.name == figure.kind.name && it.choice == figure.choice
        };
        match selected.iter_mut().find(is_same) {
            Some(known) => known.is_requested |= figure.is_requested,
            None => selected.push(figure),
        }
    }
    let draw = |figure: &SelectedFigure| {
        let name = file_name(figure.kind.name, &figure.choice);
        if !has_font {
            let message = "the embedded font cannot be read".to_owned();
            return Err(ReportError::Figure { figure: name, message });
        }
        Ok(match (figure.kind.picture)(findings, &figure.choice) {
            Ok(picture) => {
                Ok(draw_files(picture.as_ref(), figure, name, &seeds(findings), folder)?)
            }
            Err(why) => Err(NotDrawn { name, section: figure.kind.section, why }),
        })
    };
    let outcomes: Vec<Result<_, ReportError>> = selected.par_iter().map(draw).collect();
    for (figure, outcome) in selected.iter().zip(outcomes) {
        match outcome? {
            Ok(drawn) => figures.drawn.push(drawn),
            Err(missing) if figure.is_requested => figures.not_drawn.push(missing),
            Err(_) => {}
        }
    }
    if let Some(verdict) = verdict::picture(findings).filter(|_| has_font) {
        let failed = |message| ReportError::Figure { figure: "verdict".to_owned(), message };
        figures.verdict = Some(page_drawings(&verdict).map_err(failed)?);
    }
    remove_others(findings, &figures.drawn, folder)?;
    Ok(figures)
}

/// The numbers of finished seeds, in a sentence.
fn seeds(findings: &Findings) -> String {
    let finished = findings.groups.iter().map(|group| group.finished(&findings.runs).count());
    let finished: Vec<usize> = finished.collect();
    let ends = (finished.iter().min().copied(), finished.iter().max().copied());
    match ends {
        (Some(fewest), Some(most)) if fewest == most => {
            format!("Finished seeds of each agent in each environment: {most}.")
        }
        (Some(fewest), Some(most)) => {
            format!("Finished seeds of each agent in each environment: {fewest} to {most}.")
        }
        _ => "No runs of this experiment.".to_owned(),
    }
}

/// The name of a figure's files, without extension.
fn file_name(kind: &str, choice: &Choice) -> String {
    let within = |measure: &Measure| match measure {
        // Further ones are of the same examination as the first.
        Measure::Examined { .. } => measure.title_within(),
        measure => measure.name(),
    };
    let y = choice.y.iter().map(Measure::name).chain(choice.also.iter().map(within));
    let parts = [kind, choice.x].into_iter().map(str::to_owned).chain(y);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    let is_separator = |c: char| !c.is_ascii_alphanumeric();
    let words = parts.iter().flat_map(|part| part.split(is_separator));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Removes the files of all figures that are not `drawn`.
fn remove_others(
    findings: &Findings,
    drawn: &[DrawnFigure],
    folder: &Path,
) -> Result<(), ReportError> {
    let measures = findings.further_measures();
    let possible = registry::figures()
        .iter()
        .flat_map(|kind| possible_choices(kind, &measures).map(|it| file_name(kind.name, &it)));
    for name in possible {
        let figure = drawn.iter().find(|figure| figure.name == name);
        let has = |extension| figure.is_some_and(|figure| extension != "csv" || figure.has_data);
        for extension in ["svg", "png", "pdf", "caption.txt", "csv"] {
            if !has(extension) {
                remove_stale(&folder.join(&name).with_extension(extension))?;
            }
        }
    }
    Ok(())
}

/// Draws one figure in all formats and writes its caption and data.
fn draw_files(
    picture: &dyn Picture,
    figure: &SelectedFigure,
    name: String,
    seeds: &str,
    folder: &Path,
) -> Result<DrawnFigure, ReportError> {
    let failed = |message: String| ReportError::Figure { figure: name.clone(), message };
    let path = |extension: &str| folder.join(&name).with_extension(extension);
    let (available, height) = figure.size;
    let (width, natural) = picture.size(available);
    let size = (width, height.map_or(natural, |height| height.max(picture.min_height(width))));
    let (svg, _) = draw_svg(picture, size).map_err(failed)?;
    let svg_with_font = svg.replacen('>', &format!("><style>{}</style>", text::font_css()), 1);
    write_whole(&path("svg"), svg_with_font.as_bytes())?;
    let file = temporary_beside(&path("png"))?;
    let mut missing_characters = BTreeSet::new();
    let bitmap = BitMapBackend::new(file.path(), unsigned(size));
    draw_on(Canvas::Bitmap(bitmap, &mut missing_characters), picture).map_err(failed)?;
    rename(file, &path("png"))?;
    let mut pdf = PdfDrawing::new(unsigned(size));
    let area = Canvas::Pdf(&mut pdf).into_drawing_area();
    picture.draw(&area).map_err(|error| failed(error.to_string()))?;
    drop(area);
    write_whole(&path("pdf"), &pdf.finish(&name).map_err(failed)?)?;
    write_whole(&path("caption.txt"), format!("{} {seeds}\n", picture.caption()).as_bytes())?;
    let data = picture.data();
    if !data.is_empty() {
        let csv = data::frame(&data).and_then(|mut frame| tables::csv(&mut frame));
        write_whole(&path("csv"), &csv.map_err(|error| failed(error.to_string()))?)?;
    }
    let drawings = page_drawings(picture).map_err(failed)?;
    Ok(DrawnFigure {
        kind: figure.kind.name,
        choice: figure.choice.label(),
        name,
        has_data: !data.is_empty(),
        section: figure.kind.section,
        drawings,
        missing_characters,
    })
}

/// Draws a figure for the page, at both widths.
fn page_drawings(picture: &dyn Picture) -> Result<PageDrawings, String> {
    Ok(PageDrawings {
        caption: picture.caption(),
        page: draw_for_page(picture, PAGE)?,
        phone: draw_for_page(picture, PHONE)?,
    })
}

fn draw_for_page(picture: &dyn Picture, available: i32) -> Result<Drawing, String> {
    let size = picture.size(available);
    let (mut svg, tooltips) = draw_svg(picture, size)?;
    let has_seeds = picture.has_seeds();
    if has_seeds {
        let (mut seeds, mut none) = (String::new(), Vec::new());
        let backend = SVGBackend::with_string(&mut seeds, unsigned(size));
        let area = Canvas::Svg(backend, &mut none).into_drawing_area();
        picture.draw_seeds(&area).map_err(|error| error.to_string())?;
        area.present().map_err(|error| error.to_string())?;
        drop(area);
        let lines = seeds.split_once('>').map_or("", |(_, lines)| lines);
        let lines = lines.trim_end().trim_end_matches("</svg>");
        // Below the lines of the agents, and above the background.
        let group = format!("/>\n<g class=\"seeds\">{lines}</g>\n");
        svg = svg.replacen("/>\n", &group, 1);
    }
    Ok(Drawing { width: size.0, svg, has_seeds, tooltips })
}

fn draw_svg(picture: &dyn Picture, size: (i32, i32)) -> Result<(String, Vec<Tooltip>), String> {
    let (mut svg, mut tooltips) = (String::new(), Vec::new());
    let backend = SVGBackend::with_string(&mut svg, unsigned(size));
    draw_on(Canvas::Svg(backend, &mut tooltips), picture)?;
    Ok((svg, tooltips))
}

fn unsigned((width, height): (i32, i32)) -> (u32, u32) {
    (width.unsigned_abs(), height.unsigned_abs())
}

fn draw_on(canvas: Canvas<'_>, picture: &dyn Picture) -> Result<(), String> {
    let area = canvas.into_drawing_area();
    area.fill(&WHITE).map_err(|error| error.to_string())?;
    picture.draw(&area).map_err(|error| error.to_string())?;
    area.present().map_err(|error| error.to_string())
}

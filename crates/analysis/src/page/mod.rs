//! `report.html`: one file with the whole report that opens without a network.
//!
//! The order is: question, verdict, facts, final scores, measures, swept settings, curves, published results, costs, diagnostics, runs, how
//! to reproduce them. Figures are inline SVG; the page loads nothing. All text from files is escaped. The page
//! has the same contents without its script; with it tables can be sorted, and figures show exact numbers
//! on hover and with the arrow keys.

mod address;
mod citations;
mod costs;
mod facts;
mod figures;
pub(crate) mod index;
mod learning;
mod measures;
mod published;
pub(crate) mod run;
mod sections;
mod text;

pub use text::IndexText;

use crate::figures::{ReportFigures, Section, dark_mode_rules, font_css};
use crate::findings::Findings;
use crate::html::escape;

/// Allows the browser the page's own style, script and font, and no other resource.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:";

/// The whole page.
///
/// With `reload` the browser loads it again and again.
pub(crate) fn page(findings: &Findings, drawn: &ReportFigures, reload: Option<Reload>) -> String {
    let of = |section| figures::figures(drawn, section);
    let body = [
        sections::question_and_answer(findings, drawn),
        titled("Facts", of(Section::Facts) + &facts::tables(findings)),
        titled("Final scores", of(Section::Scores) + &sections::scores(findings)),
        sections::comparisons(findings),
        titled("Measures", measures::section(findings)),
        titled("Swept settings", of(Section::Settings)),
        titled("Learning curves", of(Section::Curves) + &learning::notes(findings)),
        published::section(findings),
        titled("Costs", of(Section::Costs) + &costs_with_files(findings)),
        titled("Diagnostics", of(Section::Diagnostics)),
        sections::runs(findings),
        sections::reproduction(findings),
        sections::citation(findings),
    ];
    document(&findings.experiment.name, body.concat(), drawn, reload)
}

/// Seconds after which the browser loads a page again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reload(pub u32);

/// A page with these figures.
fn document(title: &str, body: String, drawn: &ReportFigures, reload: Option<Reload>) -> String {
    let drawings = drawn.drawn.iter().map(|figure| &figure.drawings).chain(&drawn.verdict);
    document_with(title, &body, drawings.map(|drawings| drawings.page.svg.as_str()), reload)
}

/// A page with figures that were drawn as `svgs`.
fn document_with<'a>(
    title: &str,
    body: &str,
    svgs: impl Iterator<Item = &'a str> + Clone,
    reload: Option<Reload>,
) -> String {
    // Lighter lines on a dark background.
    let rules = dark_mode_rules(svgs);
    let dark = format!("@media screen and (prefers-color-scheme: dark) {{\n{rules}}}\n");
    let reload = reload.map_or(String::new(), |Reload(seconds)| {
        format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n")
    });
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{CONTENT_SECURITY_POLICY}\">\n\
         {reload}<title>{title}</title>\n<style>\n{css}{font}\n</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         <script>\n{script}</script>\n</body>\n</html>\n",
        title = escape(title),
        css = include_str!("page.css").to_owned() + &dark,
        font = font_css(),
        script = include_str!("page.js"),
    )
}

/// The costs, and the files that have them.
fn costs_with_files(findings: &Findings) -> String {
    match costs::costs(findings) {
        none if none.is_empty() => none,
        costs => costs + &sections::files_note("costs"),
    }
}

/// A section of the page; nothing without contents.
fn titled(title: &str, contents: String) -> String {
    if contents.is_empty() {
        return contents;
    }
    // A print keeps a title on the page of its first figure.
    let (first, rest) = figures::first_views(&contents);
    format!("<div class=\"kept\"><h2>{title}</h2>\n{first}</div>\n{rest}")
}

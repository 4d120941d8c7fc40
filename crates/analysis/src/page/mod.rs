//! `report.html`: one file with the whole report that opens without a network.
//!
//! The order is: question, verdict, final scores, swept settings, curves, published results, costs, diagnostics, runs, how
//! to reproduce them. Figures are inline SVG; the page loads nothing. All text from files is escaped. The page
//! has the same contents without its script; with it tables can be sorted, and figures show exact numbers
//! on hover and with the arrow keys.

mod costs;
mod figures;
mod learning;
mod published;
mod sections;

use crate::figures::{ReportFigures, Section, dark_mode_rules, font_css};
use crate::findings::Findings;
use crate::html::escape;

/// Allows the browser the page's own style, script and font, and no other resource.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:";

/// The whole page.
pub(crate) fn page(findings: &Findings, drawn: &ReportFigures) -> String {
    let of = |section| figures::figures(drawn, section);
    let body = [
        sections::question_and_answer(findings, drawn),
        titled("Final scores", of(Section::Scores) + &sections::scores(findings)),
        sections::comparisons(findings),
        titled("Swept settings", of(Section::Settings)),
        titled("Learning curves", of(Section::Curves) + &learning::notes(findings)),
        published::section(findings),
        titled("Costs", of(Section::Costs) + &costs::costs(findings)),
        titled("Diagnostics", of(Section::Diagnostics)),
        sections::runs(findings),
        sections::reproduction(findings),
        sections::citation(findings),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{CONTENT_SECURITY_POLICY}\">\n\
         <title>{title}</title>\n<style>\n{css}{font}\n</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         <script>\n{script}</script>\n</body>\n</html>\n",
        title = escape(&findings.experiment.name),
        css = include_str!("page.css").to_owned() + &dark_mode(drawn),
        font = font_css(),
        body = body.concat(),
        script = include_str!("page.js"),
    )
}

/// A section of the page; nothing without contents.
fn titled(title: &str, contents: String) -> String {
    if contents.is_empty() { contents } else { format!("<h2>{title}</h2>\n{contents}") }
}

/// Lighter lines on a dark background.
fn dark_mode(drawn: &ReportFigures) -> String {
    let drawings = drawn.drawn.iter().map(|figure| &figure.drawings).chain(&drawn.verdict);
    let rules = dark_mode_rules(drawings.map(|drawings| drawings.page.svg.as_str()));
    format!("@media screen and (prefers-color-scheme: dark) {{\n{rules}}}\n")
}

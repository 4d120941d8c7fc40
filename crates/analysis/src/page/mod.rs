//! `report.html`: one file that opens without a network and holds all that the experiment says.
//!
//! The order is a reader's: question, answer, figures, scores, costs, runs, how to reproduce it. Figures
//! stand inline as SVG; nothing is fetched. Everything that came from a file is escaped. Without its script the page
//! says the same; with it tables can be sorted and figures tell exact numbers.

mod costs;
mod figures;
mod published;
mod sections;

use crate::figures::{Figures, letters};
use crate::findings::Findings;

/// Text as HTML shows it, fit for element contents and for attributes in double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What a browser is told to allow: the page's own style and script, and nothing from anywhere.
const NOTHING_IS_FETCHED: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:";

/// The whole page.
pub(crate) fn page(findings: &Findings, drawn: &Figures) -> String {
    let body = [
        sections::question_and_answer(findings),
        figures::figures(drawn),
        sections::scores(findings),
        published::section(findings),
        sections::comparisons(findings),
        costs::costs(findings),
        sections::runs(findings),
        sections::reproduction(findings),
        sections::citation(findings),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{NOTHING_IS_FETCHED}\">\n\
         <title>{title}</title>\n<style>\n{css}{letters}\n</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         <script>\n{script}</script>\n</body>\n</html>\n",
        title = escape(&findings.experiment.name),
        css = include_str!("page.css"),
        letters = letters(),
        body = body.concat(),
        script = include_str!("page.js"),
    )
}

//! The figures of the page: each inline, with what it says under the pointer; those that differ in their x alone in
//! one place, of which a reader chooses one.

use super::escape;
use crate::figures::{Drawn, Figures, Spot};

/// Wider than this, in pixels, a figure takes the whole width of the page.
const WIDEST_IN_A_COLUMN: u32 = 1_450;
/// So large a figure is in a column of the page.
const PIXELS_IN_A_REM: f64 = 40.0;

/// Every figure, and why one that was asked for is not there.
pub(super) fn figures(figures: &Figures) -> String {
    let mut kinds: Vec<Vec<&Drawn>> = Vec::new();
    for figure in &figures.drawn {
        match kinds.iter_mut().find(|views| views[0].kind == figure.kind) {
            Some(views) => views.push(figure),
            None => kinds.push(vec![figure]),
        }
    }
    let drawn: String = kinds.iter().map(|views| choice(views)).collect();
    let drawn = match figures.drawn.is_empty() {
        true => "<p>No run has left anything to draw yet.</p>\n".to_owned(),
        false => format!("<div class=\"figures\">\n{drawn}</div>\n"),
    };
    let line = |(name, why): &(String, String)| {
        let (name, why) = (escape(name), escape(why));
        format!("<p class=\"note\">Not drawn: <code>{name}</code>, since {why}.</p>\n")
    };
    let left_out: String = figures.left_out.iter().map(line).collect();
    format!("<h2>Figures</h2>\n{drawn}{left_out}")
}

/// A kind of figure, with a switch where it was drawn against several quantities. Without a style sheet all are shown.
fn choice(views: &[&Drawn]) -> String {
    let option = |(place, view): (usize, &&Drawn)| {
        let checked = if place == 0 { " checked" } else { "" };
        let (kind, x) = (view.kind, view.x.replace('_', " "));
        format!("<label><input type=\"radio\" name=\"{kind}\"{checked}> {x}</label>\n")
    };
    let switch = match views {
        [_] => String::new(),
        views => format!(
            "<fieldset>\n<legend>{} by</legend>\n{}</fieldset>\n",
            views[0].kind.replace('-', " "),
            views.iter().enumerate().map(option).collect::<String>()
        ),
    };
    let wide = if views.iter().any(|view| view.width > WIDEST_IN_A_COLUMN) { " wide" } else { "" };
    let views: String = views.iter().map(|view| figure(view)).collect();
    format!("<div class=\"views{wide}\">\n{switch}{views}</div>\n")
}

fn figure(figure: &Drawn) -> String {
    let (name, caption) = (escape(&figure.name), escape(&figure.caption));
    let natural = f64::from(figure.width) / PIXELS_IN_A_REM;
    let label = format!(
        "<svg role=\"img\" tabindex=\"0\" aria-label=\"{caption}\" style=\"--natural: {natural:.0}rem\" "
    );
    let svg = figure.svg.replacen("<svg ", &label, 1);
    let file =
        |format: &str| format!("<a href=\"figures/{name}.{format}\">{}</a>", format.to_uppercase());
    let csv = if figure.has_data { format!(", {}", file("csv")) } else { String::new() };
    let files = format!("{}, {}{csv}", file("svg"), file("png"));
    let spots = spots(&figure.spots);
    format!(
        "<figure>\n<div class=\"plot\">\n{svg}{spots}</div>\n<figcaption>{caption} {files}</figcaption>\n</figure>\n"
    )
}

/// The points as data for the page's script: `[x, y, reach, text]` in the pixels of the figure.
fn spots(spots: &[Spot]) -> String {
    if spots.is_empty() {
        return String::new();
    }
    let list = spots.iter().map(|spot| (spot.at.0, spot.at.1, spot.reach, spot.text.as_str()));
    // In a script nothing is escaped but the end of it, which JSON can write otherwise.
    let json = serde_json::Value::from_iter(
        list.map(|(x, y, reach, text)| serde_json::json!([x, y, reach, text])),
    );
    let json = json.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/json\">{json}</script>\n")
}

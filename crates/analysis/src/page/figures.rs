//! The figures of the page: each is inline with its tooltips. Figures of one kind that differ only in x
//! share one place, and the reader chooses which one is shown.

use crate::figures::{DrawnFigure, ReportFigures, Tooltip, listed};
use crate::html::escape;

/// A figure that is wider than this, in pixels, takes the whole width of the page.
const MAX_COLUMN_WIDTH: u32 = 1_450;
/// The scale at which the page shows figures.
const PIXELS_PER_REM: f64 = 40.0;

/// Every figure, and the reason for each requested one that is missing.
pub(super) fn figures(figures: &ReportFigures) -> String {
    let mut kinds: Vec<Vec<&DrawnFigure>> = Vec::new();
    for figure in &figures.drawn {
        match kinds.iter_mut().find(|views| views[0].kind == figure.kind) {
            Some(views) => views.push(figure),
            None => kinds.push(vec![figure]),
        }
    }
    let drawn: String = kinds.iter().map(|views| figure_switch(views)).collect();
    let drawn = match figures.drawn.is_empty() {
        true => "<p>There are no results to draw yet.</p>\n".to_owned(),
        false => format!("<div class=\"figures\">\n{drawn}</div>\n"),
    };
    let line = |(name, why): &(String, String)| {
        let (name, why) = (escape(name), escape(why));
        format!("<p class=\"note\">Not drawn: <code>{name}</code>, because {why}.</p>\n")
    };
    let not_drawn: String = figures.not_drawn.iter().map(line).collect();
    format!("<h2>Figures</h2>\n{drawn}{not_drawn}")
}

/// All figures of a kind, with a switch if there are several. Without a style sheet all are shown.
fn figure_switch(views: &[&DrawnFigure]) -> String {
    let option = |(index, view): (usize, &&DrawnFigure)| {
        let checked = if index == 0 { " checked" } else { "" };
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
    let wide = if views.iter().any(|view| view.width > MAX_COLUMN_WIDTH) { " wide" } else { "" };
    let views: String = views.iter().map(|view| figure(view)).collect();
    format!("<div class=\"views{wide}\">\n{switch}{views}</div>\n")
}

fn figure(figure: &DrawnFigure) -> String {
    let (name, caption) = (escape(&figure.name), escape(&figure.caption));
    let natural = f64::from(figure.width) / PIXELS_PER_REM;
    let label = format!(
        "<svg role=\"img\" tabindex=\"0\" aria-label=\"{caption}\" style=\"--natural: {natural:.0}rem\" "
    );
    let svg = figure.svg.replacen("<svg ", &label, 1);
    let file =
        |format: &str| format!("<a href=\"figures/{name}.{format}\">{}</a>", format.to_uppercase());
    let csv = if figure.has_data { format!(", {}", file("csv")) } else { String::new() };
    let files = format!("{}, {}{csv}", file("svg"), file("png"));
    let boxes = match &figure.missing_characters {
        none if none.is_empty() => String::new(),
        some => {
            format!("The PNG shows boxes for {}, which its font lacks. ", escape(&listed(some)))
        }
    };
    let tooltips = tooltips(&figure.tooltips);
    format!(
        "<figure>\n<div class=\"plot\">\n{svg}{tooltips}</div>\n<figcaption>{caption} {boxes}\
         {files}</figcaption>\n</figure>\n"
    )
}

/// The tooltips as data for the page's script: `[x, y, reach, text]`, in pixels of the figure.
fn tooltips(tooltips: &[Tooltip]) -> String {
    if tooltips.is_empty() {
        return String::new();
    }
    let list = tooltips
        .iter()
        .map(|tooltip| (tooltip.at.0, tooltip.at.1, tooltip.reach, tooltip.text.as_str()));
    // A script element needs no escaping, except that it must not contain its end tag.
    let json = serde_json::Value::from_iter(
        list.map(|(x, y, reach, text)| serde_json::json!([x, y, reach, text])),
    );
    let json = json.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/json\">{json}</script>\n")
}

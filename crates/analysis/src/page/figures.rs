//! The figures of the page: each is inline with its tooltips. Figures of one kind that differ only in x
//! share one place, and the reader chooses which one is shown.
//!
//! Each figure is drawn twice, for a page and for a phone, and the style sheet shows one of them. All are
//! scaled alike, so that texts have one size.

use crate::figures::{
    Drawing, DrawnFigure, PAGE, PHONE, PageDrawings, ReportFigures, Section, Tooltip, listed,
};
use crate::html::escape;

/// The figures of a section of the page, and the reason for each requested one that is missing.
pub(super) fn figures(figures: &ReportFigures, section: Section) -> String {
    let mut kinds: Vec<Vec<&DrawnFigure>> = Vec::new();
    for figure in figures.drawn.iter().filter(|figure| figure.section == section) {
        match kinds.iter_mut().find(|views| views[0].kind == figure.kind) {
            Some(views) => views.push(figure),
            None => kinds.push(vec![figure]),
        }
    }
    let drawn: String = kinds.iter().map(|views| figure_switch(views)).collect();
    let missing = figures.not_drawn.iter().filter(|missing| missing.section == section);
    let line = |name: &str, why: &str| {
        let (name, why) = (escape(name), escape(why));
        format!("<p class=\"note\">Not drawn: <code>{name}</code>, because {why}.</p>\n")
    };
    let missing: String = missing.map(|missing| line(&missing.name, &missing.why)).collect();
    drawn + &missing
}

/// The plot beside the verdict.
pub(super) fn verdict(figures: &ReportFigures) -> String {
    let Some(drawings) = &figures.verdict else { return String::new() };
    let caption = escape(&drawings.caption);
    format!(
        "<figure>\n{}<figcaption>{caption}</figcaption>\n</figure>\n",
        plots(drawings, &caption)
    )
}

/// All figures of a kind, with a switch if there are several. Without a style sheet all are shown.
fn figure_switch(views: &[&DrawnFigure]) -> String {
    let option = |(index, view): (usize, &&DrawnFigure)| {
        let checked = if index == 0 { " checked" } else { "" };
        let (kind, choice) = (view.kind, escape(&view.choice));
        format!("<label><input type=\"radio\" name=\"{kind}\"{checked}> {choice}</label>\n")
    };
    let switch = match views {
        [_] => String::new(),
        views => format!(
            "<fieldset>\n<legend>{} by</legend>\n{}</fieldset>\n",
            views[0].kind.replace('-', " "),
            views.iter().enumerate().map(option).collect::<String>()
        ),
    };
    let seeds = match views.iter().any(|view| view.drawings.page.has_seeds) {
        true => {
            "<p class=\"control\"><label><input type=\"checkbox\"> each seed as a thin line</label></p>\n"
        }
        false => "",
    };
    let views: String = views.iter().map(|view| figure(view)).collect();
    format!("{VIEWS}{switch}{seeds}{views}{VIEWS_END}")
}

const VIEWS: &str = "<div class=\"views\">\n";
/// Each figure ends in a line of its own.
const VIEWS_END: &str = "</div>\n";

/// The figures of the first kind, if `contents` begin with them, and the rest.
pub(super) fn first_views(contents: &str) -> (&str, &str) {
    let end =
        contents.starts_with(VIEWS).then(|| contents.find(&format!("</figure>\n{VIEWS_END}")));
    let end = end.flatten().map_or(0, |at| at + "</figure>\n".len() + VIEWS_END.len());
    contents.split_at(end)
}

fn figure(figure: &DrawnFigure) -> String {
    let (name, caption) = (escape(&figure.name), escape(&figure.drawings.caption));
    let file =
        |format: &str| format!("<a href=\"figures/{name}.{format}\">{}</a>", format.to_uppercase());
    let csv = if figure.has_data { format!(", {}", file("csv")) } else { String::new() };
    let files = format!("{}, {}, {}{csv}", file("svg"), file("png"), file("pdf"));
    let boxes = match &figure.missing_characters {
        none if none.is_empty() => String::new(),
        some => {
            let characters = escape(&listed(some));
            format!("The PNG and the PDF show boxes for {characters}, which their font lacks. ")
        }
    };
    format!(
        "<figure>\n{}<figcaption>{caption} {boxes}{files}</figcaption>\n</figure>\n",
        plots(&figure.drawings, &caption)
    )
}

/// A figure for the page and for a phone.
fn plots(drawings: &PageDrawings, caption: &str) -> String {
    plot("plot on-page", &drawings.page, PAGE, caption)
        + &plot("plot on-phone", &drawings.phone, PHONE, caption)
}

/// A figure in a text, with the caption that the text gives it. `source` is the HTML of where it comes from.
pub(super) fn text_figure(drawings: &PageDrawings, caption: &str, source: &str) -> String {
    let plots = plots(drawings, caption);
    format!("<figure>\n{plots}<figcaption>{caption} ({source})</figcaption>\n</figure>\n")
}

/// A figure as on a phone.
pub(super) fn small_plot(drawings: &PageDrawings) -> String {
    let caption = escape(&drawings.caption);
    let plot = plot("plot", &drawings.phone, PHONE, &caption);
    format!("<figure class=\"small\">\n{plot}</figure>\n")
}

fn plot(class: &str, drawing: &Drawing, width: i32, caption: &str) -> String {
    // Wider than the column only if the figure cannot be narrower; it then scrolls.
    let share = 100.0 * f64::from(drawing.width) / f64::from(width);
    let opening = format!(
        "<svg role=\"img\" tabindex=\"0\" aria-label=\"{caption}\" style=\"width: {share:.0}%\" "
    );
    let svg = drawing.svg.replacen("<svg ", &opening, 1);
    let tooltips = tooltips(&drawing.tooltips);
    format!("<div class=\"{class}\">\n{svg}{tooltips}</div>\n")
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

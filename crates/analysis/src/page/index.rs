//! `index.html`: the experiments whose reports were written together.

use super::document_with;
use super::figures::small_plot;
use crate::figures::PageDrawings;
use crate::html::escape;

/// What the index says about an experiment.
#[derive(Clone, Debug)]
pub(crate) struct IndexEntry {
    pub name: String,
    pub question: String,
    /// The verdict, or the best agents.
    pub sentences: Vec<String>,
    /// How many runs have which state, and when the last one ended.
    pub state: String,
    /// The main figure.
    pub figure: Option<PageDrawings>,
}

/// The page with all entries, in their order.
pub(crate) fn page(entries: &[&IndexEntry]) -> String {
    let svgs = entries.iter().filter_map(|entry| Some(entry.figure.as_ref()?.phone.svg.as_str()));
    let items: String = entries.iter().map(|entry| item(entry)).collect();
    document_with("Experiments", &format!("<h1>Experiments</h1>\n{items}"), svgs, None)
}

fn item(entry: &IndexEntry) -> String {
    let name = escape(&entry.name);
    let sentences: String =
        entry.sentences.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    let figure = entry.figure.as_ref().map_or(String::new(), small_plot);
    format!(
        "<section class=\"experiment\">\n<h2><a href=\"{name}/report.html\">{name}</a></h2>\n\
         <p class=\"question\">{}</p>\n{sentences}{figure}<p class=\"note\">{}</p>\n</section>\n",
        escape(&entry.question),
        escape(&entry.state),
    )
}

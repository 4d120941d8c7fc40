//! An index: the experiments whose reports were written together, below a text if there is one.

use std::path::{Path, PathBuf};

use super::address::address;
use super::document_with;
use super::figures::small_plot;
use super::text::{IndexText, render};
use crate::figures::PageDrawings;
use crate::html::escape;

/// What the index says about an experiment.
#[derive(Clone, Debug)]
pub(crate) struct IndexEntry {
    pub name: String,
    /// Its own page.
    pub page: PathBuf,
    pub question: String,
    /// The verdicts, or the best agents.
    pub sentences: Vec<String>,
    /// How many runs have which state, and when the last one ended.
    pub state: String,
    /// The main figure.
    pub figure: Option<PageDrawings>,
    /// All figures, by the names of their files without extension.
    pub figures: Vec<(String, PageDrawings)>,
}

impl IndexEntry {
    /// The figure of this experiment that a path names, such as `../results/NAME/figures/goodhart.svg`.
    pub fn figure_at(&self, path: &str) -> Option<&PageDrawings> {
        let path = Path::new(path);
        let folder = path.parent().filter(|folder| folder.ends_with("figures"))?;
        let is_here = folder.parent()?.file_name()? == self.name.as_str();
        let named = |(name, _): &&(String, PageDrawings)| {
            path.file_stem().is_some_and(|stem| stem == name.as_str())
        };
        self.figures.iter().find(named).filter(|_| is_here).map(|(_, drawings)| drawings)
    }
}

/// The page with all entries, in their order, for a file in the folder `folder`.
pub(crate) fn page(
    title: &str,
    text: Option<&IndexText>,
    folder: &Path,
    entries: &[&IndexEntry],
) -> String {
    let text = text.map(|text| render(text, folder, entries));
    // A text shows the figures that matter to it.
    let figures: Vec<Option<&PageDrawings>> = match &text {
        Some(_) => vec![None; entries.len()],
        None => entries.iter().map(|entry| entry.figure.as_ref()).collect(),
    };
    let level = if text.is_some() { "h3" } else { "h2" };
    let items = entries.iter().zip(&figures);
    let items: String = items.map(|(entry, it)| item(level, folder, entry, *it)).collect();
    let large = text.iter().flat_map(|text| &text.figures).map(|figure| figure.page.svg.as_str());
    let small = figures.iter().flatten().map(|figure| figure.phone.svg.as_str());
    let (title, body) = match &text {
        Some(text) => (
            text.title.as_deref().unwrap_or(title),
            format!(
                "<article class=\"text\">\n{}</article>\n<h2>All experiments</h2>\n{items}",
                text.html
            ),
        ),
        None => (title, format!("<h1>{}</h1>\n{items}", escape(title))),
    };
    document_with(title, &body, large.chain(small), None)
}

fn item(level: &str, folder: &Path, entry: &IndexEntry, figure: Option<&PageDrawings>) -> String {
    let (name, page) = (escape(&entry.name), escape(&address(folder, &entry.page)));
    let sentences: String =
        entry.sentences.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    let figure = figure.map_or(String::new(), small_plot);
    format!(
        "<section class=\"experiment\">\n<{level}><a href=\"{page}\">{name}</a></{level}>\n\
         <p class=\"question\">{}</p>\n{sentences}{figure}<p class=\"note\">{}</p>\n</section>\n",
        escape(&entry.question),
        escape(&entry.state),
    )
}

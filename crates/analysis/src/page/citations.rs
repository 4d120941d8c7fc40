//! The sources that a section of the page cites, numbered in the order of their first citation.

use zerolab_metrics::published::PublishedTables;

use crate::html::escape;
use crate::report_table::TableCell;

/// The cited sources of a section.
pub(super) struct Citations<'a> {
    tables: &'a PublishedTables,
    /// Begins the anchors of the sources, so that those of two sections differ.
    anchor: &'static str,
    cited: Vec<&'a str>,
}

impl<'a> Citations<'a> {
    pub fn new(tables: &'a PublishedTables, anchor: &'static str) -> Self {
        Self { tables, anchor, cited: Vec::new() }
    }

    /// `[3]`, the number of a source in the list, as a link to it.
    pub fn cite(&mut self, source: &'a str) -> TableCell {
        let index = self.cited.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.cited.push(source);
            self.cited.len() - 1
        });
        let number = index + 1;
        TableCell::from(format!("[{number}]")).linked(format!("#{}-{number}", self.anchor))
    }

    /// The list of the sources, below a heading.
    pub fn list(&self) -> String {
        let item = |(index, name): (usize, &&str)| {
            let Some(source) = self.tables.source(name) else { return String::new() };
            let citation = escape(&source.citation);
            let text = match source.address.as_str() {
                "" => citation,
                address => format!("<a href=\"{}\">{citation}</a>", escape(address)),
            };
            format!("<li id=\"{}-{}\">{text}</li>\n", self.anchor, index + 1)
        };
        let items: String = self.cited.iter().enumerate().map(item).collect();
        format!("<h3>Sources</h3>\n<ol class=\"note\">\n{items}</ol>\n")
    }
}

//! The text of an index: Markdown as HTML.
//!
//! What a text says of experiments leads to them: their names in code are links to their pages, and pictures of their
//! figures are drawn from the present records. Relative links lead from the page to where they lead from the text. HTML
//! in the text is left out, so comments may stand in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::address::{address, from_page};
use super::figures::text_figure;
use super::index::IndexEntry;
use crate::figures::PageDrawings;
use crate::html::escape;

/// A text in Markdown, for the top of an index.
#[derive(Clone, Debug)]
pub struct IndexText {
    /// Its file, from which its relative links lead.
    pub path: PathBuf,
    /// Its contents.
    pub markdown: String,
}

/// A text for a page.
pub(super) struct RenderedText<'a> {
    /// Its first heading.
    pub title: Option<String>,
    pub html: String,
    /// The figures that it shows.
    pub figures: Vec<&'a PageDrawings>,
}

/// The text for a page in the folder `folder`, with these experiments.
pub(super) fn render<'a>(
    text: &IndexText,
    folder: &Path,
    entries: &[&'a IndexEntry],
) -> RenderedText<'a> {
    let events: Vec<Event<'_>> =
        Parser::new_ext(&text.markdown, Options::ENABLE_TABLES).filter(is_shown).collect();
    let mut renderer = Renderer {
        text,
        folder,
        entries,
        ids: BTreeMap::new(),
        in_head: false,
        out: Vec::new(),
        shown: RenderedText { title: None, html: String::new(), figures: Vec::new() },
    };
    let mut rest = &events[..];
    while let Some(taken) = renderer.next(rest) {
        rest = &rest[taken..];
    }
    let Renderer { out, mut shown, .. } = renderer;
    html::push_html(&mut shown.html, out.into_iter());
    shown
}

fn is_shown(event: &Event<'_>) -> bool {
    !matches!(
        event,
        Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Start(Tag::HtmlBlock)
            | Event::End(TagEnd::HtmlBlock)
    )
}

struct Renderer<'a, 'e> {
    text: &'e IndexText,
    folder: &'e Path,
    entries: &'e [&'a IndexEntry],
    /// How often each id of a heading occurred.
    ids: BTreeMap<String, usize>,
    /// Whether a heading of a table goes on: the page makes buttons of these, which hold no links.
    in_head: bool,
    out: Vec<Event<'e>>,
    shown: RenderedText<'a>,
}

impl<'e> Renderer<'_, 'e> {
    /// Renders the first of `events`, or the first ones. Returns how many; nothing at the end.
    fn next(&mut self, events: &[Event<'e>]) -> Option<usize> {
        let mut taken = 1;
        match events.first()? {
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                let heading = words(events, |end| matches!(end, TagEnd::Heading(_))).0;
                let id = Some(self.id(&heading));
                self.shown.title.get_or_insert(heading);
                let (level, classes, attrs) = (*level, classes.clone(), attrs.clone());
                self.out.push(Event::Start(Tag::Heading { level, id, classes, attrs }));
            }
            // A figure is no part of a paragraph.
            Event::Start(Tag::Paragraph) if is_picture(events) => {
                taken = 2 + self.picture(&events[1..]);
            }
            Event::Start(Tag::Image { .. }) => taken = self.picture(events),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = self.link(dest_url).into();
                let (link_type, title, id) = (*link_type, title.clone(), id.clone());
                self.out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                // A link in a link is none.
                let (_, length) = words(events, |end| matches!(end, TagEnd::Link));
                self.out.extend(events[1..length].iter().cloned());
                taken = length;
            }
            Event::Start(Tag::Table(columns)) => {
                let opening =
                    "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">";
                self.out.push(Event::Html(opening.into()));
                self.out.push(Event::Start(Tag::Table(columns.clone())));
            }
            Event::End(TagEnd::Table) => {
                self.out.push(Event::End(TagEnd::Table));
                self.out.push(Event::Html("</div>\n".into()));
            }
            Event::Start(Tag::TableHead) => {
                self.in_head = true;
                self.out.push(Event::Start(Tag::TableHead));
            }
            Event::End(TagEnd::TableHead) => {
                self.in_head = false;
                self.out.push(Event::End(TagEnd::TableHead));
            }
            Event::Code(code) => match self.entries.iter().find(|entry| *entry.name == **code) {
                Some(entry) if !self.in_head => {
                    let page = escape(&address(self.folder, &entry.page));
                    let link = format!("<a href=\"{page}\"><code>{}</code></a>", escape(code));
                    self.out.push(Event::InlineHtml(link.into()));
                }
                _ => self.out.push(Event::Code(code.clone())),
            },
            // A number and its interval stay in one line.
            Event::Text(text) => {
                self.out.push(Event::Text(text.replace(" ± ", "\u{a0}±\u{a0}").into()));
            }
            event => self.out.push(event.clone()),
        }
        Some(taken)
    }

    /// The picture that begins with the first of `events`. Returns the number of its events.
    fn picture(&mut self, events: &[Event<'e>]) -> usize {
        let (caption, length) = words(events, |end| matches!(end, TagEnd::Image));
        let Some(Event::Start(Tag::Image { dest_url, .. })) = events.first() else { return length };
        let found = self.entries.iter().find_map(|entry| Some((entry, entry.figure_at(dest_url)?)));
        let html = match found {
            Some((entry, drawings)) => {
                self.shown.figures.push(drawings);
                let page = escape(&address(self.folder, &entry.page));
                let name = escape(&entry.name);
                let source = format!("<a href=\"{page}\"><code>{name}</code></a>");
                text_figure(drawings, &escape(&caption), &source)
            }
            // The page loads nothing.
            None => {
                let (file, caption) = (escape(&self.link(dest_url)), escape(&caption));
                format!("<p class=\"note\"><a href=\"{file}\">{caption}</a></p>\n")
            }
        };
        self.out.push(Event::Html(html.into()));
        length
    }

    /// Where a link of the text leads from the page.
    fn link(&self, target: &str) -> String {
        let (file, anchor) = target.split_at(target.find('#').unwrap_or(target.len()));
        if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
            return target.to_owned();
        }
        let beside = self.text.path.parent().unwrap_or(Path::new(""));
        from_page(self.folder, &beside.join(file)) + anchor
    }

    /// The id of a heading, as links to it have it: each one once.
    fn id(&mut self, heading: &str) -> CowStr<'static> {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let id = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let count = self.ids.entry(id.clone()).or_default();
        *count += 1;
        match *count {
            1 => id.into(),
            more => format!("{id}-{}", more - 1).into(),
        }
    }
}

/// Whether the paragraph that begins `events` has one picture and nothing else.
fn is_picture(events: &[Event<'_>]) -> bool {
    let Some(Event::Start(Tag::Image { .. })) = events.get(1) else { return false };
    let (_, length) = words(&events[1..], |end| matches!(end, TagEnd::Image));
    matches!(events.get(1 + length), Some(Event::End(TagEnd::Paragraph)))
}

/// The words of the element that begins `events`, and the number of its events.
fn words(events: &[Event<'_>], is_end: impl Fn(&TagEnd) -> bool) -> (String, usize) {
    let mut words = String::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::End(end) if is_end(end) => return (words, index + 1),
            Event::Text(text) | Event::Code(text) => words.push_str(text),
            Event::SoftBreak | Event::HardBreak => words.push(' '),
            _ => {}
        }
    }
    (words, events.len())
}

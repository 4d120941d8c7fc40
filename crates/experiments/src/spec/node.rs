//! A TOML tree that keeps the place and the order of all keys and values.
//!
//! After merging, each value still has the [`Span`] of the text that set it last.

use toml_edit::{Document, Item, TableLike, Value};

use super::choices::Choices;
use super::located_error::LocatedError;
use super::source::Span;

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The place of its key. For an element of a list, the place of the element.
    pub key: Span,
    /// The place of the value. For a table, its header or the key that opens it.
    pub span: Span,
    /// The value.
    pub content: Content,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Keys and values.
    Table(Vec<(String, Node)>),
    /// A list.
    Array(Vec<Node>),
    /// Anything else.
    Scalar(toml::Value),
}

/// Reads the text with number `source` in [`Sources`](super::source::Sources).
pub(super) fn parse(source: usize, text: &str) -> Result<Node, LocatedError> {
    let document = Document::parse(text).map_err(|error| {
        let span = Span::new(source, error.span().unwrap_or(0..0));
        let message = error.message().trim().replace('\n', ", ");
        LocatedError::new(span, format!("not valid TOML: {message}"))
    })?;
    let root = Span::new(source, 0..0);
    Ok(Node { key: root, span: root, content: table(source, document.as_table(), root) })
}

impl Node {
    /// The entries of a table; none for anything else.
    pub fn entries(&self) -> &[(String, Node)] {
        match &self.content {
            Content::Table(entries) => entries,
            Content::Array(_) | Content::Scalar(_) => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub fn elements(&self) -> &[Node] {
        match &self.content {
            Content::Array(elements) => elements,
            Content::Table(_) | Content::Scalar(_) => &[],
        }
    }

    /// The value of `key` in a table.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The string, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(value) => value.as_str(),
            Content::Table(_) | Content::Array(_) => None,
        }
    }

    /// The same table without one key.
    pub fn without(&self, key: &str) -> Node {
        let entries = self.entries().iter().filter(|(name, _)| name != key).cloned().collect();
        Node { content: Content::Table(entries), ..*self }
    }

    /// `leaf` inside nested tables, one for each key of `path`.
    pub fn nested(path: &[String], leaf: &Node) -> Node {
        path.iter().rev().fold(leaf.clone(), |inner, key| Node {
            key: leaf.key,
            span: leaf.key,
            content: Content::Table(vec![(key.clone(), inner)]),
        })
    }

    /// Merges `over` into this value: tables are merged key by key, everything else is replaced. If the
    /// settings are a choice between several tables, another choice replaces the old one.
    pub fn merge(&mut self, over: &Node, choices: Choices<'_>) {
        let switches =
            choices.is_choice() && !over.entries().iter().any(|(key, _)| self.get(key).is_some());
        let (Content::Table(entries), Content::Table(others), false) =
            (&mut self.content, &over.content, switches)
        else {
            *self = over.clone();
            return;
        };
        for (key, other) in others {
            match entries.iter_mut().find(|(name, _)| name == key) {
                Some((_, node)) => node.merge(other, choices.child(key)),
                None => entries.push((key.clone(), other.clone())),
            }
        }
        self.key = over.key;
        self.span = over.span;
    }

    /// The value without places.
    pub fn to_value(&self) -> toml::Value {
        match &self.content {
            Content::Table(_) => toml::Value::Table(self.to_table()),
            Content::Array(elements) => {
                toml::Value::Array(elements.iter().map(Node::to_value).collect())
            }
            Content::Scalar(value) => value.clone(),
        }
    }

    /// The table without places; empty for anything else.
    pub fn to_table(&self) -> toml::Table {
        self.entries().iter().map(|(key, node)| (key.clone(), node.to_value())).collect()
    }

    /// The node at a path such as `search.noise.fractions[2]`, or the deepest one that exists on this path.
    pub fn locate(&self, path: &str) -> &Node {
        let path = path.replace('[', ".[");
        let mut node = self;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let index = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let next = match index.and_then(|index| index.parse::<usize>().ok()) {
                Some(index) => node.elements().get(index),
                None => node.get(step),
            };
            let Some(next) = next else { return node };
            node = next;
        }
        node
    }
}

fn table(source: usize, table: &dyn TableLike, parent: Span) -> Content {
    let entries = table.iter().map(|(key, item)| {
        let span = table.key(key).and_then(toml_edit::Key::span);
        let span = span.map_or(parent, |range| Span::new(source, range));
        (key.to_owned(), node(source, item, span))
    });
    Content::Table(entries.collect())
}

fn node(source: usize, item: &Item, key: Span) -> Node {
    let span = item.span().map_or(key, |range| Span::new(source, range));
    let content = match item {
        Item::None => Content::Table(Vec::new()),
        Item::Value(value) => return value_node(source, value, key),
        Item::Table(inner) => table(source, inner, key),
        Item::ArrayOfTables(tables) => Content::Array(
            tables
                .iter()
                .map(|inner| {
                    let span = inner.span().map_or(key, |range| Span::new(source, range));
                    Node { key: span, span, content: table(source, inner, span) }
                })
                .collect(),
        ),
    };
    Node { key, span, content }
}

fn value_node(source: usize, value: &Value, key: Span) -> Node {
    let span = value.span().map_or(key, |range| Span::new(source, range));
    let content = match value {
        Value::String(text) => Content::Scalar(text.value().clone().into()),
        Value::Integer(number) => Content::Scalar((*number.value()).into()),
        Value::Float(number) => Content::Scalar((*number.value()).into()),
        Value::Boolean(truth) => Content::Scalar((*truth.value()).into()),
        Value::Datetime(time) => Content::Scalar((*time.value()).into()),
        Value::InlineTable(inner) => table(source, inner, key),
        Value::Array(elements) => Content::Array(
            elements
                .iter()
                .map(|element| {
                    let span = element.span().map_or(key, |range| Span::new(source, range));
                    value_node(source, element, span)
                })
                .collect(),
        ),
    };
    Node { key, span, content }
}

/// Reads `VALUE` of `--set KEY=VALUE`. `argument` is the whole text with number `source`, and the value
/// starts at byte `offset`. A bare word is read as a string.
pub(super) fn parse_argument(
    source: usize,
    argument: &str,
    offset: usize,
    key: Span,
) -> Result<Node, LocatedError> {
    let text = &argument[offset..];
    let span = Span::new(source, offset..argument.len());
    // toml_edit gives no places for a lone value. So it is read as a document with one key, padded with
    // spaces so that the value starts at `offset`.
    let padded = format!("{:>offset$}{text}", "v=");
    match Document::parse(padded) {
        Ok(document) if document.as_table().len() == 1 => {
            let item = document.as_table().get("v").unwrap_or(document.as_item());
            Ok(node(source, item, key))
        }
        Err(error) if text.trim_start().starts_with(['[', '{', '"', '\'']) => {
            Err(LocatedError::new(span, format!("not a TOML value: {}", error.message().trim())))
        }
        _ => Ok(Node { key, span, content: Content::Scalar(text.trim().into()) }),
    }
}

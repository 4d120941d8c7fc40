//! What is wrong, and where: the errors of this module before their places are drawn, and the way from
//! serde's messages to words for people who do not write Rust.

use zerolab_environments::SettingsError;

use super::node::Node;
use super::source::{Sources, Span};
use crate::error::SpecError;

/// Something wrong at a place.
#[derive(Debug)]
pub(super) struct Fault {
    span: Span,
    message: String,
    help: Vec<String>,
}

impl Fault {
    /// `message` says what is wrong at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Vec::new() }
    }

    /// Adds a line: what to do, or for which run it went wrong.
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds the name that was probably meant, or else the list of the possible ones.
    pub fn suggest<S: AsRef<str>>(self, written: &str, names: &[S]) -> Self {
        match nearest(written, names) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if names.is_empty() => self,
            None => self.help(format!("possible here: {}", list(names))),
        }
    }

    /// What is wrong with the table `root`, as its reader said it. `what` names the table where the
    /// message itself names nothing.
    pub fn from_settings(root: &Node, error: &SettingsError, what: &str) -> Self {
        let path = error.path.trim_matches('.');
        let node = root.locate(path);
        let subject = if path.is_empty() { what.to_owned() } else { format!("`{path}`") };
        match Reading::of(&error.message) {
            Reading::UnknownKey { key, names } if names.is_empty() => {
                Self::new(node.key, format!("unknown key `{key}`: {what} has no settings"))
            }
            Reading::UnknownKey { key, names } => {
                Self::new(node.key, format!("unknown key `{key}`")).suggest(&key, &names)
            }
            Reading::UnknownValue { value, names } => {
                // The name of a variant that holds a table is written as a key.
                let span = node.get(&value).map_or(node.span, |inner| inner.key);
                Self::new(span, format!("unknown value `{value}` of {subject}"))
                    .suggest(&value, &names)
            }
            Reading::Missing { key } => {
                Self::new(node.span, format!("`{key}` is missing in {subject}"))
            }
            Reading::WrongType { found, expected } => {
                Self::new(node.span, format!("{subject} must be {expected}, not {found}"))
            }
            Reading::Other if path.is_empty() => {
                Self::new(node.span, format!("{what}: {}", error.message))
            }
            Reading::Other => {
                Self::new(node.span, format!("impossible value of {subject}: {}", error.message))
            }
        }
    }

    /// Points at `place` instead if the error stands in the text `source`, which the person who reads it
    /// did not write, and says so with `help`.
    pub fn not_in(self, source: usize, place: Span, help: impl Into<String>) -> Self {
        if self.span.source == source { Self { span: place, ..self }.help(help) } else { self }
    }

    /// Whether it points at `span`.
    pub fn is_at(&self, span: Span) -> bool {
        self.span == span
    }

    /// The error as a person reads it.
    pub fn into_error(self, sources: &Sources) -> SpecError {
        SpecError { message: self.message, excerpt: sources.excerpt(self.span), help: self.help }
    }
}

/// What serde said.
enum Reading {
    UnknownKey {
        key: String,
        names: Vec<String>,
    },
    UnknownValue {
        value: String,
        names: Vec<String>,
    },
    Missing {
        key: String,
    },
    WrongType {
        found: String,
        expected: String,
    },
    /// A check of ranges, in words of its own.
    Other,
}

impl Reading {
    fn of(message: &str) -> Self {
        let mut names = backticked(message);
        let first = if names.is_empty() { String::new() } else { names.remove(0) };
        if message.starts_with("unknown field `") {
            Self::UnknownKey { key: first, names }
        } else if message.starts_with("unknown variant `") {
            Self::UnknownValue { value: first, names }
        } else if message.starts_with("missing field `") {
            Self::Missing { key: first }
        } else if let Some((found, expected)) = ["invalid type: ", "invalid value: "]
            .iter()
            .find_map(|start| message.strip_prefix(start)?.split_once(", expected "))
        {
            Self::WrongType { found: plain_value(found), expected: plain_type(expected) }
        } else {
            Self::Other
        }
    }
}

/// The words between backticks.
fn backticked(message: &str) -> Vec<String> {
    message.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A value, as serde names it, in the words of TOML.
fn plain_value(found: &str) -> String {
    match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => match found.split_once(' ') {
            Some(("string", text)) => text.to_owned(),
            _ => backticked(found).pop().unwrap_or_else(|| found.to_owned()),
        },
    }
}

/// A Rust type, as serde names it, in the words of TOML.
fn plain_type(expected: &str) -> String {
    let name = expected.trim();
    match name {
        "f32" | "f64" => "a number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a map" => "a table".to_owned(),
        "a sequence" => "a list".to_owned(),
        _ if name.starts_with("struct ") => "a table".to_owned(),
        _ => name.to_owned(),
    }
}

/// The name nearest to what was written, if one is near enough to be meant.
pub(crate) fn nearest<'a, S: AsRef<str>>(written: &str, names: &'a [S]) -> Option<&'a str> {
    let distance = |name: &str| strsim::damerau_levenshtein(written, name);
    let near = names.iter().map(AsRef::as_ref).min_by_key(|name| distance(name))?;
    let allowed = (written.chars().count().max(near.chars().count()) + 1) / 3;
    (distance(near) <= allowed).then_some(near)
}

fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

//! Errors with a place in the spec, before the place is printed. Messages of serde become messages in terms
//! of TOML for people who do not write Rust.

use zerolab_settings::SettingsError;

use super::examples::example;
use super::node::Node;
use super::similar::{did_you_mean, question};
use super::source::{Sources, Span};
use crate::error::SpecError;

/// An error at a place in one of the texts.
#[derive(Debug)]
pub(super) struct LocatedError {
    span: Span,
    message: String,
    help: Vec<String>,
    /// The key that is not known where it stands.
    misplaced: Option<String>,
    /// Whether the help names a key that is near it.
    has_near: bool,
}

impl LocatedError {
    /// The error `message` at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Vec::new(), misplaced: None, has_near: false }
    }

    /// Adds a line of help: what to write instead, or which run is affected.
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Adds the name that was probably meant, or else all possible names.
    pub fn suggest<S: AsRef<str>>(self, written: &str, names: &[S]) -> Self {
        match did_you_mean(written, names) {
            Some(question) => self.help(question),
            None if names.is_empty() => self,
            None => self.possible(names),
        }
    }

    /// Adds all possible names.
    pub fn possible<S: AsRef<str>>(self, names: &[S]) -> Self {
        self.help(format!("possible here: {}", list(names)))
    }

    /// The key `key` is not known where it stands; `names` are.
    pub fn unknown_key<S: AsRef<str>>(self, key: &str, names: &[S]) -> Self {
        let has_near = did_you_mean(key, names).is_some();
        Self { misplaced: Some(key.to_owned()), has_near, ..self.suggest(key, names) }
    }

    /// If the key is not known where it stands, and `paths` finds keys of this name elsewhere: asks for these.
    /// A key that is near where it stands gives way only to exactly this name.
    pub fn or_elsewhere(self, paths: impl FnOnce(&str) -> Vec<String>) -> Self {
        let Some(key) = self.misplaced.as_deref() else { return self };
        let mut paths = paths(key);
        paths.retain(|path| !self.has_near || path.rsplit('.').next() == Some(key));
        if paths.is_empty() {
            return self;
        }
        Self { help: vec![question(&paths)], misplaced: None, ..self }
    }

    /// The table or key `name` is missing: adds an example of it.
    pub fn with_example(self, name: &str) -> Self {
        let Some(lines) = example(name) else { return self };
        lines.iter().fold(self.help("for example:"), |error, line| error.help(format!("  {line}")))
    }

    /// The error of reading the settings in `root`. `what` names the table where the message itself names
    /// none.
    pub fn from_settings(root: &Node, error: &SettingsError, what: &str) -> Self {
        let path = error.path.trim_matches('.');
        let node = root.locate(path);
        let subject = if path.is_empty() { what.to_owned() } else { format!("`{path}`") };
        match SerdeMessage::of(&error.message) {
            SerdeMessage::UnknownKey { key, names } if names.is_empty() => {
                let message = format!("unknown key `{key}`: {what} has no settings");
                Self::new(node.key, message)
            }
            SerdeMessage::UnknownKey { key, names } => {
                Self::new(node.key, format!("unknown key `{key}`")).unknown_key(&key, &names)
            }
            SerdeMessage::UnknownValue { value, names } => {
                // The variant of an enum with a table is written as a key.
                let span = node.get(&value).map_or(node.span, |inner| inner.key);
                Self::new(span, format!("unknown value `{value}` of {subject}"))
                    .suggest(&value, &names)
            }
            SerdeMessage::Missing { key } => {
                Self::new(node.span, format!("`{key}` is missing in {subject}")).with_example(&key)
            }
            SerdeMessage::WrongType { found, expected } => {
                Self::new(node.span, format!("{subject} must be {expected}, not {found}"))
            }
            SerdeMessage::Other if path.is_empty() => {
                Self::new(node.span, format!("{what}: {}", error.message))
            }
            SerdeMessage::Other => {
                Self::new(node.span, format!("invalid value of {subject}: {}", error.message))
            }
        }
    }

    /// Moves the error to `place` and adds `help` if it is in the text `source`. Used for presets, which the
    /// user did not write.
    pub fn not_in(self, source: usize, place: Span, help: impl Into<String>) -> Self {
        if self.span.source == source { Self { span: place, ..self }.help(help) } else { self }
    }

    /// Whether the error is at `span`.
    pub fn is_at(&self, span: Span) -> bool {
        self.span == span
    }

    /// The error with its place printed.
    pub fn into_error(self, sources: &Sources) -> SpecError {
        SpecError { message: self.message, excerpt: sources.excerpt(self.span), help: self.help }
    }
}

/// The kinds of message that serde writes.
enum SerdeMessage {
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
    /// A range check, in its own words.
    Other,
}

impl SerdeMessage {
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

/// The texts between backticks.
fn backticked(message: &str) -> Vec<String> {
    message.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// serde's name of a value in terms of TOML.
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

/// serde's name of a Rust type in terms of TOML.
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

fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

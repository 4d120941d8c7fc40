//! What a person reads when a spec or an override of it is wrong.

/// The first thing wrong with a spec. Its `Display` is the whole message: what is wrong, the line with
/// the offending text underlined, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n{excerpt}{}", help.iter().map(|line| format!("  = {line}\n")).collect::<String>())]
pub struct SpecError {
    /// What is wrong, in one line.
    pub message: String,
    /// The place, as `--> file:line:column` and the underlined line. Empty if the file could not be read.
    pub excerpt: String,
    /// What to do about it, and for which run it went wrong.
    pub help: Vec<String>,
}

//! What a person reads when a spec or an override of it is wrong.

/// The first thing wrong with a spec. Its `Display` is the whole message, of several lines: what is
/// wrong, the line with the offending text underlined, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", whole(message, excerpt, help))]
pub struct SpecError {
    /// What is wrong, in one line.
    pub message: String,
    /// The place, as `--> file:line:column` and the underlined line. Empty if the file could not be read.
    pub excerpt: String,
    /// What to do about it, and for which run it went wrong; a line each.
    pub help: Vec<String>,
}

fn whole(message: &str, excerpt: &str, help: &[String]) -> String {
    let excerpt = (!excerpt.is_empty()).then(|| excerpt.trim_end_matches('\n').to_owned());
    let help = help.iter().map(|line| format!("  = {line}"));
    std::iter::once(message.to_owned()).chain(excerpt).chain(help).collect::<Vec<_>>().join("\n")
}

//! Keys of sweeps, exclusions and `--set`, such as `agents.*.search.simulations`.

use super::fault::Fault;
use super::source::Span;

/// A key with what it is a key of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// As a person wrote it.
    pub written: String,
    /// Whose setting it is.
    pub target: Target,
    /// The way to it from there; never empty.
    pub path: Vec<String>,
    /// Where it was written.
    pub span: Span,
}

/// Whose setting a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// `environment.…`
    Environment,
    /// `budget.…`
    Budget,
    /// `evaluation.…`
    Evaluation,
    /// `agents.*.…`: every agent that has the setting.
    EveryAgent,
    /// `agents.NAME.…`
    Agent(String),
}

const SECTIONS: [&str; 4] = ["environment", "budget", "evaluation", "agents"];

impl Key {
    /// The key of these parts, where `agents` are the agents that there are.
    pub fn new(parts: Vec<String>, span: Span, agents: &[String]) -> Result<Self, Fault> {
        let written = parts.join(".");
        let section = parts.first().map_or("", String::as_str);
        let (target, path) = match section {
            "environment" => (Target::Environment, &parts[1..]),
            "budget" => (Target::Budget, &parts[1..]),
            "evaluation" => (Target::Evaluation, &parts[1..]),
            "agents" => agent(&parts[1..], span, agents)?,
            _ => {
                return Err(Fault::new(span, format!("`{written}` cannot be changed here"))
                    .suggest(section, &SECTIONS)
                    .help(
                        "a key begins with the table that it stands in, as `budget.real_steps`",
                    ));
            }
        };
        if path.is_empty() {
            return Err(Fault::new(span, format!("`{written}` is a whole table"))
                .help(format!("name one of its keys, as `{}`", example(section))));
        }
        let path = path.to_vec();
        Ok(Self { written, target, path, span })
    }

    /// Whether `self` and `other` set the same thing of the same target.
    pub fn is_same(&self, other: &Key) -> bool {
        self.target == other.target && self.path == other.path
    }
}

/// The parts of a dotted key; quotes keep dots inside a part together.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '.' => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// The agent that `parts` begin with and the rest. A name that holds dots need not be quoted.
fn agent<'a>(
    parts: &'a [String],
    span: Span,
    agents: &[String],
) -> Result<(Target, &'a [String]), Fault> {
    if parts.first().is_some_and(|part| part == "*") {
        return Ok((Target::EveryAgent, &parts[1..]));
    }
    let known = (1..=parts.len()).find(|&n| agents.contains(&parts[..n].join(".")));
    match (known, parts.first()) {
        (Some(n), _) => Ok((Target::Agent(parts[..n].join(".")), &parts[n..])),
        (None, Some(name)) => {
            Err(Fault::new(span, format!("no agent `{name}` in this spec")).suggest(name, agents))
        }
        (None, None) => Ok((Target::EveryAgent, parts)),
    }
}

fn example(section: &str) -> &'static str {
    match section {
        "environment" => "environment.name",
        "budget" => "budget.real_steps",
        "evaluation" => "evaluation.every",
        _ => "agents.NAME.KEY",
    }
}

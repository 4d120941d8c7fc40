//! Keys of sweeps, exclusions and `--set`, such as `agents.*.search.simulations`.

use zerolab_metrics::labels::agent_name;

use super::located_error::LocatedError;
use super::similar::did_you_mean;
use super::source::Span;

/// A key, split into its target and the path there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// As written.
    pub written: String,
    /// The table that has the setting.
    pub target: Target,
    /// The path inside the target; never empty.
    pub path: Vec<String>,
    /// Where it is written.
    pub span: Span,
}

/// The table that a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// `environment.…`
    Environment,
    /// `budget.…`
    Budget,
    /// `evaluation.…`
    Evaluation,
    /// `phase.NUMBER.…`, from 1.
    Phase(usize),
    /// `agents.*.…`: every agent that has the setting.
    EveryAgent,
    /// `agents.NAME.…`
    Agent(String),
}

const SECTIONS: [&str; 5] = ["environment", "budget", "evaluation", "phase", "agents"];

/// Whether a sweep or `--set` can change the key at this path.
pub(super) fn can_be_changed(path: &str) -> bool {
    path.split_once('.').is_some_and(|(section, _)| SECTIONS.contains(&section))
}

impl Key {
    /// The key made of `parts`. `agents` lists the agents of the spec.
    pub fn new(parts: Vec<String>, span: Span, agents: &[String]) -> Result<Self, LocatedError> {
        let written = parts.join(".");
        let section = parts.first().map_or("", String::as_str);
        let (target, path) = match section {
            "environment" => (Target::Environment, &parts[1..]),
            "budget" => (Target::Budget, &parts[1..]),
            "evaluation" => (Target::Evaluation, &parts[1..]),
            "phase" => phase(&parts[1..], span)?,
            "agents" => agent(&parts[1..], span, agents)?,
            _ => {
                let last = parts.last().map_or("", String::as_str);
                let error = LocatedError::new(span, format!("`{written}` cannot be changed here"));
                let error = match did_you_mean(section, &SECTIONS) {
                    Some(_) => error.suggest(section, &SECTIONS),
                    None => error.unknown_key(last, &SECTIONS),
                };
                return Err(error.help("a key starts with its table, such as `budget.real_steps`"));
            }
        };
        if path.is_empty() {
            return Err(LocatedError::new(span, format!("`{written}` is a whole table"))
                .help(format!("name one of its keys, such as `{}`", example(section))));
        }
        let path = path.to_vec();
        Ok(Self { written, target, path, span })
    }

    /// Whether both keys set the same setting of the same target.
    pub fn is_same(&self, other: &Key) -> bool {
        self.target == other.target && self.path == other.path
    }
}

/// The parts of a dotted key. A quoted part may contain dots.
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

/// Splits `parts` into the number of a phase and the path inside it.
fn phase(parts: &[String], span: Span) -> Result<(Target, &[String]), LocatedError> {
    let number = parts.first().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    match number {
        Some(number) => Ok((Target::Phase(number), &parts[1..])),
        None => Err(LocatedError::new(span, "a phase is named by its number, from 1")
            .help("for example: `phase.2.real_steps`")),
    }
}

/// Splits `parts` into the agent and the path inside it. An agent's name with dots need not be quoted.
fn agent<'a>(
    parts: &'a [String],
    span: Span,
    agents: &[String],
) -> Result<(Target, &'a [String]), LocatedError> {
    if parts.first().is_some_and(|part| part == "*") {
        return Ok((Target::EveryAgent, &parts[1..]));
    }
    // The file of a swept run names its agent by a label such as `dqn [batch_size=16]`.
    let called = |name: &str| agents.iter().find(|it| *it == name || agent_name(it) == name);
    let known = (1..=parts.len()).find_map(|n| Some((n, called(&parts[..n].join("."))?)));
    match (known, parts.first()) {
        (Some((n, agent)), _) => Ok((Target::Agent(agent.clone()), &parts[n..])),
        (None, Some(name)) => {
            let names: Vec<&str> = agents.iter().map(|agent| agent_name(agent)).collect();
            Err(LocatedError::new(span, format!("no agent `{name}` in this spec"))
                .suggest(name, &names))
        }
        (None, None) => Ok((Target::EveryAgent, parts)),
    }
}

fn example(section: &str) -> &'static str {
    match section {
        "environment" => "environment.name",
        "budget" => "budget.real_steps",
        "evaluation" => "evaluation.every",
        "phase" => "phase.1.real_steps",
        _ => "agents.NAME.KEY",
    }
}

//! Which runs a setting `agents.…` of the command line applies to.

use super::arguments::unquoted_equals;
use super::catalogue::Catalogue;
use super::choices::Choices;
use super::keys::split;
use crate::plan::resolved::ResolvedRun;

/// Whether the setting `KEY=VALUE` applies to the agent of `run`: `agents.NAME.…` to agents of this name, `agents.*.…`
/// to agents that have the setting. A key of another table applies to every run.
#[must_use]
pub fn applies(argument: &str, run: &ResolvedRun, catalogue: &Catalogue) -> bool {
    let length = unquoted_equals(argument).unwrap_or(argument.len());
    let parts = split(&argument[..length]);
    match &parts[..] {
        [agents, every, path @ ..] if agents == "agents" && every == "*" => {
            let kind = catalogue.agents.iter().find(|kind| kind.name == run.agent.kind);
            let schema = kind.map(|kind| (kind.schema)().to_value()).unwrap_or_default();
            Choices::new(&schema).has(Some(&run.agent.settings), path)
        }
        [agents, rest @ ..] if agents == "agents" => {
            (1..=rest.len()).any(|n| rest[..n].join(".") == run.agent.name())
        }
        _ => true,
    }
}

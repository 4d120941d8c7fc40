//! `zerolab list`: the entries of the registries, and their settings.

mod settings;

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;
use zerolab_experiments::spec::Figure;
use zerolab_metrics::text_table::Align::Left;
use zerolab_metrics::text_table::TextTable;

use super::write_json;
use crate::error::CommandError;
use crate::reports;
use crate::terminal::fitted;

pub const HELP: &str = examples!(
    "  \
  zerolab list environments    the values of `environment.name`
  zerolab list agents          the presets
  zerolab list figures --json  the values of `kind` of a figure
  zerolab list settings dqn    every setting with its type, range and value, and what it means
  zerolab list settings minatar/breakout"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// What to list
    registry: Registry,
    /// Of `settings`: the agent or environment whose settings are listed, instead of all
    #[arg(value_name = "AGENT|ENVIRONMENT")]
    name: Option<String>,
    /// Of `settings`: print them as Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A registry, or the settings of its entries.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Registry {
    /// The values of `environment.name`
    Environments,
    /// The values of `[agents.NAME]` and `preset`
    Agents,
    /// The values of `kind` in a `[[figure]]`
    Figures,
    /// The settings of agents and environments
    Settings,
}

/// An entry of a registry.
#[derive(Serialize)]
struct RegistryEntry {
    name: &'static str,
    summary: &'static str,
    /// The feature that the entry needs, if this program was built without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    lacks: Option<&'static str>,
    /// The quantities that the x-axis of a figure can show, the default first.
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<&'static [&'static str]>,
}

impl RegistryEntry {
    fn cells(&self) -> [String; 2] {
        let lacks = self.lacks.map(|feature| format!(" (needs the feature `{feature}`)"));
        [self.name.to_owned(), format!("{}{}", self.summary, lacks.unwrap_or_default())]
    }
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let Arguments { registry, name, json, markdown } = arguments;
    if (name.is_some() || *markdown) && !matches!(registry, Registry::Settings) {
        let message = "a name and --markdown belong to `zerolab list settings`".to_owned();
        return Err(CommandError::Arguments(message));
    }
    let entries: Vec<RegistryEntry> = match registry {
        Registry::Settings => return settings::write(name.as_deref(), *json, *markdown, out),
        Registry::Environments => zerolab_environments::entries()
            .iter()
            .map(|entry| RegistryEntry {
                name: entry.name,
                summary: entry.summary,
                lacks: entry.missing_feature,
                x: None,
            })
            .collect(),
        Registry::Agents => zerolab_agents::presets()
            .iter()
            .map(|preset| RegistryEntry {
                name: preset.name,
                summary: preset.summary,
                lacks: None,
                x: None,
            })
            .collect(),
        Registry::Figures => reports::figures()
            .unwrap_or_default()
            .into_iter()
            .map(|(Figure { kind, xs, .. }, summary)| RegistryEntry {
                name: kind,
                summary,
                lacks: None,
                x: Some(xs),
            })
            .collect(),
    };
    if *json {
        return write_json(out, &entries);
    }
    let mut table = TextTable::new(&[("name", Left), ("summary", Left)]);
    entries.iter().for_each(|entry| table.row(entry.cells()));
    write!(out, "{}", fitted(table))?;
    Ok(())
}

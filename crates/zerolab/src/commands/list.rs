//! `zerolab list`: what the registries hold.

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::write_json;
use crate::failure::Failure;
use crate::reports;
use crate::table::Table;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Which registry
    what: What,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// A registry.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// What `environment.name` can be
    Environments,
    /// What `[agents.NAME]` and `preset` can be
    Agents,
    /// What `kind` of a `[[figure]]` can be
    Figures,
}

/// A line of a registry.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    summary: &'static str,
    /// The feature without which this program was built, and which it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    lacks: Option<&'static str>,
}

impl Listed {
    fn line(&self) -> [String; 2] {
        let lacks = self.lacks.map(|feature| format!(" (takes the feature `{feature}`)"));
        [self.name.to_owned(), format!("{}{}", self.summary, lacks.unwrap_or_default())]
    }
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let listed: Vec<Listed> = match arguments.what {
        What::Environments => zerolab_environments::entries()
            .iter()
            .map(|entry| Listed {
                name: entry.name,
                summary: entry.summary,
                lacks: entry.missing_feature,
            })
            .collect(),
        What::Agents => zerolab_agents::presets()
            .iter()
            .map(|preset| Listed { name: preset.name, summary: preset.summary, lacks: None })
            .collect(),
        What::Figures => reports::figures()
            .unwrap_or_default()
            .into_iter()
            .map(|(name, summary)| Listed { name, summary, lacks: None })
            .collect(),
    };
    if arguments.json {
        return write_json(out, &listed);
    }
    let mut table = Table::new(&["name", "what it is"]);
    listed.iter().for_each(|listed| table.row(listed.line()));
    write!(out, "{table}")?;
    Ok(())
}

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
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let listed: Vec<Listed> = match arguments.what {
        What::Environments => zerolab_environments::entries()
            .iter()
            .map(|entry| Listed { name: entry.name, summary: entry.summary })
            .collect(),
        What::Agents => zerolab_agents::presets()
            .iter()
            .map(|preset| Listed { name: preset.name, summary: preset.summary })
            .collect(),
        What::Figures => reports::figures()
            .unwrap_or_default()
            .into_iter()
            .map(|(name, summary)| Listed { name, summary })
            .collect(),
    };
    if arguments.json {
        return write_json(out, &listed);
    }
    let mut table = Table::new(&["name", "what it is"]);
    listed.iter().for_each(|line| table.row([line.name.to_owned(), line.summary.to_owned()]));
    write!(out, "{table}")?;
    Ok(())
}

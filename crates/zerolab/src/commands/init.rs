//! `zerolab init`: writes a spec to start from.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use zerolab_experiments::plan::Overrides;
use zerolab_experiments::plan::forecast::forecast;
use zerolab_experiments::shell::quoted;
use zerolab_experiments::spec::{Catalogue, Experiment, load_text, starting_spec};

use super::check_name;
use crate::error::{CommandError, write_error};
use crate::plan_arguments::known_figures;

pub const HELP: &str = examples!(
    "  \
  zerolab init first                              writes first.toml
  zerolab init experiments/games --environment minatar/breakout --agent muzero --agent dqn"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The name of the experiment; its file is NAME.toml
    #[arg(value_name = "NAME")]
    name: PathBuf,
    /// The environment
    #[arg(long, value_name = "NAME", default_value = "cartpole")]
    environment: String,
    /// An agent, by the name of its preset; can be repeated
    #[arg(long = "agent", value_name = "PRESET", default_values = ["efficientzero", "dqn", "random"])]
    agents: Vec<String>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let environments = zerolab_environments::entries().iter().map(|entry| entry.name);
    check_name("environment", &arguments.environment, environments)?;
    for agent in &arguments.agents {
        check_name("agent", agent, zerolab_agents::presets().iter().map(|preset| preset.name))?;
    }
    let agents = &arguments.agents;
    if let Some(place) = (1..agents.len()).find(|&place| agents[..place].contains(&agents[place])) {
        let message = format!("`--agent {}` is given twice", agents[place]);
        return Err(CommandError::Arguments(message));
    }
    let path = arguments.path();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if let Err(rule) = Experiment::check_name(&name) {
        let message = format!("an experiment cannot be called {name:?}: its name {rule}");
        return Err(CommandError::Arguments(message));
    }
    let figures = known_figures();
    let catalogue = Catalogue::built_in(figures.as_deref());
    let text = starting_spec(&catalogue, &name, &arguments.environment, &arguments.agents);
    // A name or a combination of agents that is impossible is an error before the file exists.
    let plan = load_text(&path, text.clone(), &Overrides::default(), &catalogue)?;
    // Of an environment of a user's own nothing is known before it was started.
    if plan.programs().iter().all(|program| program.is_known) {
        forecast(&plan)?;
    }
    write_new(&path, &text)?;
    let spec = quoted(&path.to_string_lossy());
    writeln!(
        out,
        "{spec}: `zerolab plan {spec}` shows its runs, `zerolab run {spec}` trains them"
    )?;
    Ok(())
}

impl Arguments {
    /// The file, with or without its ending in the argument.
    fn path(&self) -> PathBuf {
        let mut path = self.name.clone().into_os_string();
        if self.name.extension().is_none_or(|extension| extension != "toml") {
            path.push(".toml");
        }
        path.into()
    }
}

/// Writes a file that does not exist yet.
fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let message = format!("{} exists already; give another name", path.display());
            Err(CommandError::Arguments(message))
        }
        made => {
            made.and_then(|mut file| file.write_all(text.as_bytes())).map_err(write_error(path))
        }
    }
}

//! `zerolab completions`: completion scripts for shells.

use std::io::Write;

use clap::Args;
use clap_complete::{Shell, generate};

use crate::error::CommandError;

pub const HELP: &str = examples!(
    "  \
  mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions
  zerolab completions bash > ~/.local/share/bash-completion/completions/zerolab
  zerolab completions zsh > ~/.zfunc/_zerolab
  zerolab completions fish > ~/.config/fish/completions/zerolab.fish"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    // `generate` panics if its writer fails, as a closed pipe does.
    let mut script = Vec::new();
    let mut program = crate::program();
    let name = program.get_name().to_owned();
    generate(arguments.shell, &mut program, name, &mut script);
    Ok(out.write_all(&script)?)
}

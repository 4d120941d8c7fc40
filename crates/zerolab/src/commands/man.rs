//! `zerolab man`: manual pages.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use zerolab_metrics::files::write_whole;

use crate::error::{CommandError, write_error};

pub const HELP: &str = examples!(
    "  \
  zerolab man | man -l -                          read the page of zerolab
  zerolab man --folder ~/.local/share/man/man1    install a page for each command"
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// Write `zerolab.1` and a page for each command into this folder, instead of printing the page of
    /// zerolab
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut command = crate::Arguments::command().disable_help_subcommand(true);
    command.build();
    match &arguments.folder {
        None => Ok(Man::new(command).render(out)?),
        Some(folder) => {
            fs::create_dir_all(folder).map_err(write_error(folder))?;
            let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
            [command].into_iter().chain(subcommands).try_for_each(|page| write_page(folder, page))
        }
    }
}

fn write_page(folder: &Path, command: Command) -> Result<(), CommandError> {
    let page = Man::new(command);
    let path = folder.join(page.get_filename());
    let mut text = Vec::new();
    page.render(&mut text)?;
    write_whole(&path, &text).map_err(write_error(&path))
}

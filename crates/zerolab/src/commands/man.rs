//! `zerolab man`: manual pages.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
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
    let mut command = crate::program().disable_help_subcommand(true);
    command.build();
    match &arguments.folder {
        None => Ok(render(command, out)?),
        Some(folder) => {
            fs::create_dir_all(folder).map_err(write_error(folder))?;
            let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
            [command].into_iter().chain(subcommands).try_for_each(|page| write_page(folder, page))
        }
    }
}

fn write_page(folder: &Path, command: Command) -> Result<(), CommandError> {
    let path = folder.join(Man::new(command.clone()).get_filename());
    let mut text = Vec::new();
    render(command, &mut text)?;
    write_whole(&path, &text).map_err(write_error(&path))
}

/// Writes a page. Its examples and exit codes are sections whose lines stay as they are.
fn render(command: Command, out: &mut dyn Write) -> io::Result<()> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_options = command.get_arguments().any(|argument| !argument.is_hide_set());
    let has_subcommands = command.has_subcommands();
    let has_version = command.get_version().is_some();
    let page = Man::new(command);
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    if has_options {
        page.render_options_section(out)?;
    }
    if has_subcommands {
        page.render_subcommands_section(out)?;
    }
    let mut roff = Roff::new();
    for part in help.split("\n\n") {
        let (heading, lines) = match part.split_once('\n') {
            Some(("Examples:", lines)) => ("EXAMPLES", lines),
            Some(("Exit codes:", lines)) => ("EXIT STATUS", lines),
            _ => ("NOTES", part),
        };
        roff.control("SH", [heading]).control("nf", []);
        roff.text([roman(lines)]).control("fi", []);
    }
    roff.to_writer(out)?;
    if has_version {
        page.render_version_section(out)?;
    }
    Ok(())
}

//! `zerolab watch`: an episode of a trained agent, with its decisions.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use zerolab_experiments::inspect::watch::Player;
use zerolab_metrics::format::{count, counted};

use crate::error::{CommandError, write_error};
use crate::numbers::whole;
use crate::plan_arguments::ResultsArguments;
use crate::terminal::stdout_width;
use crate::watching::{Animation, Text};

pub const HELP: &str = examples!(
    "  \
  zerolab watch RUN                     an episode in the terminal
  zerolab watch RUN --seed 1 --delay 0  the second evaluation episode, as fast as possible
  zerolab watch RUN --gif episode.gif   as a GIF
  zerolab watch RUN --json              every step as a line of JSON
`zerolab status spec.toml` lists the runs of a spec."
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The id of a run, or its folder
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    results: ResultsArguments,
    /// The number of the evaluation episode, with the environment of the run's own evaluations; episode 0
    /// repeats the first episode of the last evaluation
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = whole::<u64>, allow_negative_numbers = true)]
    seed: u64,
    /// Write the episode as a GIF, instead of text
    #[arg(long, value_name = "FILE")]
    gif: Option<PathBuf>,
    /// Print a line of JSON for each step
    #[arg(long)]
    json: bool,
    /// The time that a step is shown, in the terminal and in the GIF
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 120)]
    #[arg(value_parser = whole::<u64>, allow_negative_numbers = true)]
    delay: u64,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    if let Some(path) = &arguments.gif
        && !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gif"))
    {
        let message =
            format!("{}: a GIF is written, so the file must end in `.gif`", path.display());
        return Err(CommandError::Arguments(message));
    }
    let mut player = Player::open(arguments.results.folder(), &arguments.run)?;
    let description = player.description().clone();
    let mut animation = match &arguments.gif {
        Some(path) => {
            let animation = Animation::create(path, &description, arguments.delay);
            Some((animation.map_err(write_error(path))?, path))
        }
        None => None,
    };
    let terminal = io::stdout().is_terminal();
    let heading = format!(
        "{} in {} after {} real steps, evaluation episode {}",
        player.run().agent.label,
        description.name,
        count(player.real_steps()),
        arguments.seed
    );
    let text = Text { description: &description, terminal, heading };
    let prints_text = !arguments.json && animation.is_none();
    let (mut steps, mut result) = (0, 0.0);
    player.play::<CommandError>(arguments.seed, &mut |step| {
        (steps, result) = (step.step + 1, step.r#return);
        if let Some((animation, path)) = &mut animation {
            animation.add(&step).map_err(write_error(path))?;
        }
        if arguments.json {
            writeln!(out, "{}", serde_json::to_string(&step)?)?;
        } else if prints_text {
            text.write(&step, stdout_width(), out)?;
            if terminal {
                sleep(Duration::from_millis(arguments.delay));
            }
        }
        Ok(())
    })?;
    if let Some((animation, path)) = animation {
        animation.finish().map_err(write_error(path))?;
        if !arguments.json {
            let steps = counted(steps as usize, "step");
            writeln!(out, "{}: {steps}, return {result:+}", path.display())?;
        }
    }
    Ok(())
}

//! `zerolab watch`: an episode of a trained agent, with its decisions.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use zerolab_experiments::error::RunError;
use zerolab_experiments::inspect::watch::{Player, WatchedStep};
use zerolab_metrics::format::{count, counted};

use crate::error::{CommandError, write_error};
use crate::numbers::whole;
use crate::plan_arguments::ResultsArguments;
use crate::terminal::stdout_width;
use crate::watching::{Animation, Controls, Text};

pub const HELP: &str = examples!(
    "  \
  zerolab watch RUN                     an episode in the terminal
  zerolab watch RUN --seed 1 --delay 0  the second evaluation episode, as fast as possible
  zerolab watch RUN --gif episode.gif   as a GIF
  zerolab watch RUN --json              every step as a line of JSON
`zerolab status spec.toml` lists the runs of a spec.
In a terminal, space pauses and goes on, n shows the next step, and q ends."
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
    /// Begin paused, in a terminal with a keyboard
    #[arg(long)]
    paused: bool,
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
    let heading = format!(
        "{} in {} after {} real steps, evaluation episode {}",
        player.run().agent.label,
        description.name,
        count(player.real_steps()),
        arguments.seed
    );
    let mut animation = match &arguments.gif {
        Some(path) => {
            let (scene, delay) = (player.scene()?, arguments.delay);
            let made = Animation::create(path, &description, scene.as_ref(), &heading, delay);
            Some((made.map_err(write_error(path))?, path))
        }
        None => None,
    };
    let prints_text = !arguments.json && animation.is_none();
    let terminal = io::stdout().is_terminal();
    let text = Text { description: &description, terminal, heading };
    let delay = Duration::from_millis(arguments.delay);
    let mut controls =
        if prints_text && terminal { Controls::open(arguments.paused) } else { None };
    let (mut steps, mut result) = (0, 0.0);
    let mut show = |step: WatchedStep| -> Result<bool, CommandError> {
        (steps, result) = (step.step + 1, step.r#return);
        if let Some((animation, path)) = &mut animation {
            animation.add(&step).map_err(write_error(path))?;
        }
        if arguments.json {
            writeln!(out, "{}", serde_json::to_string(&step)?)?;
        } else if prints_text {
            text.write(&step, stdout_width(), out)?;
            match &mut controls {
                Some(controls) if step.last_observation.is_none() => {
                    return Ok(controls.wait(delay, out)?);
                }
                None if terminal => sleep(delay),
                _ => {}
            }
        }
        Ok(true)
    };
    let played = player.play(arguments.seed, &mut |step| match show(step) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Interruption::Ended),
        Err(error) => Err(Interruption::Failed(Box::new(error))),
    });
    drop(controls);
    match played {
        Err(Interruption::Failed(error)) => return Err(*error),
        Err(Interruption::Ended) => writeln!(out)?,
        Ok(()) => {}
    }
    if let Some((animation, path)) = animation {
        animation.finish().map_err(write_error(path))?;
        if !arguments.json {
            let steps = counted(steps as usize, "step");
            writeln!(out, "{}: {steps}, return {result:+}", path.display())?;
        }
    }
    Ok(())
}

/// Why an episode is not shown to its end.
enum Interruption {
    /// The user has ended it.
    Ended,
    Failed(Box<CommandError>),
}

impl From<RunError> for Interruption {
    fn from(error: RunError) -> Self {
        Self::Failed(Box::new(error.into()))
    }
}

//! `zerolab watch`: an episode of a trained agent, beside what it thinks.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use zerolab_experiments::error::RunError;
use zerolab_experiments::inspect::watch::Player;

use crate::failure::Failure;
use crate::plan_arguments::ResultsArguments;
use crate::watching::{Animation, Text};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The id of a run, or its folder
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    results: ResultsArguments,
    /// Which evaluation episode: its world is that of the run's own evaluations; 0 is played as the last of them was
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write the episode as a GIF, instead of text
    #[arg(long, value_name = "FILE")]
    gif: Option<PathBuf>,
    /// As JSON, an object a step
    #[arg(long)]
    json: bool,
    /// How long a step is shown, in the terminal and in the GIF
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 120)]
    delay: u64,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let mut player = Player::open(arguments.results.folder(), &arguments.run)?;
    let description = player.description().clone();
    let mut animation = match &arguments.gif {
        Some(path) => {
            let begun = Animation::begin(path, &description, arguments.delay);
            Some((begun.map_err(unwritten(path))?, path))
        }
        None => None,
    };
    let terminal = io::stdout().is_terminal();
    let head = format!(
        "{} in {} after {} real steps, evaluation episode {}",
        player.run().agent.label,
        description.name,
        player.real_steps(),
        arguments.seed
    );
    let text = Text { description: &description, terminal, head };
    let speaks = !arguments.json && animation.is_none();
    let (mut steps, mut result) = (0, 0.0);
    player.play::<Failure>(arguments.seed, &mut |step| {
        (steps, result) = (step.step + 1, step.r#return);
        if let Some((animation, path)) = &mut animation {
            animation.show(&step).map_err(unwritten(path))?;
        }
        if arguments.json {
            writeln!(out, "{}", serde_json::to_string(&step)?)?;
        } else if speaks {
            text.write(&step, out)?;
            if terminal {
                sleep(Duration::from_millis(arguments.delay));
            }
        }
        Ok(())
    })?;
    if let Some((animation, path)) = animation {
        animation.finish().map_err(unwritten(path))?;
        if !arguments.json {
            writeln!(out, "{}: {steps} steps, return {result:+}", path.display())?;
        }
    }
    Ok(())
}

fn unwritten(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::Run(RunError::File { action: "write", path, source })
}

//! `zerolab evaluate`: plays the agents of finished runs again, and keeps the answers apart from the runs.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use zerolab_agents::DeviceName;
use zerolab_environments::Surroundings;
use zerolab_experiments::error::RunError;
use zerolab_experiments::inspect::evaluate::{EvaluationRequest, write};
use zerolab_experiments::plan::Overrides;
use zerolab_experiments::plan::chosen_weights::ChosenWeights;
use zerolab_experiments::run::identity::keep_older_ids;
use zerolab_experiments::run::trained_agent::{check_settings, find, is_finished};
use zerolab_experiments::shell::quoted;
use zerolab_experiments::spec::load_file;
use zerolab_metrics::format::{count, counted, duration, score, with_interval};
use zerolab_metrics::statistics::{Bootstrap, ScoreMatrix, mean};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;
use zerolab_metrics::{ExperimentFile, LaterEvaluation, Measure};

use super::write_json;
use crate::best_effort::BestEffort;
use crate::error::CommandError;
use crate::numbers::{positive, whole};
use crate::plan_arguments::{ResultsArguments, catalogue};
use crate::terminal::fitted;

pub const HELP: &str = examples!(
    "  \
  zerolab evaluate RUN --episodes 100                the episodes of the run's own evaluations, and more
  zerolab evaluate spec.toml --episodes 100 --seed 1 the same other episodes for every finished run
  zerolab evaluate RUN --episodes 100 --seed 1 --weights best
  zerolab evaluate RUN --episodes 100 --set agents.*.search.simulations=64
  zerolab evaluate RUN --episodes 100 --set environment.sticky_action_probability=0.25
`zerolab status spec.toml` lists the runs of a spec."
);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The id or the folder of a run, a spec (a file that ends in `.toml`) or the folder of its results
    #[arg(value_name = "RUN|SPEC")]
    subject: String,
    #[command(flatten)]
    results: ResultsArguments,
    /// The number of episodes for each run
    #[arg(long, value_name = "N", value_parser = positive::<u64>, allow_negative_numbers = true)]
    episodes: u64,
    /// Play other episodes than the run's own evaluations; the same number gives every run the same episodes
    #[arg(long, value_name = "N", value_parser = whole::<u64>, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// The weights: the last ones, those of the run's best evaluation, or those after so many real steps
    #[arg(long, value_name = "last|best|REAL_STEPS", default_value = "last", value_parser = weights)]
    weights: ChosenWeights,
    /// Change a setting of the environment or of the agents that have it for these episodes
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Of a spec, only runs whose id, agent or settings contain this text, or match this pattern (`*`, `?`)
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// The device of the networks
    #[arg(long, value_name = "cpu|cuda[:N]", default_value = "cpu")]
    device: DeviceName,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn weights(text: &str) -> Result<ChosenWeights, String> {
    match text {
        "last" => Ok(ChosenWeights::Last),
        "best" => Ok(ChosenWeights::Best),
        number => match whole(number) {
            Ok(real_steps) => Ok(ChosenWeights::At(real_steps)),
            Err(_) => Err("it must be `last`, `best` or a number of real steps".to_owned()),
        },
    }
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    if arguments.episodes > EvaluationRequest::MOST_EPISODES {
        let most = count(EvaluationRequest::MOST_EPISODES);
        return Err(CommandError::Arguments(format!("--episodes must be at most {most}")));
    }
    let results = arguments.results();
    let folders = arguments.runs(results)?;
    let request = arguments.request();
    // Nothing is played if a setting is wrong for any run.
    check_settings(&folders, &request.set)?;
    let err = &mut BestEffort(io::stderr());
    let mut answers = Vec::new();
    for (index, folder) in folders.iter().enumerate() {
        let number = format!("{} of {}", index + 1, folders.len());
        match request.play(folder) {
            Ok(answer) => {
                let path = write(results, &answer)?;
                let seconds = duration(answer.wall_seconds);
                writeln!(err, "{number}: {} ({seconds})", path.display())?;
                answers.push(answer);
            }
            Err(error) if folders.len() > 1 && error.is_of_one_run() => {
                writeln!(err, "{number}: error: {error}")?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if arguments.json {
        write_json(out, &answers)?;
    } else if !answers.is_empty() {
        write!(out, "{}", fitted(table(&answers)))?;
    }
    match folders.len() - answers.len() {
        0 => Ok(()),
        unplayed => Err(CommandError::Unplayed { unplayed, runs: folders.len() }),
    }
}

impl Arguments {
    fn request(&self) -> EvaluationRequest {
        EvaluationRequest {
            episodes: self.episodes,
            seed: self.seed,
            weights: self.weights,
            set: self.set.clone(),
            device: self.device,
            command: self.command_line(),
        }
    }

    /// The command that plays the same episodes.
    fn command_line(&self) -> String {
        let weights = Some(self.weights).filter(|weights| *weights != ChosenWeights::Last);
        let weights = weights.map(|weights| format!("--weights {weights}"));
        let subject = quoted(&self.subject);
        let words = [format!("zerolab evaluate {subject} --episodes {}", self.episodes)];
        let seed = self.seed.map(|seed| format!("--seed {seed}"));
        let set = self.set.iter().map(|set| format!("--set {}", quoted(set)));
        words.into_iter().chain(seed).chain(weights).chain(set).collect::<Vec<_>>().join(" ")
    }

    /// The folder of results: that of an experiment's folder, unless another one is given.
    fn results(&self) -> &Path {
        let experiment = Path::new(&self.subject);
        let parent = experiment.parent().filter(|_| is_experiment(experiment));
        self.results.given().or(parent).unwrap_or_else(|| self.results.folder())
    }

    /// The folders of the runs to play.
    fn runs(&self, results: &Path) -> Result<Vec<PathBuf>, CommandError> {
        let path = Path::new(&self.subject);
        let folders = if path.extension().is_some_and(|extension| extension == "toml") {
            let overrides = Overrides { only: self.only.clone(), ..Overrides::default() };
            let surroundings = Surroundings::of_spec(path, results, false);
            let mut plan = load_file(path, &overrides, &catalogue(surroundings))?;
            keep_older_ids(&mut plan, results);
            plan.runs.iter().map(|run| results.join("runs").join(&run.id)).collect()
        } else if self.only.is_some() {
            return Err(CommandError::Arguments("--only chooses runs of a spec".to_owned()));
        } else if is_experiment(path) {
            of_experiment(path)?
        } else {
            return Ok(vec![find(results, &self.subject)?]);
        };
        let (finished, unfinished): (Vec<_>, Vec<_>) =
            folders.into_iter().partition(|folder| is_finished(folder));
        let missing = counted(unfinished.len(), "run");
        if finished.is_empty() {
            return Err(CommandError::Unfinished(format!(
                "{}: none of {missing} is finished; `zerolab run SPEC` trains them",
                self.subject
            )));
        }
        if !unfinished.is_empty() {
            writeln!(BestEffort(io::stderr()), "note: {missing} not finished, and left out")?;
        }
        Ok(finished)
    }
}

fn is_experiment(folder: &Path) -> bool {
    folder.join("experiment.json").is_file()
}

/// The folders of the runs of an experiment, from the folder of its results.
fn of_experiment(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let path = folder.join("experiment.json");
    let unreadable = |source| RunError::File { action: "read", path: path.clone(), source };
    let text = fs::read(&path).map_err(unreadable)?;
    let file: ExperimentFile =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
    let runs = folder.parent().unwrap_or(Path::new("")).join("runs");
    Ok(file.runs.iter().map(|run| runs.join(&run.id)).collect())
}

fn table(answers: &[LaterEvaluation]) -> TextTable {
    let mut columns = vec![
        ("run", Left),
        ("real steps", Right),
        ("episodes", Right),
        ("mean return [95 %]", Right),
        ("least", Right),
        ("most", Right),
        ("mean length", Right),
    ];
    let performance_differs = answers.iter().any(|it| it.returns != it.performances);
    columns.extend(performance_differs.then_some(("mean performance", Right)));
    let events: BTreeSet<&String> = answers.iter().flat_map(|it| it.events.keys()).collect();
    let measures: Vec<Measure> =
        events.into_iter().flat_map(|event| Measure::of_event(event)).collect();
    let names: Vec<String> = measures.iter().map(Measure::name).collect();
    columns.extend(names.iter().map(|name| (name.as_str(), Right)));
    let mut table = TextTable::new(&columns);
    for answer in answers {
        let LaterEvaluation { returns, lengths, .. } = answer;
        let scores = ScoreMatrix::new([returns]).ok();
        let interval =
            scores.and_then(|scores| Bootstrap::default().interval_of(&scores, ScoreMatrix::mean));
        let end = |pick: fn(f64, f64) -> f64| returns.iter().copied().reduce(pick);
        let lengths: Vec<f64> = lengths.iter().map(|&length| f64::from(length)).collect();
        let mut row = vec![
            answer.run_id.clone(),
            count(answer.real_steps),
            count(returns.len() as u64),
            with_interval(mean(returns), interval, score),
            score(end(f64::min).unwrap_or(f64::NAN)),
            score(end(f64::max).unwrap_or(f64::NAN)),
            score(mean(&lengths)),
        ];
        row.extend(performance_differs.then(|| score(mean(&answer.performances))));
        let episodes = answer.episodes();
        row.extend(
            measures
                .iter()
                .map(|measure| measure.of(&episodes, None).map_or_else(|| "–".to_owned(), score)),
        );
        table.row(row);
    }
    table
}

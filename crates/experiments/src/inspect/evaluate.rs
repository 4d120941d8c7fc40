//! Plays evaluation episodes of a finished run's agent, and keeps the answer apart from the run, in
//! `results/evaluations/<run>/`.
//!
//! Without a seed the episodes begin with those of the run's own evaluation after the same real steps, and are the
//! same as long as no setting is changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use zerolab_agents::{Device, DeviceName};
use zerolab_metrics::LaterEvaluation;
use zerolab_metrics::files::write_whole;

use crate::error::RunError;
use crate::plan::chosen_weights::ChosenWeights;
use crate::plan::resolved::{ALGORITHM_VERSION, MOST_EPISODES};
use crate::run::provenance::{self, now_unix_seconds};
use crate::run::threads::{allowed_threads, in_pool};
use crate::run::trained_agent::{TrainedAgent, TrainedAgentError, applying};
use crate::training::evaluation::{BestActions, PlayedEpisodes, play_episodes};

/// What a later evaluation is to play.
#[derive(Clone, Debug)]
pub struct EvaluationRequest {
    /// The number of episodes.
    pub episodes: u64,
    /// The seed of the episodes; `None` for those of the run's own evaluations.
    pub seed: Option<u64>,
    /// The weights.
    pub weights: ChosenWeights,
    /// The settings that are to differ from those of the training, as `KEY=VALUE`.
    pub set: Vec<String>,
    /// The device of the networks.
    pub device: DeviceName,
    /// The command that the user gave.
    pub command: String,
}

impl EvaluationRequest {
    /// The most episodes.
    pub const MOST_EPISODES: u64 = MOST_EPISODES;

    /// Plays the agent of the finished run in `folder`, with the settings that apply to it.
    ///
    /// # Errors
    /// As [`TrainedAgent::open`], or if the device is not available or the agent fails.
    pub fn play(&self, folder: &Path) -> Result<LaterEvaluation, TrainedAgentError> {
        let device = Device::open(self.device).map_err(RunError::Device)?;
        in_pool(allowed_threads(), || {
            let set = applying(folder, &self.set)?;
            let mut trained = TrainedAgent::open(folder, self.weights, &set, &device)?;
            let started = Instant::now();
            let episodes = self.episodes(&mut trained)?;
            let wall_seconds = started.elapsed().as_secs_f64();
            Ok(self.answer(trained, set, &device, episodes, wall_seconds))
        })
    }

    fn episodes(&self, trained: &mut TrainedAgent) -> Result<PlayedEpisodes, RunError> {
        let TrainedAgent { run, agent, real_steps, .. } = trained;
        let asked = (self.episodes, self.seed, *real_steps);
        let decide = &mut BestActions(run);
        Ok(play_episodes(run, &mut **agent, asked, decide, &|| false)?.unwrap_or_default())
    }

    fn answer(
        &self,
        TrainedAgent { run, manifest, real_steps, weights, .. }: TrainedAgent,
        set: Vec<String>,
        device: &Device,
        episodes: PlayedEpisodes,
        wall_seconds: f64,
    ) -> LaterEvaluation {
        let mut provenance = provenance::of(&run, &self.command);
        (provenance.device, provenance.gpu) = (self.device.to_string(), device.model());
        LaterEvaluation {
            run_id: manifest.run_id,
            settings_hash: manifest.settings_hash,
            environment: run.environment.name,
            agent: run.agent.label,
            run_seed: run.seed,
            real_steps,
            weights,
            set,
            seed: self.seed,
            returns: episodes.returns,
            performances: episodes.performances,
            lengths: episodes.lengths,
            events: episodes.events,
            wall_seconds,
            finished_unix_seconds: now_unix_seconds(),
            provenance,
        }
    }
}

/// Writes the file of an evaluation, in place of an earlier one of the same weights, settings and episodes. Returns
/// its path.
///
/// # Errors
/// If it cannot be written.
pub fn write(results: &Path, evaluation: &LaterEvaluation) -> Result<PathBuf, RunError> {
    let folder = results.join("evaluations").join(&evaluation.run_id);
    let path = folder.join(file_name(evaluation));
    fs::create_dir_all(&folder)
        .and_then(|()| evaluation.to_json().map_err(io::Error::from))
        .and_then(|json| write_whole(&path, json.as_bytes()))
        .map_err(|source| RunError::Results { path: path.clone(), source })?;
    Ok(path)
}

/// `after-<real steps>-episodes-<number>[-seed-<seed>]-<hash>.json`. The hash is that of all that can change the
/// result.
fn file_name(evaluation: &LaterEvaluation) -> String {
    let LaterEvaluation { real_steps, weights, set, seed, returns, provenance, .. } = evaluation;
    let is_cpu = provenance.device == "cpu";
    let content = serde_json::json!([ALGORITHM_VERSION, weights, set, is_cpu]).to_string();
    let hash = blake3::hash(content.as_bytes()).to_hex();
    let seed = seed.map(|seed| format!("-seed-{seed}")).unwrap_or_default();
    format!("after-{real_steps}-episodes-{}{seed}-{}.json", returns.len(), &hash[..8])
}

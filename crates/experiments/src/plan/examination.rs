//! What is measured again of the agents of finished runs: `[examination.NAME]` of a spec.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zerolab_agents::DeviceName;
use zerolab_metrics::labels::{Axes, examination_label};
use zerolab_metrics::{Anchors, ExaminationReference};

use crate::plan::chosen_weights::ChosenWeights;
use crate::plan::resolved::{ALGORITHM_VERSION, EnvironmentChoice, ResolvedRun};

/// The version of what examinations measure. Raise it when a change of the code can change a number of an examination
/// and no record of a run.
const EXAMINATION_VERSION: u32 = 1;

/// The hexadecimal digits of the hash in a file's name.
const HASH_DIGITS: usize = 16;

/// What an examination measures.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ExaminedPart {
    /// Episodes, as an evaluation plays them.
    Play,
    /// The values of decisions in these episodes, beside the returns that followed and the best possible ones.
    Values,
    /// What the agent's model predicts along the plans that the environment names, from the first states of episodes.
    Plans,
    /// The decisions in the states that the environment names.
    Positions,
}

/// An examination with one value of each of its axes, for one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedExamination {
    /// Its name in the spec.
    pub name: String,
    /// The values of its axes that apply to the run, by key.
    pub axes: Axes,
    /// The settings that differ from those of the training, as `KEY=VALUE`.
    pub set: Vec<String>,
    /// The run's environment with these settings.
    #[serde(skip)]
    pub environment: EnvironmentChoice,
    /// The weights.
    pub weights: ChosenWeights,
    /// The number of episodes.
    pub episodes: u64,
    /// The seed of the episodes; `None` for those of the run's own evaluations.
    pub seed: Option<u64>,
    /// What is measured, each part once, in their order.
    pub parts: Vec<ExaminedPart>,
}

impl PlannedExamination {
    /// Whether it measures this part.
    pub fn has(&self, part: ExaminedPart) -> bool {
        self.parts.contains(&part)
    }

    /// The name of its file in `results/examinations/<run>/`: its name, and a hash of all that can change its contents
    /// beside the run.
    pub fn file_name(&self, run: &ResolvedRun) -> String {
        let Self { name, set, weights, episodes, seed, parts, .. } = self;
        let is_cpu = run.device == DeviceName::Cpu;
        let versions = [EXAMINATION_VERSION, ALGORITHM_VERSION];
        let content = json!([versions, set, weights, episodes, seed, parts, is_cpu]).to_string();
        let hash = blake3::hash(content.as_bytes()).to_hex();
        format!("{name}-{}.json", &hash[..HASH_DIGITS])
    }

    /// Its name, and the values of its axes.
    pub fn label(&self) -> String {
        examination_label(&self.name, &self.axes)
    }

    /// How `experiment.json` names it. `anchors` are those of its environment.
    pub fn reference(&self, run: &ResolvedRun, anchors: Option<Anchors>) -> ExaminationReference {
        let (name, axes, file) = (self.name.clone(), self.axes.clone(), self.file_name(run));
        ExaminationReference { name, axes, file, anchors }
    }
}

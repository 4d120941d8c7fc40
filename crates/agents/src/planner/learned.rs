//! Looking ahead with a learned model: EfficientZero, MuZero and their variants.

use zerolab_metrics::{Account, Phase};
use zerolab_models::Recorder;
use zerolab_models::networks::PlannerNetworks;
use zerolab_search::{Node, Purpose, Search};

use super::batch::{Batch, Moment};
use super::cache::Cache;
use super::learner::{self, Effect, Outcome};
use super::lesson::Lesson;
use super::lookahead::{Conduct, Lookahead, Thought};
use super::mirror::Mirror;
use super::model::LearnedModel;
use super::reanalysis::reanalyse;
use super::settings::Settings;
use super::steps::StepsBySize;
use crate::agent::{AgentError, Context, Observations};
use crate::replay::Sample;
use crate::twin::Twin;

/// The searches, and all settings.
pub(super) struct Learned {
    settings: Settings,
    context: Context,
    mirror: Mirror,
    acting_search: Search,
    acting_steps: StepsBySize,
    reanalysing_search: Search,
    recorder: Recorder<Lesson, Effect>,
}

impl Learned {
    /// Searches that have not begun, by these settings.
    ///
    /// # Errors
    /// If the device has not memory enough.
    pub(super) fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        let players = context.description.num_players;
        Ok(Self {
            mirror: Mirror::new(context, settings.replay.capacity)?,
            acting_search: settings.search(players),
            acting_steps: StepsBySize::new(&context.device),
            reanalysing_search: settings.search(players),
            recorder: Recorder::new(&context.device),
            context: context.clone(),
            settings,
        })
    }
}

impl Settings {
    pub(super) fn conduct(&self) -> Conduct {
        Conduct {
            random_steps: self.training.learning_starts,
            simulations: self.search.simulations,
            pace: self.pace(),
            batch_size: self.training.batch_size,
            replay: self.replay.clone(),
            reward_clipping: self.training.reward_clipping.clone(),
            exploration: self.exploration.clone(),
        }
    }
}

impl Lookahead for Learned {
    type Networks = PlannerNetworks;

    fn search(
        &mut self,
        networks: &PlannerNetworks,
        seen: &Observations<'_>,
        use_: Purpose,
        seeds: Vec<u64>,
    ) -> Result<Thought, AgentError> {
        let simulations = self.settings.search.simulations;
        let (nodes, horizon) = (simulations as usize + 1, self.settings.value_prefix.horizon);
        let rows = networks.rows(seen.observations)?;
        let steps = self.acting_steps.of(seen.rows());
        let (mut model, mut roots) = LearnedModel::new(networks, &rows, (nodes, horizon), steps)?;
        roots.legal = seen.some_illegal();
        roots.seeds = seeds;
        let found = self.acting_search.run(&roots, use_, &mut model)?;
        let imagined_steps = u64::from(simulations) * seen.rows() as u64;
        Ok(Thought { found, values: roots.values, logits: roots.logits, imagined_steps })
    }

    fn tree(&self, row: usize) -> Vec<Node> {
        self.acting_search.nodes(row)
    }

    fn update(
        &mut self,
        networks: &mut Twin<PlannerNetworks>,
        samples: Vec<Sample<'_>>,
        moment: &Moment,
        cache: &mut Cache,
        account: &mut Account,
    ) -> Result<Outcome, AgentError> {
        let settings = &self.settings;
        let batch = Batch::new(samples, settings, &self.context, moment);
        let (mirror, search) = (&mut self.mirror, &mut self.reanalysing_search);
        let fresh = reanalyse(&networks.target, &batch, settings, cache, mirror, search, account)?;
        let timer = account.start();
        let (online, optimizer) = (&networks.online, &mut networks.optimizer);
        let (lesson, recorder) = (Lesson::new(&batch, &fresh, online, mirror)?, &mut self.recorder);
        let outcome =
            learner::update(online, optimizer, recorder, &lesson, settings, moment.progress)?;
        account.stop(Phase::Learning, timer);
        Ok(outcome)
    }
}

//! Search with a learned model: EfficientZero, MuZero and their variants.

use rand_chacha::ChaCha8Rng;
use zerolab_metrics::{Account, Phase};
use zerolab_models::Recorder;
use zerolab_models::networks::PlannerNetworks;
use zerolab_search::{Node, Purpose, Search};

use super::frame_cache::FrameCache;
use super::imagine::imagine;
use super::learner::{self, UpdateResult, UpdateTensors};
use super::lookahead::{CommonSettings, Lookahead, SearchOutput};
use super::model::{LearnedModel, TreeShape};
use super::reanalysis::reanalyse;
use super::settings::Settings;
use super::step_runner::StepRunners;
use super::target_cache::TargetCache;
use super::training_batch::TrainingBatch;
use super::unrolled_batch::{UnrolledBatch, UpdateContext};
use crate::agent::{AgentError, Context, Observations};
use crate::imagination::Imagination;
use crate::online_and_target::OnlineAndTarget;
use crate::replay::Sample;

/// The searches in a learned model, and its updates.
pub(super) struct LearnedLookahead {
    settings: Settings,
    context: Context,
    frame_cache: FrameCache,
    acting_search: Search,
    acting_steps: StepRunners,
    reanalysing_search: Search,
    recorder: Recorder<TrainingBatch, UpdateTensors>,
}

impl LearnedLookahead {
    /// Searches and updates with these settings.
    ///
    /// # Errors
    /// If the device has too little memory.
    pub(super) fn new(settings: Settings, context: &Context) -> Result<Self, AgentError> {
        let players = context.description.num_players;
        Ok(Self {
            frame_cache: FrameCache::new(context, settings.replay.capacity)?,
            acting_search: settings.search(players),
            acting_steps: StepRunners::new(&context.device),
            reanalysing_search: settings.search(players),
            recorder: Recorder::new(&context.device),
            context: context.clone(),
            settings,
        })
    }
}

impl Settings {
    /// The shape of its search trees.
    pub(super) fn tree_shape(&self) -> TreeShape {
        let nodes = self.search.simulations as usize + 1;
        TreeShape { nodes, prefix_horizon: self.value_prefix.horizon }
    }

    /// The settings that all planners have.
    pub(super) fn common(&self) -> CommonSettings {
        CommonSettings {
            random_steps: self.training.learning_starts,
            discount: self.discount,
            simulations: self.search.simulations,
            update_schedule: self.update_schedule(),
            batch_size: self.training.batch_size,
            replay: self.replay.clone(),
            reward_clipping: self.training.reward_clipping.clone(),
            exploration: self.exploration.clone(),
        }
    }
}

impl Lookahead for LearnedLookahead {
    type Networks = PlannerNetworks;

    fn networks(
        &self,
        stream: &mut ChaCha8Rng,
        context: &Context,
    ) -> Result<PlannerNetworks, AgentError> {
        self.settings.networks(context, stream)
    }

    fn search(
        &mut self,
        networks: &PlannerNetworks,
        seen: &Observations<'_>,
        purpose: Purpose,
        seeds: Vec<u64>,
    ) -> Result<SearchOutput, AgentError> {
        let simulations = self.settings.search.simulations;
        let shape = self.settings.tree_shape();
        let rows = networks.rows(seen.observations)?;
        let steps = self.acting_steps.of(seen.rows());
        let (mut model, mut roots) = LearnedModel::new(networks, &rows, shape, steps)?;
        roots.legal = seen.some_illegal();
        roots.seeds = seeds;
        let found = self.acting_search.run(&roots, purpose, &mut model)?;
        let imagined_steps = u64::from(simulations) * seen.rows() as u64;
        Ok(SearchOutput { found, values: roots.values, logits: roots.logits, imagined_steps })
    }

    fn tree(&self, row: usize) -> Vec<Node> {
        self.acting_search.nodes(row)
    }

    fn imagine(
        &self,
        networks: &PlannerNetworks,
        seen: &Observations<'_>,
        plans: &[&[usize]],
    ) -> Result<Option<Vec<Imagination>>, AgentError> {
        imagine(networks, &self.settings, seen, plans).map(Some)
    }

    fn update(
        &mut self,
        networks: &mut OnlineAndTarget<PlannerNetworks>,
        samples: Vec<Sample<'_>>,
        update_context: &UpdateContext,
        cache: &mut TargetCache,
        account: &mut Account,
    ) -> Result<UpdateResult, AgentError> {
        let settings = &self.settings;
        let batch = UnrolledBatch::new(samples, settings, &self.context, update_context);
        let (frame_cache, search) = (&mut self.frame_cache, &mut self.reanalysing_search);
        let fresh =
            reanalyse(&networks.target, &batch, settings, cache, frame_cache, search, account)?;
        let timer = account.start();
        let (online, optimizer) = (&networks.online, &mut networks.optimizer);
        let (training_batch, recorder) =
            (TrainingBatch::new(&batch, &fresh, online, frame_cache)?, &mut self.recorder);
        let result = learner::update(
            online,
            optimizer,
            recorder,
            &training_batch,
            settings,
            update_context.progress,
        )?;
        account.stop(Phase::Learning, timer);
        Ok(result)
    }
}

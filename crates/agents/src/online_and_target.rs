//! An online network, its target network and the optimiser.

use std::path::Path;

use zerolab_models::networks::Network;
use zerolab_models::{Optimizer, OptimizerSettings};

use crate::agent::AgentError;
use crate::phase_start::PhaseStart;
use crate::saved;

/// The online and the target network of an agent.
pub(crate) struct OnlineAndTarget<N> {
    /// Acts and is trained.
    pub(crate) online: N,
    /// Makes the training targets.
    pub(crate) target: N,
    /// Updates the online network.
    pub(crate) optimizer: Optimizer,
    /// Updates between two copies of the online network into the target network.
    target_interval: u64,
    /// After how many updates the target network was copied.
    target_version: u64,
}

impl<N: Network> OnlineAndTarget<N> {
    pub(crate) fn new(
        online: N,
        target: N,
        settings: &OptimizerSettings,
        target_interval: u64,
    ) -> Result<Self, AgentError> {
        let optimizer = Optimizer::new(settings.clone(), online.parameters())?;
        Ok(Self { online, target, optimizer, target_interval, target_version: 0 })
    }

    /// Gradient steps made so far.
    pub(crate) fn updates(&self) -> u64 {
        self.optimizer.updates()
    }

    /// Copies the online network into the target network if that is due.
    pub(crate) fn refresh_target(&mut self) -> Result<(), AgentError> {
        if self.updates().is_multiple_of(self.target_interval) {
            self.target.parameters().copy_from(self.online.parameters())?;
            self.target_version = self.updates();
        }
        Ok(())
    }

    /// Draws the chosen layers anew: takes them from `fresh` into both networks, and clears their moments.
    pub(crate) fn reset(&mut self, fresh: &N, start: &PhaseStart) -> Result<(), AgentError> {
        for network in [&self.online, &self.target] {
            network.parameters().copy_chosen(fresh.parameters(), |name| start.resets(name))?;
        }
        Ok(self.optimizer.clear(|name| start.resets(name))?)
    }

    /// After how many updates of the online network the target network was copied from it.
    pub(crate) fn target_version(&self) -> u64 {
        self.target_version
    }

    /// Writes all weights and optimiser states into `folder`. The caller saves the number of updates.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), AgentError> {
        saved::tensors(&folder.join(ONLINE), |path| self.online.parameters().save(path))?;
        saved::tensors(&folder.join(TARGET), |path| self.target.parameters().save(path))?;
        saved::write(&folder.join(TARGET_VERSION), &self.target_version)?;
        saved::tensors(&folder.join(OPTIMIZER), |path| self.optimizer.save(path))
    }

    /// Reads what [`OnlineAndTarget::save`] wrote after `updates` updates.
    pub(crate) fn load(&mut self, folder: &Path, updates: u64) -> Result<(), AgentError> {
        saved::tensors(&folder.join(ONLINE), |path| self.online.parameters().load(path))?;
        saved::tensors(&folder.join(TARGET), |path| self.target.parameters().load(path))?;
        self.target_version = saved::read(&folder.join(TARGET_VERSION))?;
        saved::tensors(&folder.join(OPTIMIZER), |path| self.optimizer.load(path, updates))
    }
}

const ONLINE: &str = "online.safetensors";
const TARGET: &str = "target.safetensors";
const TARGET_VERSION: &str = "target_version.bin";
const OPTIMIZER: &str = "optimizer.safetensors";

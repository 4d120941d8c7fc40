//! What an update showed, on its device until it is asked for: all at once, since a GPU stands still while it is asked.

use candle_core::{Result, Tensor};
use zerolab_models::Device;

/// A loss's name and its mean.
pub(crate) type Named = (&'static str, f64);

/// The means of losses, and what was said of each sample.
pub(crate) struct Told {
    names: Vec<&'static str>,
    /// The means, then what was said, `[B]`.
    numbers: Tensor,
}

impl Told {
    /// Of losses `[B]`, by name, and of what was `said` `[B]`.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn of(losses: &[(&'static str, &Tensor)], said: &Tensor) -> Result<Self> {
        let means = losses.iter().map(|(_, losses)| losses.mean_all()?.reshape(1));
        let all = means.chain([Ok(said.clone())]).collect::<Result<Vec<_>>>()?;
        let names = losses.iter().map(|(name, _)| *name).collect();
        Ok(Self { names, numbers: Tensor::cat(&all, 0)? })
    }

    /// The means by name, and what was said.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn read(&self, device: &Device) -> Result<(Vec<Named>, Vec<f32>)> {
        let mut means: Vec<f32> = device.download(&self.numbers)?;
        let said = means.split_off(self.names.len());
        let named = self.names.iter().zip(means).map(|(name, mean)| (*name, f64::from(mean)));
        Ok((named.collect(), said))
    }
}

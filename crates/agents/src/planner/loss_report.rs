//! The losses of an update, kept on the device until they are read. Reading makes a GPU wait, so all are read
//! at once.

use candle_core::{Result, Tensor};
use zerolab_models::Device;

/// A loss's name and its mean.
pub(crate) type NamedLoss = (&'static str, f64);

/// The means of losses, and a prediction for each sample.
pub(crate) struct LossReport {
    names: Vec<&'static str>,
    /// The means, then the predictions `[B]`.
    numbers: Tensor,
}

impl LossReport {
    /// A report of losses `[B]`, by name, and of predictions `[B]`.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn of(losses: &[(&'static str, &Tensor)], predicted: &Tensor) -> Result<Self> {
        let means = losses.iter().map(|(_, losses)| losses.mean_all()?.reshape(1));
        let all = means.chain([Ok(predicted.clone())]).collect::<Result<Vec<_>>>()?;
        let names = losses.iter().map(|(name, _)| *name).collect();
        Ok(Self { names, numbers: Tensor::cat(&all, 0)? })
    }

    /// The means by name, and the predictions `[B]`.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn read(&self, device: &Device) -> Result<(Vec<NamedLoss>, Vec<f32>)> {
        let mut means: Vec<f32> = device.download(&self.numbers)?;
        let predicted = means.split_off(self.names.len());
        let named = self.names.iter().zip(means).map(|(name, mean)| (*name, f64::from(mean)));
        Ok((named.collect(), predicted))
    }
}

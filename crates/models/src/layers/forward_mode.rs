//! The purpose of a forward pass.

/// The purpose of a forward pass. It decides about gradients and about the moments of batch normalizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardMode {
    /// Learning: with gradients. Batch normalizations use the batch's moments and update the running ones.
    Train,
    /// The target branch of a loss: as [`ForwardMode::Train`], without gradients.
    Target,
    /// Acting and searching: without gradients. Batch normalizations use the running moments.
    Infer,
}

impl ForwardMode {
    pub(crate) fn with_gradient(self) -> bool {
        self == Self::Train
    }
}

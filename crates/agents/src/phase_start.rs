//! The start of a further phase of a run, in which the task can be another one.

/// What the start of a phase asks of an agent. The episodes that were open have been cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseStart {
    /// How many phases came before.
    pub phase: usize,
    /// Whether the agent loses its stored experience. It then makes no update until it has as much experience as before
    /// its first update.
    pub forget: bool,
    /// The layers whose weights are drawn anew, by the beginnings of their names up to a dot, such as
    /// `dynamics.reward`; [`EVERY_LAYER`] for all.
    pub reset: Vec<String>,
}

/// The name in [`PhaseStart::reset`] of all layers.
pub const EVERY_LAYER: &str = "all";

impl PhaseStart {
    /// Whether a layer, or a tensor of a layer, with this name is drawn anew.
    pub(crate) fn resets(&self, name: &str) -> bool {
        self.reset.iter().any(|reset| is_within(name, reset))
    }

    /// The name of the random stream of its new weights, from that of the initial weights.
    pub(crate) fn stream(&self, initial: &str) -> String {
        format!("{initial}/phase-{}", self.phase)
    }
}

/// Whether a layer, or a tensor of a layer, is one of those that a name in [`PhaseStart::reset`] means.
#[must_use]
pub fn is_within(layer: &str, reset: &str) -> bool {
    let rest = layer.strip_prefix(reset);
    reset == EVERY_LAYER || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

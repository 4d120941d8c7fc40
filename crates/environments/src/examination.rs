//! What an examination of a trained agent asks about: plans and states that an environment gives names to.

/// A fixed sequence of actions, about which an examination asks an agent's model.
///
/// It has at least one action, and it ends before or with the episode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPlan {
    /// What the plan does. All plans from one state have different names.
    pub name: &'static str,
    /// The actions, the first one first.
    pub actions: Vec<usize>,
}

/// A state of a running episode, in which an examination looks at an agent's decision.
///
/// [`Environment::restore`](crate::Environment::restore) accepts it. An episode need not reach it at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The kind of state. Many states can have the same tag.
    pub tag: &'static str,
    /// The state as [`Environment::save`](crate::Environment::save) writes it.
    pub state: Vec<u8>,
}

//! The settings of a search, with a constructor for each published search.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;
use zerolab_settings::range::{at_least_one, not_negative, positive, share};

/// Settings of a tree search. The default is [`Settings::efficientzero`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Simulations per search. Each is one model call and adds one node to each tree. 0 acts by the
    /// policy network alone. MuZero and EfficientZero on Atari: 50; Gumbel MuZero works with 2 to 50.
    #[schemars(range(max = MAX_SIMULATIONS))]
    pub simulations: u32,
    /// The search algorithm: how a simulation selects its path, and what the policy target is.
    pub selection: Selection,
    /// The prior of actions, at the root and below.
    pub prior: Prior,
    /// Settings of `selection = "puct"`.
    pub puct: Puct,
    /// Settings of `selection = "gumbel"`.
    pub gumbel: Gumbel,
}

/// The search algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// Takes the action of the greatest Q plus prior-weighted bonus at every node. The action and the
    /// policy target come from the visit counts (MuZero, arXiv 1911.08265 appendix B).
    Puct,
    /// Sequential halving over Gumbel-sampled actions at the root, a deterministic choice inside the
    /// tree. The policy target comes from completed Q-values (Danihelka et al. 2022, "Policy improvement
    /// by planning with Gumbel"; EfficientZero V2, Wang et al. 2024).
    Gumbel,
}

/// The prior of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Prior {
    /// The policy of the network.
    Network,
    /// Every legal action equally: a search without the learned policy. It shows how much the policy keeps the
    /// search where the model is accurate.
    Uniform,
}

/// Settings of pUCT search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Puct {
    /// Weight of the prior in the bonus, `c1`. MuZero: 1.25.
    #[schemars(range(min = 0.0))]
    pub c1: f64,
    /// Number of visits from which the weight grows noticeably, `c2`. MuZero: 19652.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub c2: f64,
    /// Concentration of the Dirichlet noise at the root. EfficientZero and mctx: 0.3; MuZero on Atari: 0.25.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub dirichlet_alpha: f64,
    /// Share of that noise in the root's prior, 0 to 1. MuZero and EfficientZero: 0.25.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub dirichlet_fraction: f64,
    /// The Q of an action before its first visit.
    pub unvisited: Unvisited,
    /// The values whose range is mapped to [0, 1] when Q is normalised.
    pub normalization: Normalization,
    /// Smallest range that normalisation divides by, in units of value. Differences far below it stay
    /// small. EfficientZero: 0.01 (`value_delta_max`); mctx: 1e-8.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub soft_floor: f64,
}

/// The Q of an action without a visit in pUCT search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unvisited {
    /// The mean of the Q of the node's visited actions and of the parent's own such mean, multiplied by
    /// the sign of the discount of the edge to the node (EfficientZero, appendix A). A discount of 0
    /// counts as positive: behind a terminal edge the parent's mean is inherited unchanged.
    ParentMean,
    /// The least value of the normalised range, that is, a score of 0 (MuZero, mctx).
    Minimum,
}

/// The values whose range is mapped to [0, 1] when Q is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// The current Q of every edge of the tree (MuZero, EfficientZero).
    Tree,
    /// Every return that was backed up through an edge of the tree (EfficientZero V2).
    Returns,
    /// Values of the node itself, as in mctx. pUCT: its own value and the Q of its visited actions
    /// (`qtransform_by_parent_and_siblings`). Gumbel: the completed Q of all its actions
    /// (`qtransform_completed_by_mix_value`).
    Siblings,
    /// The fixed range -1 to 1, for games whose outcomes lie in it (AlphaZero).
    Unit,
}

/// The value of a node that is mixed with the Q of its visited actions to complete the Q of the others
/// (Danihelka et al. 2022, equation 33).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Completion {
    /// The network's value (Gumbel MuZero, mctx).
    Network,
    /// The mean of the network's value and the returns of the simulations (EfficientZero V2).
    Mean,
}

/// When sequential halving drops the worse half of the root's actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Halving {
    /// Never for good. Each simulation takes the currently best of the actions that have as many visits
    /// as the schedule says, so that worse actions get no more visits (mctx).
    Visits,
    /// For good at the start of a phase (Karnin et al. 2013; EfficientZero V2).
    Phases,
}

/// Settings of the Gumbel search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gumbel {
    /// Greatest number of actions that the root considers, `m`. Paper and mctx: 16.
    #[schemars(range(min = 1))]
    pub max_considered_actions: u32,
    /// Scale of the Gumbel noise at the root. 0 considers the likeliest actions. Paper and mctx: 1.
    #[schemars(range(min = 0.0))]
    pub gumbel_scale: f64,
    /// Visits added to the largest count in the weight of Q against the prior, `c_visit`. Paper: 50.
    #[schemars(range(min = 0.0))]
    pub maxvisit_init: f64,
    /// Weight of Q against the prior, `c_scale`. mctx: 0.1 for normalised Q; paper: 1.0 on board games.
    #[schemars(range(min = 0.0))]
    pub value_scale: f64,
    /// The value that completes the Q of actions without a visit.
    pub completion: Completion,
    /// The values whose range is mapped to [0, 1] when Q is normalised.
    pub normalization: Normalization,
    /// Smallest range that normalisation divides by, in units of value. EfficientZero V2: 0.01; mctx: 1e-8.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub soft_floor: f64,
    /// When the worse half of the root's actions is dropped.
    pub halving: Halving,
}

impl Default for Settings {
    fn default() -> Self {
        Self::efficientzero()
    }
}

impl Default for Puct {
    fn default() -> Self {
        Self {
            c1: 1.25,
            c2: 19652.0,
            dirichlet_alpha: 0.3,
            dirichlet_fraction: 0.25,
            unvisited: Unvisited::ParentMean,
            normalization: Normalization::Tree,
            soft_floor: 0.01,
        }
    }
}

impl Default for Gumbel {
    fn default() -> Self {
        Self {
            max_considered_actions: 16,
            gumbel_scale: 1.0,
            maxvisit_init: 50.0,
            value_scale: 0.1,
            completion: Completion::Network,
            normalization: Normalization::Siblings,
            soft_floor: 1e-8,
            halving: Halving::Visits,
        }
    }
}

impl Settings {
    /// EfficientZero (Ye et al. 2021) on Atari. Where the released code differs from the paper (the root's
    /// own value and visit count, the range of Q, ties), this follows the paper. Ties are broken by the
    /// root's seed.
    #[must_use]
    pub fn efficientzero() -> Self {
        Self {
            simulations: 50,
            selection: Selection::Puct,
            prior: Prior::Network,
            puct: Puct::default(),
            gumbel: Gumbel::default(),
        }
    }

    /// MuZero (arXiv 1911.08265, pseudocode version 2) on Atari.
    #[must_use]
    pub fn muzero() -> Self {
        let puct = Puct {
            dirichlet_alpha: 0.25,
            unvisited: Unvisited::Minimum,
            soft_floor: 1e-8,
            ..Puct::default()
        };
        Self { puct, ..Self::efficientzero() }
    }

    /// `mctx.muzero_policy` with its defaults.
    #[must_use]
    pub fn mctx_muzero() -> Self {
        let puct = Puct {
            unvisited: Unvisited::Minimum,
            normalization: Normalization::Siblings,
            soft_floor: 1e-8,
            ..Puct::default()
        };
        Self { puct, ..Self::efficientzero() }
    }

    /// Gumbel MuZero (Danihelka et al. 2022), which is `mctx.gumbel_muzero_policy` with its defaults.
    #[must_use]
    pub fn gumbel_muzero() -> Self {
        Self { selection: Selection::Gumbel, ..Self::efficientzero() }
    }

    /// EfficientZero V2 (Wang et al. 2024) for `num_actions` actions. With few actions there are fewer
    /// simulations. Unlike the released code, and like Gumbel MuZero, visits do not count the node's own.
    #[must_use]
    pub fn efficientzero_v2(num_actions: usize) -> Self {
        let (simulations, max_considered_actions) = match num_actions {
            0..4 => (4, 2),
            4..16 => (16, 4),
            _ => (16, 8),
        };
        let gumbel = Gumbel {
            max_considered_actions,
            completion: Completion::Mean,
            normalization: Normalization::Returns,
            soft_floor: 0.01,
            halving: Halving::Phases,
            ..Gumbel::default()
        };
        Self { simulations, gumbel, ..Self::gumbel_muzero() }
    }

    /// AlphaZero (Silver et al. 2018), for games whose outcomes are -1 to 1. The model is a
    /// [`crate::SimulatorModel`], and an action without a visit counts as lost.
    #[must_use]
    pub fn alphazero() -> Self {
        let puct = Puct {
            unvisited: Unvisited::Minimum,
            normalization: Normalization::Unit,
            ..Puct::default()
        };
        Self { simulations: 800, puct, ..Self::efficientzero() }
    }

    /// Checks the ranges of the settings.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        let Self { simulations, selection: _, prior: _, puct, gumbel } = self;
        if *simulations > MAX_SIMULATIONS {
            let message = format!("must be at most {MAX_SIMULATIONS}, not {simulations}");
            return Err(SettingsError::new("simulations", message));
        }
        not_negative("puct.c1", puct.c1)?;
        positive("puct.c2", puct.c2)?;
        positive("puct.dirichlet_alpha", puct.dirichlet_alpha)?;
        share("puct.dirichlet_fraction", puct.dirichlet_fraction)?;
        positive("puct.soft_floor", puct.soft_floor)?;
        at_least_one("gumbel.max_considered_actions", gumbel.max_considered_actions.into())?;
        not_negative("gumbel.gumbel_scale", gumbel.gumbel_scale)?;
        not_negative("gumbel.maxvisit_init", gumbel.maxvisit_init)?;
        not_negative("gumbel.value_scale", gumbel.value_scale)?;
        positive("gumbel.soft_floor", gumbel.soft_floor)
    }
}

/// Visit counts are exact in `f32` up to here.
const MAX_SIMULATIONS: u32 = 1 << 24;

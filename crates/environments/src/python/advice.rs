//! What is usually wrong with an environment in Python that breaks a rule, in the words of Gymnasium.

use crate::checking::Rule;

const OURS: &str = "ZeroLab itself keeps this rule for environments in Python, so this is a fault of ZeroLab: please report \
                    it with the environment.";

/// What to do where an environment in Python breaks the rule.
pub(super) fn advice(rule: Rule) -> &'static str {
    match rule {
        Rule::Made | Rule::SeedsMatter => rule.advice(),
        Rule::NoFailure => {
            "The message says what the environment did that no environment may, or what it raised; the traceback, if there \
             is one, says where."
        }
        Rule::Described => {
            "Correct `observation_space` or `action_space`. An observation is a number of features `[N]`, or an image `[C, \
             H, W]` or `[H, W, C]`."
        }
        Rule::Deterministic => {
            "Usually randomness that does not come from the seed of `reset`: take it from `self.np_random` after \
             `super().reset(seed=seed)`, not from `random` or `numpy.random`. Or an attribute that `reset` does not set \
             back; a variable of the class or the module, which all instances share; or statistics that a wrapper keeps \
             over episodes, as those that normalise."
        }
        Rule::Observations => {
            "Usually a division by zero, or a quantity that leaves its space. Clip the number, or widen `low` and `high` of \
             `observation_space`."
        }
        Rule::Rewards => "Usually a division by zero or a logarithm of zero in `step`.",
        Rule::SomeLegal => {
            "`info[\"action_mask\"]` has only zeros while the episode runs: return `terminated`, or mark an action for \
             passing."
        }
        Rule::LegalAccepted => {
            "`step` refuses an action that `action_space` has and `info[\"action_mask\"]`, if there is one, allows."
        }
        Rule::Restored => {
            "Usually an attribute that `get_state` leaves out: the random generator, the number of steps, an attribute of \
             a wrapper. `get_state` must return something that `pickle` can write, and `set_state` must set all of it, \
             also in another instance of the class. Without these two methods, ZeroLab takes all actions of the episode \
             again instead."
        }
        Rule::Copied => {
            "A copy is another instance with the same state. Usually `get_state` returns an object that the environment \
             goes on changing (copy it), or instances share a variable of the class or module."
        }
        Rule::Ends => {
            "Set `time_limit` in the spec, or `max_episode_steps` where the environment is registered, or return \
             `truncated` after so many steps."
        }
        Rule::Turns => {
            "`info[\"to_play\"]` must be below `metadata[\"players\"]`. With two players, `opponent_action` returns a legal \
             action of the player to move."
        }
        Rule::IllegalRefused
        | Rule::UnknownRefused
        | Rule::DamagedRefused
        | Rule::OneEnd
        | Rule::OutsideRefused => OURS,
    }
}

//! The rules that an environment must keep: their names, and what is usually wrong where one is broken.

use serde::Serialize;

/// A rule, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Instances can be made.
    Made,
    /// Shape, range, actions, players and limit are possible.
    Described,
    /// No call panics, and no step fails for a reason of its own.
    NoFailure,
    /// The same seeds and actions give the same observations, rewards, ends and legal actions.
    Deterministic,
    /// Different seeds give different episodes. An environment without chance breaks no rule.
    SeedsMatter,
    /// Observations are finite and in the range of the description.
    Observations,
    /// Rewards are finite, and shown unless the description says otherwise.
    Rewards,
    /// While an episode runs, some action is legal.
    SomeLegal,
    /// A step with a legal action succeeds.
    LegalAccepted,
    /// A step with an illegal action is refused and changes nothing.
    IllegalRefused,
    /// A step with an action that does not exist is refused and changes nothing.
    UnknownRefused,
    /// After `restore` everything continues as it did after `save`.
    Restored,
    /// A copy continues identically, and the original does not notice.
    Copied,
    /// Bytes that are no saved state are refused and change nothing.
    DamagedRefused,
    /// Every episode ends, within the limit of the description if it has one.
    Ends,
    /// No step is both terminated and truncated.
    OneEnd,
    /// Before the first reset and after the end of an episode, a step is refused.
    OutsideRefused,
    /// The player to move exists; with two players, the opponent has a legal action.
    Turns,
}

impl Rule {
    /// All rules, in the order of the table.
    pub const ALL: [Self; 18] = [
        Self::Made,
        Self::Described,
        Self::NoFailure,
        Self::Deterministic,
        Self::SeedsMatter,
        Self::Observations,
        Self::Rewards,
        Self::SomeLegal,
        Self::LegalAccepted,
        Self::IllegalRefused,
        Self::UnknownRefused,
        Self::Restored,
        Self::Copied,
        Self::DamagedRefused,
        Self::Ends,
        Self::OneEnd,
        Self::OutsideRefused,
        Self::Turns,
    ];

    /// The rules that are checked with many scripts. Determinism stands first, because others need it.
    pub(super) const REPEATED: [Self; 7] = [
        Self::Deterministic,
        Self::IllegalRefused,
        Self::UnknownRefused,
        Self::Restored,
        Self::Copied,
        Self::DamagedRefused,
        Self::Turns,
    ];

    /// The rules that are checked once.
    pub(super) const ONCE: [Self; 3] = [Self::Ends, Self::OutsideRefused, Self::SeedsMatter];

    /// Whether the check compares two plays, which says nothing if plays differ by themselves.
    pub(super) fn needs_determinism(self) -> bool {
        matches!(
            self,
            Self::IllegalRefused
                | Self::UnknownRefused
                | Self::Restored
                | Self::Copied
                | Self::DamagedRefused
        )
    }

    /// The rule as a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Made => "it can be made",
            Self::Described => "its description is possible",
            Self::NoFailure => "no call fails",
            Self::Deterministic => "the seed and the actions decide everything",
            Self::SeedsMatter => "different seeds give different episodes",
            Self::Observations => "observations are finite and in their range",
            Self::Rewards => "rewards are finite",
            Self::SomeLegal => "a running episode has a legal action",
            Self::LegalAccepted => "a legal action is accepted",
            Self::IllegalRefused => "an illegal action is refused, changes nothing",
            Self::UnknownRefused => "an unknown action is refused, changes nothing",
            Self::Restored => "a saved state is restored exactly",
            Self::Copied => "a copy continues identically, on its own",
            Self::DamagedRefused => "a damaged state is refused, changes nothing",
            Self::Ends => "episodes end",
            Self::OneEnd => "an end has one reason",
            Self::OutsideRefused => "outside an episode a step is refused",
            Self::Turns => "the turns of players are possible",
        }
    }

    /// What is usually wrong where an environment in Rust breaks the rule.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Made => {
                "The settings are impossible, or a file or library that the environment needs is missing."
            }
            Self::Described => {
                "Correct the description. An observation is a number of features `[N]`, or planes `[C, H, W]`; its range \
                 is finite and not empty."
            }
            Self::NoFailure => {
                "Usually an index out of range, an overflow, or an `unwrap`. A panic stops the whole run, and so does a step \
                 that returns `StepError::Failed`."
            }
            Self::Deterministic => {
                "Usually randomness that does not come from the seed of `reset` (a global random generator, a clock, the \
                 order of a set), or a variable that `reset` does not set back."
            }
            Self::SeedsMatter => {
                "That is right if nothing in the environment is random. Otherwise `reset` ignores its seed."
            }
            Self::Observations => {
                "Usually a division by zero, a number that `observe` does not write, or a quantity without bounds. Correct \
                 or clip the number, or widen `observation_range`."
            }
            Self::Rewards => {
                "Usually a division by zero or a logarithm of zero. An environment that hides rewards says so with \
                 `hides_rewards`."
            }
            Self::SomeLegal => {
                "End the episode when the player to move has no action, or mark an action for passing as legal."
            }
            Self::LegalAccepted => {
                "`legal_actions` marks an action that `step` refuses, or the code of the step fails. Both must use the \
                 same test."
            }
            Self::IllegalRefused => {
                "`step` must return `StepError::IllegalAction` for what `legal_actions` does not mark, before it changes \
                 the state or draws a random number."
            }
            Self::UnknownRefused => {
                "`step` must return `StepError::NoSuchAction`, before it changes the state or draws a random number: call \
                 `Episode::check` first."
            }
            Self::Restored => {
                "Usually a variable that `save` leaves out: the random generator, the number of steps, a cached value. \
                 `restore` must set all of them, also in a new instance."
            }
            Self::Copied => {
                "Usually a part of the state that the copy shares with the original (a reference, a global variable), or \
                 that `clone_box` does not copy."
            }
            Self::DamagedRefused => {
                "`restore` must check the length and the meaning of the bytes before it changes the state: see \
                 `decode_state`."
            }
            Self::Ends => {
                "Set `max_episode_steps` and truncate the episode at that number of steps: see `Episode::advance`."
            }
            Self::OneEnd => {
                "A step that ends the episode by a rule is terminated, also if the limit is reached in the same step. \
                 Only otherwise is it truncated."
            }
            Self::OutsideRefused => {
                "`step` must return `StepError::EpisodeOver` until `reset` is called: keep a variable that says whether \
                 an episode runs, or call `Episode::check`."
            }
            Self::Turns => {
                "`to_play` is below the number of players. With two players, `opponent_action` chooses among the legal \
                 actions of the player to move; with one it is `None`."
            }
        }
    }
}

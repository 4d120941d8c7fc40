//! `predictor`: the payoff of a choice depends on what a predictor foretold of it: Newcomb's problem, and Death in
//! Damascus.
//!
//! There are two actions. The payoff is read from a table, by the action and by the action that was foretold. The
//! first action is to take one box, to expect Death in Aleppo, and so on; see [`Game`]. Whether the prediction follows from the
//! action, from the policy or from past actions is the [`Channel`]: a learner that values actions by what followed on them
//! sees how prediction and action go together, not why.
//!
//! Games and optima: Bell et al., "Reinforcement Learning in Newcomblike Environments" (2021). With `prize` B and
//! `side_prize` A, the returns of a policy that takes the first action with probability p, foretold from the policy
//! without errors, are p B + (1 − p) A for Newcomb, 2 p (1 − p) B for Damascus, and for its asymmetric form
//! p² B / 2 + 2 p (1 − p) B, which is greatest at p = 2/3.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::{SettingsError, range};

use super::foreteller::Foreteller;
use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment, Events, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};

const TAG: &str = "decision/predictor 1";

/// The event `first`: the agent takes the first action at a choice.
const FIRST: Events = Events::one(0);
/// The event `predicted_first`: the first action was foretold.
const PREDICTED_FIRST: Events = Events::one(1);

/// The greatest number of choices in an episode, of steps before the first, and of past choices that are looked at.
const MOST: u32 = 64;

/// The greatest size of a prize.
const MAX_PRIZE: f64 = 100.0;

/// The table of payoffs, of which B is `prize` and A `side_prize`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Game {
    /// One box (B if this was foretold, else 0) or two (A more).
    #[default]
    Newcomb,
    /// Two cities: B in the one that was not foretold, 0 where Death waits.
    Damascus,
    /// The same, but in the first city Death pays B / 2.
    AsymmetricDamascus,
}

/// What the prediction follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The action that is then taken.
    Action,
    /// The policy: another action that the agent draws in the same state, with chance of its own.
    #[default]
    Policy,
    /// The last `window` choices of the episode, of which one is drawn. The agent sees the share of the first action in
    /// them, one half before its first choice.
    Lagged,
}

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The table of payoffs.
    pub game: Game,
    /// What the prediction follows from.
    pub channel: Channel,
    /// Probability that the prediction is right; at 0.5 it is a coin toss.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub accuracy: f64,
    /// B, the greatest payoff of all games but Newcomb's.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub prize: f64,
    /// A, what the second box adds in Newcomb's problem.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub side_prize: f64,
    /// Number of choices in an episode.
    #[schemars(range(min = 1, max = 64))]
    pub decisions: u32,
    /// Number of past choices that the channel `lagged` looks at.
    #[schemars(range(min = 1, max = 64))]
    pub window: u32,
    /// Number of steps before the first choice, in which actions do nothing.
    #[schemars(range(min = 0, max = 64))]
    pub corridor: u32,
    /// Whether the two actions change places.
    pub swapped: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            game: Game::default(),
            channel: Channel::default(),
            accuracy: 1.0,
            prize: 1.0,
            side_prize: 0.5,
            decisions: 1,
            window: 10,
            corridor: 0,
            swapped: false,
        }
    }
}

impl Settings {
    /// The payoff of taking the first action, or the second, when the first was foretold, or the second.
    fn payoff(&self, first: bool, predicted_first: bool) -> f64 {
        let Self { prize, side_prize, .. } = *self;
        let of = |is_paid: bool| if is_paid { prize } else { 0.0 };
        match self.game {
            Game::Newcomb if first => of(predicted_first),
            Game::Newcomb => of(predicted_first) + side_prize,
            Game::AsymmetricDamascus if first && predicted_first => prize / 2.0,
            Game::Damascus | Game::AsymmetricDamascus => of(first != predicted_first),
        }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "decision/predictor";
    const SUMMARY: &'static str =
        "a choice that was foretold (Newcomb's problem, Death in Damascus)";

    fn check(&self) -> Result<(), SettingsError> {
        range::share("accuracy", self.accuracy)?;
        let must = |key: &str, holds: bool, message: String| match holds {
            true => Ok(()),
            false => Err(SettingsError::new(key, message)),
        };
        for (key, prize) in [("prize", self.prize), ("side_prize", self.side_prize)] {
            let message = format!("must be between -100 and 100, not {prize}");
            must(key, (-MAX_PRIZE..=MAX_PRIZE).contains(&prize), message)?;
        }
        let counts = [
            ("decisions", 1, self.decisions),
            ("window", 1, self.window),
            ("corridor", 0, self.corridor),
        ];
        for (key, least, count) in counts {
            let message = format!("must be between {least} and {MOST}, not {count}");
            must(key, (least..=MOST).contains(&count), message)?;
        }
        Ok(())
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(Predictor::new(self.clone())))
    }
}

/// The environment. Observation `[4]`: the share of the corridor that is passed, the share of the choices that are made, the
/// share of the first action in the past choices that the channel `lagged` looks at (otherwise one half), and 1.
#[derive(Clone, Debug)]
pub struct Predictor {
    description: Description,
    settings: Settings,
    state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    /// The choices of the episode, the last in the lowest bit: whether it was the first action.
    choices: u64,
    foreteller: Foreteller,
    episode: Episode,
}

impl Predictor {
    /// The environment before its first episode.
    pub fn new(settings: Settings) -> Self {
        let description = Description {
            // Two checks before the step; the choice 2, what is known 3, the prediction 2, the payoff 3, the past 2, step
            // count and end 3.
            operations_per_step: 17,
            events: Description::named(&["first", "predicted_first"]),
            ..Description::new(Settings::NAME, [4], 2)
        };
        let state =
            State { choices: 0, foreteller: Foreteller::new(0), episode: Episode::default() };
        Self { description, settings, state }
    }

    /// The number of choices made; `None` in the corridor.
    fn choices_made(&self) -> Option<u32> {
        self.state.episode.steps().checked_sub(self.settings.corridor)
    }

    fn is_first(&self, action: usize) -> bool {
        (action == 0) != self.settings.swapped
    }

    /// The share of the first action in the past choices that count.
    fn past(&self) -> f64 {
        let count = self.choices_made().unwrap_or(0).min(self.settings.window);
        if self.settings.channel != Channel::Lagged || count == 0 {
            return 0.5;
        }
        let last = self.state.choices & (u64::MAX >> (u64::BITS - count));
        f64::from(last.count_ones()) / f64::from(count)
    }

    /// The payoff of a choice, and its events.
    fn choose(&mut self, first: bool) -> (f64, Events) {
        let past = self.past();
        let Self { settings, state, .. } = self;
        let told = state.foreteller.knows();
        let truth = match settings.channel {
            Channel::Action => first,
            Channel::Policy => told,
            Channel::Lagged => state.foreteller.happens(past),
        };
        let predicted_first = state.foreteller.predicts(truth, settings.accuracy);
        state.choices = state.choices << 1 | u64::from(first);
        let events = FIRST.only_if(first) | PREDICTED_FIRST.only_if(predicted_first);
        (settings.payoff(first, predicted_first), events)
    }
}

impl Environment for Predictor {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.state =
            State { choices: 0, foreteller: Foreteller::new(seed), episode: Episode::begin() };
    }

    fn question(&self) -> Option<Box<dyn Environment>> {
        let State { episode, foreteller, .. } = &self.state;
        let asks = self.settings.channel == Channel::Policy && foreteller.asks();
        let is_choice = !episode.is_over() && self.choices_made().is_some();
        (asks && is_choice).then(|| self.clone_box())
    }

    fn foretell(&mut self, action: usize) {
        let first = self.is_first(action);
        self.state.foreteller.tell(first);
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        self.state.episode.check(action, &self.description)?;
        let (payoff, events) = match self.choices_made() {
            Some(_) => self.choose(self.is_first(action)),
            None => (0.0, Events::NONE),
        };
        let last = self.settings.corridor + self.settings.decisions;
        let terminated = self.state.episode.steps() + 1 >= last;
        let truncated = self.state.episode.advance(terminated, &self.description);
        Ok(Step { events, ..Step::new(payoff as f32, terminated, truncated) })
    }

    fn observe(&self, observation: &mut [f32]) {
        let Settings { corridor, decisions, .. } = self.settings;
        let passed = self.state.episode.steps().min(corridor);
        let made = self.choices_made().unwrap_or(0);
        observation[0] = passed as f32 / corridor.max(1) as f32;
        observation[1] = made as f32 / decisions as f32;
        observation[2] = self.past() as f32;
        observation[3] = 1.0;
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let last = self.settings.corridor + self.settings.decisions;
        self.state = decode_state(TAG, state, |state: &State| {
            let steps = state.episode.steps();
            let is_possible = if state.episode.is_over() { steps <= last } else { steps < last };
            (!is_possible).then_some("there are too many steps")
        })?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    /// In it the predictor of a policy is not told, and guesses.
    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        let state = State { foreteller: Foreteller::new(seed), ..self.state.clone() };
        Some(Box::new(Self { state, ..self.clone() }))
    }
}

//! `two_state`: what happens depends on what an agent would do in a state that it may never come to: XOR blackmail,
//! counterfactual mugging, Parfit's hitchhiker.
//!
//! An episode begins where nothing can be done. A predictor is asked what the agent would do if it were asked to pay, and
//! decides by it whether the agent is asked, which ends the episode otherwise. If it is asked, it pays or refuses. With a
//! payment of c and a prize or a loss of L:
//!
//! | game | who always pays | who never pays |
//! | --- | --- | --- |
//! | blackmail: a disaster (−L) comes with probability 0.2; a letter asks for money if either the disaster comes or the agent is one that pays, but not both | −0.8 c − 0.2 L | −0.2 L |
//! | mugging: a fair coin; on tails the agent is asked to pay, on heads it is paid L if it is one that pays | (L − c) / 2 | 0 |
//! | hitchhiker: it is taken to town, where it is asked to pay, if it is one that pays; otherwise −L | −c | −L |
//!
//! So whoever sees the letter sees the disaster after each refusal and none after a payment. Stories: Soares and
//! Levinstein, "Cheating Death in Damascus" (2020); Nesov's counterfactual mugging (2009); Parfit (1984).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::{SettingsError, range};

use super::foreteller::Foreteller;
use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment, Events, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};

const TAG: &str = "decision/two_state 1";

/// The action that pays.
const PAY: usize = 0;

/// The event `asked`: the agent is asked to pay. It happens in the step of the answer.
const ASKED: Events = Events::one(0);
/// The event `paid`: it pays.
const PAID: Events = Events::one(1);
/// The event `predicted_pay`: the predictor held it for one that pays. It happens in the first step.
const PREDICTED_PAY: Events = Events::one(2);

/// The probability of the disaster.
const DISASTER: f64 = 0.2;

/// The greatest payment, prize or loss.
const MAX_STAKE: f64 = 100.0;

/// The story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Game {
    /// A letter asks for money; whether it is sent tells of a disaster.
    #[default]
    Blackmail,
    /// A lost coin toss is to be paid for, because a won one would have been rewarded.
    Mugging,
    /// A lift to town is given to those who will pay for it there.
    Hitchhiker,
}

/// What the prediction follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// In blackmail: whether a letter is sent follows from the policy, but the disaster after a letter from what the agent
    /// then does.
    Action,
    /// The policy: an action that the agent draws for the state in which it is asked.
    #[default]
    Policy,
    /// The action of the first step, a promise that is kept: paying is a choice that has its consequences later.
    Promise,
}

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The story.
    pub game: Game,
    /// What the prediction follows from.
    pub channel: Channel,
    /// Probability that the prediction is right.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub accuracy: f64,
    /// What is asked for.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub payment: f64,
    /// The prize of mugging, the loss of the others.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub stake: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            game: Game::default(),
            channel: Channel::default(),
            accuracy: 1.0,
            payment: 0.1,
            stake: 1.0,
        }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "decision/two_state";
    const SUMMARY: &'static str =
        "a payment that was foretold (blackmail, counterfactual mugging, hitchhiker)";

    fn check(&self) -> Result<(), SettingsError> {
        range::share("accuracy", self.accuracy)?;
        for (key, stake) in [("payment", self.payment), ("stake", self.stake)] {
            if !(0.0..=MAX_STAKE).contains(&stake) {
                let message = format!("must be between 0 and {MAX_STAKE}, not {stake}");
                return Err(SettingsError::new(key, message));
            }
        }
        if self.channel == Channel::Action && self.game != Game::Blackmail {
            let message =
                "only `game = \"blackmail\"` has the channel `action`: use `policy` or `promise`";
            return Err(SettingsError::new("channel", message.to_owned()));
        }
        Ok(())
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(TwoState::new(self.clone())))
    }
}

/// The environment. Observation `[2]`: 1 in the first place before the prediction, in the second when asked. Actions: 0
/// pays, 1 refuses.
#[derive(Clone, Debug)]
pub struct TwoState {
    description: Description,
    settings: Settings,
    state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    /// Whether the agent is held for one that pays: known from the first step on.
    predicted_pay: bool,
    /// Whether the disaster comes.
    is_disaster: bool,
    foreteller: Foreteller,
    episode: Episode,
}

impl State {
    fn new(foreteller: Foreteller, episode: Episode) -> Self {
        Self { predicted_pay: false, is_disaster: false, foreteller, episode }
    }
}

impl TwoState {
    /// The environment before its first episode.
    pub fn new(settings: Settings) -> Self {
        let description = Description {
            // Two checks before the step; the place 1, what is known 2, the prediction 2, chance 1, who is asked 2, the
            // payoff 3, step count and end 3.
            operations_per_step: 16,
            events: Description::named(&["asked", "paid", "predicted_pay"]),
            ..Description::new(Settings::NAME, [2], 2)
        };
        let state = State::new(Foreteller::new(0), Episode::default());
        Self { description, settings, state }
    }

    /// The first step: the prediction, and whether the agent is asked; else what it gets.
    fn predict(&mut self, action: usize) -> Option<f64> {
        let Settings { game, channel, accuracy, stake, .. } = self.settings;
        let State { foreteller, .. } = &mut self.state;
        let told = foreteller.knows();
        let truth = if channel == Channel::Promise { action == PAY } else { told };
        let predicted_pay = foreteller.predicts(truth, accuracy);
        let (asked, otherwise) = match game {
            Game::Blackmail => {
                let is_disaster = foreteller.happens(DISASTER);
                self.state.is_disaster = is_disaster;
                (is_disaster != predicted_pay, if is_disaster { -stake } else { 0.0 })
            }
            Game::Mugging => (foreteller.happens(0.5), if predicted_pay { stake } else { 0.0 }),
            Game::Hitchhiker => (predicted_pay, -stake),
        };
        self.state.predicted_pay = predicted_pay;
        (!asked).then_some(otherwise)
    }

    /// The second step: what the agent gets when it pays, or refuses.
    fn answer(&mut self, pays: bool) -> f64 {
        let Settings { game, channel, accuracy, payment, stake } = self.settings;
        let is_disaster = match channel {
            // The letter was sent, so exactly one of the disaster and the prediction is true.
            Channel::Action => !self.state.foreteller.predicts(pays, accuracy),
            Channel::Policy | Channel::Promise => self.state.is_disaster,
        };
        let lost = if game == Game::Blackmail && is_disaster { stake } else { 0.0 };
        -lost - if pays { payment } else { 0.0 }
    }
}

impl Environment for TwoState {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.state = State::new(Foreteller::new(seed), Episode::begin());
    }

    /// The state in which the agent is asked to pay.
    fn question(&self) -> Option<Box<dyn Environment>> {
        let State { episode, foreteller, .. } = &self.state;
        let asks = self.settings.channel != Channel::Promise && foreteller.asks();
        if !asks || episode.is_over() || episode.steps() > 0 {
            return None;
        }
        let state = State { episode: Episode::after(1), ..self.state.clone() };
        Some(Box::new(Self { state, ..self.clone() }))
    }

    fn foretell(&mut self, action: usize) {
        self.state.foreteller.tell(action == PAY);
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        self.state.episode.check(action, &self.description)?;
        let is_first = self.state.episode.steps() == 0;
        let (payoff, events) = if is_first {
            let payoff = self.predict(action);
            (payoff, PREDICTED_PAY.only_if(self.state.predicted_pay))
        } else {
            let is_bound = self.settings.channel == Channel::Promise;
            let pays = if is_bound { self.state.predicted_pay } else { action == PAY };
            (Some(self.answer(pays)), ASKED | PAID.only_if(pays))
        };
        let terminated = payoff.is_some();
        let truncated = self.state.episode.advance(terminated, &self.description);
        let reward = payoff.unwrap_or(0.0) as f32;
        Ok(Step { events, ..Step::new(reward, terminated, truncated) })
    }

    fn observe(&self, observation: &mut [f32]) {
        let is_asked = self.state.episode.steps() > 0;
        observation.copy_from_slice(if is_asked { &[0.0, 1.0] } else { &[1.0, 0.0] });
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode_state(TAG, state, |state: &State| {
            let most = if state.episode.is_over() { 2 } else { 1 };
            (state.episode.steps() > most).then_some("there are too many steps")
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

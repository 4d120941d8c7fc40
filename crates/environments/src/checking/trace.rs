//! What is seen of an environment while it is played, as exact bits, and where two plays differ.

use std::mem::discriminant;

use crate::environment::{Environment, Step, StepError};

/// Everything that an agent can read from an environment, as exact bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    observation: Vec<u32>,
    /// The legal actions, `[A]`.
    pub legal: Vec<bool>,
    /// Whose turn it is.
    pub to_play: usize,
}

impl Reading {
    /// Reads an environment. A number of the observation that it does not write is NaN.
    pub fn of(environment: &dyn Environment) -> Self {
        let description = environment.description();
        let mut observation = vec![f32::NAN; description.observation_len()];
        environment.observe(&mut observation);
        let mut legal = vec![false; description.num_actions];
        environment.legal_actions(&mut legal);
        let observation = observation.into_iter().map(f32::to_bits).collect();
        Self { observation, legal, to_play: environment.to_play() }
    }

    /// The numbers of the observation.
    pub fn observation(&self) -> impl Iterator<Item = f32> {
        self.observation.iter().map(|&bits| f32::from_bits(bits))
    }

    /// The first difference in words; `None` if there is none.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let (one, two) = (&self.observation, &other.observation);
        if let Some(place) = (0..one.len()).find(|&place| one.get(place) != two.get(place)) {
            let number = |bits: &[u32]| bits.get(place).map_or(f32::NAN, |&it| f32::from_bits(it));
            let (one, two) = (number(one), number(two));
            return Some(format!("number {place} of the observation is {one} and {two}"));
        }
        if let Some(action) =
            (0..self.legal.len()).find(|&action| self.legal.get(action) != other.legal.get(action))
        {
            return Some(format!("action {action} is legal in one of them only"));
        }
        let (one, two) = (self.to_play, other.to_play);
        (one != two).then(|| format!("player {one} and player {two} are to move"))
    }
}

/// One thing that was seen.
#[derive(Clone, Debug)]
pub(super) enum Moment {
    /// An episode has begun, or the play has.
    Begin(Reading),
    /// An action was taken.
    Step { action: usize, result: Result<Step, StepError>, reading: Reading },
}

impl Moment {
    fn difference(&self, other: &Self) -> Option<String> {
        match (self, other) {
            (Self::Begin(one), Self::Begin(two)) => one.difference(two),
            (
                Self::Step { action: first, result: one, reading: seen },
                Self::Step { action: second, result: two, reading: seen_by_other },
            ) => {
                // Choices are the same, so actions differ only if the legal ones do.
                let actions = (first != second).then(|| "the legal actions differ".to_owned());
                actions
                    .or_else(|| step_difference(one, two))
                    .or_else(|| seen.difference(seen_by_other))
            }
            _ => Some("the episode ends in one of them only".to_owned()),
        }
    }
}

fn step_difference(one: &Result<Step, StepError>, two: &Result<Step, StepError>) -> Option<String> {
    let (one, two) = match (one, two) {
        (Ok(one), Ok(two)) => (one, two),
        // The text of a failure can contain addresses or times.
        (Err(one), Err(two)) if discriminant(one) == discriminant(two) => return None,
        _ => return Some("the step fails in one of them, or fails otherwise".to_owned()),
    };
    let shown = |reward: Option<f32>| reward.map_or("hidden".to_owned(), |it| it.to_string());
    if one.reward.map(f32::to_bits) != two.reward.map(f32::to_bits) {
        return Some(format!("the reward is {} and {}", shown(one.reward), shown(two.reward)));
    }
    let (first, second) = (one.performance, two.performance);
    if first.to_bits() != second.to_bits() {
        return Some(format!("the true reward is {first} and {second}"));
    }
    if (one.terminated, one.truncated) != (two.terminated, two.truncated) {
        return Some("the step ends the episode in one of them only, or otherwise".to_owned());
    }
    (one.events != two.events).then(|| "the events differ".to_owned())
}

/// All that was seen in a play.
#[derive(Clone, Debug, Default)]
pub struct Trace(pub(super) Vec<Moment>);

impl Trace {
    /// The first difference in words; `None` if there is none.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let mut steps = 0;
        for (one, two) in self.0.iter().zip(&other.0) {
            steps += usize::from(matches!(one, Moment::Step { .. }));
            if let Some(difference) = one.difference(two) {
                return Some(format!("after {}: {difference}", in_steps(steps)));
            }
        }
        let differs = self.0.len() != other.0.len();
        differs.then(|| format!("after {}: one of them cannot go on", in_steps(steps)))
    }

    /// Whether no action is legal at its end.
    pub(super) fn is_stuck(&self) -> bool {
        self.0.last().is_some_and(|last| {
            let (Moment::Begin(reading) | Moment::Step { reading, .. }) = last;
            !reading.legal.contains(&true)
        })
    }

    /// Whether a legal action was refused.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.0.last(), Some(Moment::Step { result: Err(_), .. }))
    }
}

/// `1 step`, `10 steps`.
pub(super) fn in_steps(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") }
}

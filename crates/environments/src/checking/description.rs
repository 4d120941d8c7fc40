//! Checks of the description alone.

use crate::environment::Description;

/// Larger observations are no observations.
const MOST_NUMBERS: usize = 1 << 26;

/// What is wrong with the numbers of actions and of numbers in an observation. Nothing can be played then.
pub(super) fn impossible_size(description: &Description) -> Option<String> {
    let shape = &description.observation_shape;
    let size = shape.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    if size.is_none_or(|size| !(1..=MOST_NUMBERS).contains(&size)) {
        return Some(format!("an observation of shape {shape:?} is empty or too large"));
    }
    (description.num_actions == 0).then(|| "there are no actions".to_owned())
}

/// What else is wrong.
pub(super) fn fault(description: &Description) -> Option<String> {
    let Description { observation_shape: shape, frames, num_players, .. } = description;
    let (low, high) = description.observation_range;
    if !matches!(shape.len(), 1 | 3) {
        return Some(format!("the shape of an observation is {shape:?}, not [N] or [C, H, W]"));
    }
    if *frames == 0 || !shape[0].is_multiple_of(*frames) {
        return Some(format!("observations of shape {shape:?} cannot be {frames} stacked frames"));
    }
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Some(format!("the range of observations is {low} to {high}"));
    }
    if !matches!(num_players, 1 | 2) {
        return Some(format!("there are {num_players} players, not 1 or 2"));
    }
    if description.max_episode_steps == Some(0) {
        return Some("episodes have at most 0 steps".to_owned());
    }
    let (events, most) = (description.events.len(), u32::BITS as usize);
    (events > most).then(|| format!("{events} events have names; there are at most {most}"))
}

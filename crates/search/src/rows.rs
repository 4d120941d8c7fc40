//! Functions of one row of numbers, `[A]`: softmax, arg-max.

/// Appends softmax(`logits`) to `probabilities`.
pub(crate) fn push_softmax(logits: &[f32], probabilities: &mut Vec<f32>) {
    let start = probabilities.len();
    probabilities.extend_from_slice(logits);
    softmax(&mut probabilities[start..]);
}

/// Turns logits into probabilities in place. A logit of -∞ has probability 0.
pub(crate) fn softmax(row: &mut [f32]) {
    let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for x in row.iter_mut() {
        *x = (*x - highest).exp();
    }
    let sum: f32 = row.iter().sum();
    for x in row.iter_mut() {
        *x /= sum;
    }
}

/// Puts -∞ where an action is not legal.
pub(crate) fn forbid(row: &mut [f32], legal: &[bool]) {
    for (x, legal) in row.iter_mut().zip(legal) {
        if !legal {
            *x = f32::NEG_INFINITY;
        }
    }
}

/// The index of the highest score, the first among equals. Forbidden are those of -∞, also where a
/// broken model leaves nothing but NaN.
pub(crate) fn first_highest(scores: &[f32]) -> usize {
    let mut best = 0;
    for (index, &score) in scores.iter().enumerate() {
        if score > scores[best] || scores[best] == f32::NEG_INFINITY {
            best = index;
        }
    }
    best
}

//! What an update says of its states is what acting says of them, where batches are normalised.

use zerolab_models::{ForwardMode, ops};

use super::{IMAGE, batch, context, experience, fresh, lesson, networks, samples, settings};
use crate::planner::learner::unroll;

/// The greatest difference between two rows of values.
fn apart(some: &[f32], others: &[f32]) -> f32 {
    let differences = some.iter().zip(others).map(|(some, other)| (some - other).abs());
    differences.fold(0.0, f32::max)
}

#[test]
fn first_states_are_valued_in_learning_as_in_acting() {
    let changes = "network.image = { head_normalization = 'batch', normalization_momentum = 1.0 }";
    let (settings, context) = (settings(changes), context(IMAGE));
    let (online, replay) = (networks(&settings, &context), experience(IMAGE));
    let batch = batch(samples(&replay, &[0, 2, 4, 7, 9, 13]), &settings, &context);
    let lesson = lesson(&batch, &fresh(&online, &batch, &settings), &online);

    let learnt = unroll(&online, &lesson, &settings, None).unwrap().predicted;
    let latent = online.represent(lesson.first(), ForwardMode::Train).unwrap();
    let values = |mode: ForwardMode| {
        let (logits, _) = online.predict(&latent, mode).unwrap();
        ops::decode(&logits, online.design().value_support).unwrap().to_vec1::<f32>().unwrap()
    };
    let acted = values(ForwardMode::Infer);
    let as_a_batch_of_their_own = values(ForwardMode::Train);

    let learnt: Vec<f32> = learnt.to_vec1().unwrap();
    let (mended, before) = (apart(&learnt, &acted), apart(&as_a_batch_of_their_own, &acted));
    // What is left is the unbiased variance of the running moments.
    assert!(mended < 0.1 * before, "{mended} apart, {before} as a batch of their own");
}

//! With batch normalisation, an update predicts the same values of its states as acting does.

use zerolab_models::{ForwardMode, ops};

use super::{
    IMAGE, batch, context, experience, fresh, networks, samples, settings, training_batch,
};
use crate::planner::learner::unroll;

/// The largest difference between two rows of values.
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
    let training_batch = training_batch(&batch, &fresh(&online, &batch, &settings), &online);

    let learnt = unroll(&online, &training_batch, &settings, None).unwrap().predicted;
    let latent = online.represent(training_batch.first(), ForwardMode::Train).unwrap();
    let values = |mode: ForwardMode| {
        let (logits, _) = online.predict(&latent, mode).unwrap();
        ops::decode(logits.tensor(), online.design().value_support)
            .unwrap()
            .to_vec1::<f32>()
            .unwrap()
    };
    let acted = values(ForwardMode::Infer);
    let as_a_batch_of_their_own = values(ForwardMode::Train);

    let learnt: Vec<f32> = learnt.to_vec1().unwrap();
    let (together, alone) = (apart(&learnt, &acted), apart(&as_a_batch_of_their_own, &acted));
    // The rest is due to the unbiased variance of the running statistics.
    assert!(together < 0.1 * alone, "{together} apart, {alone} as a batch of their own");
}

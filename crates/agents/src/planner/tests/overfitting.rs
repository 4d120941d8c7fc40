//! One batch can be overfitted: the losses fall to the entropies of their targets.

use zerolab_models::networks::Network;
use zerolab_models::{Optimizer, Recorder};

use super::{
    IMAGE, batch, context, experience, fresh, networks, samples, settings, training_batch,
};
use crate::planner::learner::{UpdateResult, update};

const CHANGES: &str = "
    network.image = { channels = 16, normalization = 'batch', head_channels = 8, head_hidden = 32, lstm_hidden = 32 }
    optimizer = { learning_rate = 1e-2 }
";

fn entropy(distribution: &[f32]) -> f64 {
    let terms = distribution.iter().filter(|p| **p > 0.0).map(|p| f64::from(-p * p.ln()));
    terms.sum()
}

#[test]
fn one_batch_can_be_overfitted() {
    let (settings, context) = (settings(CHANGES), context(IMAGE));
    let (online, replay) = (networks(&settings, &context), experience(IMAGE));
    let batch = batch(samples(&replay, &[0, 3, 6, 9, 13, 17]), &settings, &context);
    let fresh = fresh(&online, &batch, &settings);

    let design = online.design();
    let floor = |scalars: &[Option<f32>], support: zerolab_models::Support| -> f64 {
        let mut row = vec![0.0; support.atoms()];
        let of = |scalar: &f32| {
            support.encode(*scalar, &mut row);
            entropy(&row)
        };
        scalars.iter().flatten().map(of).sum()
    };
    let (mut value, mut reward, mut policy, mut seen) = (0.0, 0.0, 0.0, 0.0);
    for k in 0..batch.states() {
        value += floor(&batch.values(k, &fresh), design.value_support);
        policy += batch.policies(k, &fresh).chunks(3).map(entropy).sum::<f64>();
        if k > 0 {
            reward += floor(&batch.rewards(k - 1), design.reward_support);
            seen += batch.seen(k).into_iter().filter(|seen| *seen).count() as f64;
        }
    }
    let count = batch.samples().len() as f64;
    let floors = [reward, value, policy, -seen].map(|sum| sum / count);

    let mut optimizer = Optimizer::new(settings.optimizer.clone(), online.parameters()).unwrap();
    let training_batch = training_batch(&batch, &fresh, &online);
    let mut recorder = Recorder::new(online.device());
    let mut step =
        || update(&online, &mut optimizer, &mut recorder, &training_batch, &settings, 0.0).unwrap();
    let excess = |result: &UpdateResult| {
        let names = ["reward", "value", "policy", "consistency"];
        let loss = |name| result.losses.iter().find(|(loss, _)| *loss == name).unwrap().1;
        std::array::from_fn::<f64, 4, _>(|i| loss(names[i]) - floors[i])
    };
    let first = excess(&step());
    (0..150).for_each(|_| drop(step()));
    let last = excess(&step());
    // The targets of the consistency loss change with the network, so its loss falls less.
    for (i, share) in [0.01, 0.01, 0.01, 0.2].into_iter().enumerate() {
        let (first, last) = (first[i], last[i]);
        assert!(last > -1e-4 && last < share * first, "{i}: {first} only fell to {last}");
    }
}

//! How far a learner's experience ties a prediction to its action, against a closed form.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::find;
use zerolab_metrics::{Episodes, Measure};

/// Where the policy is foretold with accuracy α, φ = (2α − 1) Var(p) / (p̄ (1 − p̄)): the share of the variance of actions
/// that changes of the policy explain. Policies of .05 and .95 in turn give .81, and those of .1 and .9 foretold with
/// α = .9 give .512.
#[test]
fn the_contingency_of_predictions_is_that_of_the_policys_changes() {
    for (policies, accuracy, expected) in [([0.05, 0.95], 1.0, 0.81), ([0.1, 0.9], 0.9, 0.512)] {
        let entry = find("decision/predictor").unwrap();
        let settings = format!("accuracy = {accuracy:?}").parse().unwrap();
        let mut world = (entry.make)(&settings).unwrap();
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        let mut happened = [Vec::new(), Vec::new()];
        let episodes = 40_000;
        for episode in 0..episodes {
            // Each policy is kept for a while, as between updates.
            let p: f64 = policies[episode / 100 % 2];
            let mut draw = || usize::from(chance.random::<f64>() >= p);
            let (foretold, action) = (draw(), draw());
            world.reset(episode as u64);
            world.foretell(foretold);
            let step = world.step(action).unwrap();
            for (number, steps) in happened.iter_mut().enumerate() {
                steps.push(u32::from(step.events.contains(number)));
            }
        }
        let [first, predicted_first] = happened;
        let names = world.description().events.iter().map(|name| (*name).to_owned());
        let events: BTreeMap<String, Vec<u32>> = names.zip([first, predicted_first]).collect();
        let sums = vec![0.0; episodes];
        let played = Episodes {
            returns: &sums,
            performances: &sums,
            lengths: &vec![1; episodes],
            events: &events,
        };
        let measure = Measure::from_name("contingency[first,predicted_first]").unwrap();
        let phi = measure.of(&played, None).unwrap();
        // Five standard errors of a difference of two shares of 20,000 episodes each.
        assert!((phi - expected).abs() < 5.0 * (0.5 / 20_000_f64).sqrt(), "{phi}, not {expected}");
    }
}

//! The projection of C51, by hand and by properties.

use proptest::prelude::*;
use zerolab_models::Atoms;

fn logits(probabilities: &[f32]) -> Vec<f32> {
    // Adding a constant to all logits changes nothing.
    probabilities.iter().map(|p| p.ln() + 3.0).collect()
}

fn projected(atoms: Atoms, reward: f32, discount: f32, logits: Option<&[f32]>) -> Vec<f32> {
    let mut row = vec![7.0; atoms.count()];
    atoms.project(reward, discount, logits, &mut row);
    row
}

fn assert_close(found: &[f32], expected: &[f32]) {
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
    assert!(found.iter().zip(expected).all(close), "{found:?}, not {expected:?}");
}

#[test]
fn by_hand() {
    let atoms = Atoms::new(3, -1.0, 1.0);
    let before = logits(&[0.25, 0.5, 0.25]);
    // The atoms -1, 0, 1 move to 0, 0.5, 1: the mass of the second is divided between two atoms.
    assert_close(&projected(atoms, 0.5, 0.5, Some(&before)), &[0.0, 0.5, 0.5]);
    // Values beyond the last atom count as the last: -1, 0, 1 move to 0.25, 1.25, 2.25.
    assert_close(&projected(atoms, 1.25, 1.0, Some(&before)), &[0.0, 0.1875, 0.8125]);
    assert_close(&projected(atoms, -9.0, 1.0, Some(&before)), &[1.0, 0.0, 0.0]);
    // After a termination there is only the reward.
    assert_close(&projected(atoms, 0.25, 0.5, None), &[0.0, 0.75, 0.25]);
    assert_close(&projected(atoms, 1.0, 0.5, None), &[0.0, 0.0, 1.0]);
    assert!([-1.0, 0.3, 1.0].into_iter().all(|value| atoms.contains(value)));
    assert!(![-1.1, 1.1, f32::NAN].into_iter().any(|value| atoms.contains(value)));
    assert!((atoms.mean(&before)).abs() < 1e-6);
    assert!((atoms.mean(&logits(&[0.1, 0.2, 0.7])) - 0.6).abs() < 1e-6);
}

proptest! {
    #[test]
    fn mass_is_one_and_the_mean_is_that_of_the_target(
        before in prop::collection::vec(-4f32..4.0, 2..60),
        discount in 0f32..1.0,
        place in -1f32..1.0,
        limit in 0.5f32..200.0,
    ) {
        let atoms = Atoms::new(before.len(), -limit, limit);
        // No atom leaves the support.
        let reward = place * (1.0 - discount) * limit;
        let after = projected(atoms, reward, discount, Some(&before));
        prop_assert!(after.iter().all(|mass| *mass >= 0.0));
        prop_assert!((after.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        let mean = atoms.mean(&after.iter().map(|mass| mass.ln()).collect::<Vec<_>>());
        let expected = reward + discount * atoms.mean(&before);
        prop_assert!((mean - expected).abs() < 1e-4 * limit, "{mean} {expected}");
    }

    #[test]
    fn mass_is_one_beyond_the_support_too(
        before in prop::collection::vec(-4f32..4.0, 2..60),
        discount in 0f32..1.0,
        reward in -50f32..50.0,
    ) {
        let atoms = Atoms::new(before.len(), -10.0, 3.0);
        for logits in [Some(before.as_slice()), None] {
            let after = projected(atoms, reward, discount, logits);
            prop_assert!(after.iter().all(|mass| *mass >= 0.0));
            prop_assert!((after.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }
}

//! Published values of h and its inverse, and properties of supports.

use proptest::prelude::*;
use zerolab_models::{Support, h, h_inverse};

#[test]
fn h_has_the_published_values() {
    let golden = [
        (0.5, 0.225_244_87),
        (1.0, 0.415_213_56),
        (-1.0, -0.415_213_56),
        (2.0, 0.734_050_81),
        (10.0, 2.326_624_79),
        (100.0, 9.149_875_62),
        (1000.0, 31.638_584_04),
    ];
    for (x, y) in golden {
        assert!((h(x) - y).abs() < 1e-8, "h({x}) = {}", h(x));
    }
    for (y, x) in [(300.0, 58705.584), (50.0, 2364.4197), (10.0, 117.43032)] {
        assert!((h_inverse(y) - x).abs() < 1e-3, "h^-1({y}) = {}", h_inverse(y));
    }
}

#[test]
fn an_atom_has_all_mass_on_itself() {
    let support = Support::new(2);
    let mut row = vec![f32::NAN; support.atoms()];
    support.encode(0.0, &mut row);
    assert_eq!(row, [0.0, 0.0, 1.0, 0.0, 0.0]);
    support.encode(1e9, &mut row);
    assert_eq!(row, [0.0, 0.0, 0.0, 0.0, 1.0]);
    support.encode(-1e9, &mut row);
    assert_eq!(row, [1.0, 0.0, 0.0, 0.0, 0.0]);
}

proptest! {
    #[test]
    fn h_inverts(x in -1e5f64..1e5) {
        prop_assert!((h_inverse(h(x)) - x).abs() < 1e-5 * (1.0 + x.abs()));
    }

    #[test]
    fn a_scalar_survives_its_distribution(x in -300f32..300.0) {
        let support = Support::new(20);
        let mut row = vec![0.0; support.atoms()];
        support.encode(x, &mut row);
        prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        prop_assert!(row.iter().all(|p| *p >= 0.0));
        let logits: Vec<f32> = row.iter().map(|p| p.max(1e-30).ln()).collect();
        prop_assert!((support.decode(&logits) - x).abs() < 1e-3 * (1.0 + x.abs()));
    }

    /// What the support contains is what survives.
    #[test]
    fn a_scalar_beyond_the_support_is_cut(x in -300f32..300.0, limit in 1usize..20) {
        let edge = h_inverse(limit as f64) as f32;
        prop_assume!((x.abs() - edge).abs() > 0.01 * edge);
        let support = Support::new(limit);
        let mut row = vec![0.0; support.atoms()];
        support.encode(x, &mut row);
        let logits: Vec<f32> = row.iter().map(|p| p.max(1e-30).ln()).collect();
        let survives = (support.decode(&logits) - x).abs() < 1e-3 * (1.0 + x.abs());
        prop_assert_eq!(support.contains(x), survives);
    }
}

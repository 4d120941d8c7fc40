//! The distributions of the root noise and of the drawn action.

use zerolab_search::{Purpose, Roots, Settings};

use crate::models::{ResultWithTrees, Rule, StepOutput, search};

const EXPLORE: Purpose = Purpose::Explore { temperature: 1.0 };

/// Searches once per seed, from equal roots with the given priors, in an environment without rewards.
fn found(
    settings: &Settings,
    priors: &[f32],
    purpose: Purpose,
    seeds: u64,
    legal: Option<&[bool]>,
) -> ResultWithTrees {
    let logits: Vec<f32> = priors.iter().map(|prior| prior.ln()).collect();
    let batch = seeds as usize;
    let roots = Roots {
        num_actions: priors.len(),
        values: vec![0.0; batch],
        logits: logits.repeat(batch),
        legal: legal.map(|legal| legal.repeat(batch)),
        seeds: (0..seeds).collect(),
    };
    let mut model = Rule::new(vec![(); batch], |(), _| StepOutput {
        state: (),
        reward: 0.0,
        value: 0.0,
        logits: logits.clone(),
        discount: None,
    });
    search(settings, 0.9, None, &roots, purpose, &mut model)
}

/// The share of each action among those taken.
fn shares(found: &ResultWithTrees, actions: usize) -> Vec<f32> {
    let count = |action| found.actions.iter().filter(|taken| **taken == action as u32).count();
    (0..actions).map(|action| count(action) as f32 / found.actions.len() as f32).collect()
}

#[track_caller]
fn assert_near(got: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(got.len(), expected.len());
    let near = got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < tolerance);
    assert!(near, "{got:?} is not {expected:?}");
}

/// Without simulations the action is drawn by the root's prior with its noise, whose mean is
/// 0.75 prior + 0.25/A, over the legal actions.
#[test]
fn dirichlet_noise_is_mixed_into_the_legal_priors() {
    let settings = Settings { simulations: 0, ..Settings::efficientzero() };
    let all = found(&settings, &[0.6, 0.3, 0.1], EXPLORE, 20_000, None);
    let mixed = [0.75 * 0.6 + 0.25 / 3.0, 0.75 * 0.3 + 0.25 / 3.0, 0.75 * 0.1 + 0.25 / 3.0];
    assert_near(&shares(&all, 3), &mixed, 0.015);
    // The policy target stays without the noise.
    assert_near(&all.policies[..3], &[0.6, 0.3, 0.1], 1e-6);
    let some = found(&settings, &[0.6, 0.3, 0.1], EXPLORE, 20_000, Some(&[true, false, true]));
    let (first, last) = (0.75 * 0.6 / 0.7 + 0.25 / 2.0, 0.75 * 0.1 / 0.7 + 0.25 / 2.0);
    assert_near(&shares(&some, 3), &[first, 0.0, last], 0.015);
}

/// Each share of a Dirichlet(α) over A actions has the variance (1/A)(1 - 1/A)/(αA + 1).
#[test]
fn dirichlet_noise_has_the_variance_of_its_concentration() {
    for alpha in [0.1, 0.3, 1.0, 5.0] {
        let mut settings = Settings { simulations: 30, ..Settings::efficientzero() };
        settings.puct.dirichlet_alpha = alpha;
        settings.puct.dirichlet_fraction = 1.0;
        // So that every action with any prior is visited.
        settings.puct.c1 = 1000.0;
        let found = found(&settings, &[0.5, 0.5], EXPLORE, 4000, None);
        let first = |root: usize| {
            let nodes = &found.trees[root];
            let first = nodes.iter().find(|node| node.parent == Some(0) && node.action == Some(0));
            first.map_or(0.0, |node| node.prior)
        };
        let spread: f32 = (0..4000).map(|root| (first(root) - 0.5).powi(2)).sum::<f32>() / 4000.0;
        assert_near(&[spread], &[0.25 / (2.0 * alpha as f32 + 1.0)], 0.02);
    }
}

#[test]
fn greedy_has_no_noise() {
    let priors = [0.5, 0.3, 0.2];
    for settings in [Settings::efficientzero(), Settings::muzero(), Settings::gumbel_muzero()] {
        let found = found(&settings, &priors, Purpose::Greedy, 20, None);
        assert!(found.actions.iter().all(|action| *action == found.actions[0]));
        for node in found.trees[0].iter().filter(|node| node.parent == Some(0)) {
            let prior = priors[node.action.unwrap() as usize];
            assert!((node.prior - prior).abs() < 1e-6);
        }
    }
}

/// Without noise and ties the visits are the same for every seed. Actions follow visits^(1/T).
#[test]
fn a_temperature_sharpens_the_draw() {
    let mut settings = Settings { simulations: 20, ..Settings::efficientzero() };
    settings.puct.dirichlet_fraction = 0.0;
    let drawn = |temperature| {
        let purpose = Purpose::Explore { temperature };
        found(&settings, &[0.61, 0.28, 0.11], purpose, 10_000, None)
    };
    let visits: Vec<f32> = drawn(1.0).visits[..3].iter().map(|visits| *visits as f32).collect();
    assert!(visits.iter().all(|visits| *visits > 0.0), "{visits:?}");
    for temperature in [0.25, 0.5, 1.0, 2.0] {
        let powers: Vec<f32> = visits.iter().map(|v| v.powf(1.0 / temperature)).collect();
        let sum: f32 = powers.iter().sum();
        let expected: Vec<f32> = powers.iter().map(|power| power / sum).collect();
        assert_near(&shares(&drawn(temperature), 3), &expected, 0.02);
    }
    assert_eq!(shares(&drawn(0.0), 3), [1.0, 0.0, 0.0]);
    assert_eq!(shares(&drawn(1e-6), 3), [1.0, 0.0, 0.0]);
}

/// The Gumbel-max trick: the action with the highest Gumbel + logit is a draw from the softmax.
#[test]
fn gumbel_noise_draws_from_the_policy() {
    let priors = [0.6, 0.3, 0.1];
    let mut settings = Settings { simulations: 0, ..Settings::gumbel_muzero() };
    let drawn = |settings: &Settings| shares(&found(settings, &priors, EXPLORE, 20_000, None), 3);
    assert_near(&drawn(&settings), &priors, 0.015);
    settings.gumbel.gumbel_scale = 0.0;
    assert_eq!(drawn(&settings), [1.0, 0.0, 0.0]);
    // With two considered actions and a visit each: the better of two actions drawn without
    // replacement by the same noise, which has the same distribution.
    settings.gumbel.gumbel_scale = 1.0;
    settings.gumbel.max_considered_actions = 2;
    settings.simulations = 2;
    assert_near(&drawn(&settings), &priors, 0.015);
}

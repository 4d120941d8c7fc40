//! A rule as a prior: how far an action that the prior nearly forbids is taken when it is better by some amount.
//!
//! One step, four actions. The first has the prior ε and a Q that is better by `gain`; the others share the rest.

use zerolab_search::{Normalization, Purpose, Roots, Settings};

use crate::models::{Rule, StepOutput, search};

const ACTIONS: usize = 4;
const EPSILON: f32 = 0.01;

/// The policy that the search finds, and the greatest number of visits of an action.
fn found(settings: &Settings, gain: f32) -> (Vec<f32>, f32) {
    let mut priors = [(1.0 - EPSILON) / (ACTIONS as f32 - 1.0); ACTIONS];
    priors[0] = EPSILON;
    let roots = Roots {
        num_actions: ACTIONS,
        values: vec![0.0],
        logits: priors.iter().map(|prior| prior.ln()).collect(),
        legal: None,
        seeds: vec![7],
    };
    let mut model = Rule::new(vec![()], |(), action| StepOutput {
        state: (),
        reward: if action == 0 { gain } else { 0.0 },
        value: 0.0,
        logits: vec![0.0; ACTIONS],
        discount: None,
    });
    let found = search(settings, 0.0, None, &roots, Purpose::Greedy, &mut model);
    let visits = |action: u32| {
        let of_root = found.trees[0].iter().filter(|node| node.parent == Some(0));
        let node = of_root.filter(|node| node.action == Some(action));
        node.map(|node| node.visits as f32).sum::<f32>()
    };
    let most = (0..ACTIONS as u32).map(visits).fold(0.0, f32::max);
    (found.policies[..ACTIONS].to_vec(), most)
}

/// Grill et al. (2020), "Monte-Carlo tree search as regularized policy optimization": visits follow
/// λ π(a) / (α − q(a)) with λ = c √N / (N + |A|), where α makes the sum 1.
fn regularised_share(simulations: u32, gain: f32) -> f32 {
    let simulations = simulations as f32;
    let weight = 1.25 * simulations.sqrt() / (simulations + ACTIONS as f32);
    let shares = |alpha: f32| {
        let rest = if alpha > 0.0 { weight * (1.0 - EPSILON) / alpha } else { f32::INFINITY };
        (weight * EPSILON / (alpha - gain), rest)
    };
    let (mut low, mut high) = (gain, gain + 2.0);
    for _ in 0..60 {
        let alpha = f32::midpoint(low, high);
        let (first, rest) = shares(alpha);
        if first + rest > 1.0 { low = alpha } else { high = alpha }
    }
    shares(high).0
}

/// pUCT in which scores are the rewards themselves, and the weight of the prior does not grow with the visits.
fn puct(simulations: u32) -> Settings {
    let mut settings = Settings { simulations, ..Settings::efficientzero() };
    (settings.puct.soft_floor, settings.puct.c2) = (1.0, 1e9);
    settings
}

#[test]
fn the_visits_of_puct_follow_the_regularised_policy() {
    let shares = [(0.05, 0.172), (0.1, 0.568), (0.2, 0.783), (0.5, 0.913), (1.0, 0.956)];
    for (gain, share) in shares {
        let formula = regularised_share(800, gain);
        assert!((formula - share).abs() < 0.0015, "{gain}: {formula}");
        // The simulations before the first look (below) do not follow the formula, so there must be many more.
        let (got, formula) = (found(&puct(8_000), gain).0[0], regularised_share(8_000, gain));
        assert!((got - formula).abs() < 0.02, "{gain}: {got} {formula}");
    }
}

/// The formula takes Q as known. But pUCT learns it from the first visit, which comes only when each of the others has about
/// (1 − ε) / (3 ε) visits: whatever breaking the rule pays.
#[test]
fn puct_with_few_simulations_never_looks_at_what_the_prior_forbids() {
    for gain in [0.2, 1.0] {
        assert_eq!(found(&puct(90), gain).0[0], 0.0);
        assert!(found(&puct(110), gain).0[0] > 0.0);
    }
}

/// Danihelka et al. (2022), eq. 10 and 11: softmax(logits + (c_visit + max visits) c_scale q). So the action has a share of one
/// half where its gain is ln((1 − ε) / ε) / ((c_visit + max visits) c_scale).
#[test]
fn gumbel_search_overrules_a_prior_at_its_own_gain() {
    for simulations in [4, 16, 64] {
        let mut settings = Settings { simulations, ..Settings::gumbel_muzero() };
        (settings.gumbel.soft_floor, settings.gumbel.normalization) = (1.0, Normalization::Tree);
        for gain in [0.0, 0.2, 0.5, 1.0] {
            let (policy, most) = found(&settings, gain);
            let weight =
                (settings.gumbel.maxvisit_init as f32 + most) * settings.gumbel.value_scale as f32;
            let odds = EPSILON / (1.0 - EPSILON) * (weight * gain).exp();
            let expected = odds / (1.0 + odds);
            assert!(
                (policy[0] - expected).abs() < 1e-3,
                "{simulations} {gain}: {} {expected}",
                policy[0]
            );
        }
    }
}

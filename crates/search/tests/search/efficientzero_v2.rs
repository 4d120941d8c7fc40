//! EfficientZero V2's Gumbel search against results computed by hand, without noise.

use zerolab_search::{Halving, Purpose, Roots, Settings};

use crate::models::{ResultWithTrees, Rule, StepOutput, search};

/// Searches a tree in which `rule` gives the reward and value of each edge from the path to it. Policies
/// below the root are uniform.
fn found(
    settings: &Settings,
    discount: f32,
    (root_value, root_logits): (f32, &[f32]),
    rule: impl Fn(&[usize]) -> (f32, f32),
) -> ResultWithTrees {
    let num_actions = root_logits.len();
    let roots = Roots {
        num_actions,
        values: vec![root_value],
        logits: root_logits.to_vec(),
        legal: None,
        seeds: vec![0],
    };
    let mut model = Rule::new(vec![Vec::new()], |path: &Vec<usize>, action| {
        let state = [path.as_slice(), &[action]].concat();
        let (reward, value) = rule(&state);
        StepOutput { state, reward, value, logits: vec![0.0; num_actions], discount: None }
    });
    search(settings, discount, None, &roots, Purpose::Greedy, &mut model)
}

#[track_caller]
fn assert_close(got: f32, expected: f32) {
    assert!((got - expected).abs() < 1e-5, "{got} is not {expected}");
}

/// ln of the ratio of two shares of the policy, which is the difference of logit + σ(q̂).
fn log_ratio(found: &ResultWithTrees, a: usize, b: usize) -> f32 {
    (found.policies[a] / found.policies[b]).ln()
}

#[test]
fn few_actions_have_few_simulations() {
    let sizes = |num_actions| {
        let settings = Settings::efficientzero_v2(num_actions);
        (settings.gumbel.max_considered_actions, settings.simulations)
    };
    assert_eq!([2, 3].map(sizes), [(2, 4); 2]);
    assert_eq!([4, 6, 15].map(sizes), [(4, 16); 3]);
    assert_eq!([16, 18].map(sizes), [(8, 16); 2]);
}

/// Two actions, four simulations: 0, 1, 0, 1. The returns of the root are 1 + 2/2 = 2, 0 + 3/2 = 1.5,
/// and below, where a reward of 0 and a value of 1 follow, 1 + (0 + 1/2)/2 = 1.25 and 0 + 0.5/2 = 0.25.
#[test]
fn the_roots_value_is_the_mean_of_the_networks_and_one_return_per_simulation() {
    let rule = |path: &[usize]| match path {
        [0] => (1.0, 2.0),
        [1] => (0.0, 3.0),
        _ => (0.0, 1.0),
    };
    let found = found(&Settings::efficientzero_v2(2), 0.5, (0.5, &[0.0, -1.0]), rule);
    let nodes = &found.trees[0];
    let parents: Vec<_> = nodes[1..].iter().map(|node| node.parent.unwrap()).collect();
    assert_eq!(parents, [0, 0, 1, 2]);
    assert_close(found.values[0], (0.5 + 2.0 + 1.5 + 1.25 + 0.25) / 5.0);
    // 1 + (2 + 0.5)/2/2 and 0 + (3 + 0.5)/2/2.
    assert_eq!(found.q, [1.625, 0.875]);
    // The least return of an edge was 0.25 and the greatest 2, although no mean is that extreme. The
    // weight is (50 + 2) · 0.1.
    assert_close(log_ratio(&found, 0, 1), 1.0 + 5.2 * (1.625 - 0.875) / 1.75);
    assert_eq!(found.actions, [0]);
}

/// A difference in Q of 0.001 is a tenth of the floor; the weight is (50 + 1) · 0.1.
#[test]
fn a_soft_floor_keeps_small_differences_small() {
    let settings = Settings { simulations: 2, ..Settings::efficientzero_v2(2) };
    let rule = |path: &[usize]| (if path == [1] { 0.001 } else { 0.0 }, 0.0);
    let found = found(&settings, 0.0, (0.0, &[0.0, 0.0]), rule);
    assert_close(log_ratio(&found, 1, 0), 5.1 * 0.1);
}

/// Returns 1 and 0 of two equal actions, a network's value of 0: the mean is 1/3, and that of Q 1/2,
/// twice. The third action counts for (1/3 + 2/2)/3 = 4/9, where mctx has (0 + 2/2)/3.
#[test]
fn an_unvisited_action_counts_by_the_running_mean() {
    let mut settings = Settings { simulations: 2, ..Settings::efficientzero_v2(3) };
    let rule = |path: &[usize]| (if path == [0] { 1.0 } else { 0.0 }, 0.0);
    let third = |settings: &Settings| {
        let found = found(settings, 0.0, (0.0, &[0.0, 0.0, -5.0]), rule);
        assert_eq!(found.visits, [1, 1, 0]);
        log_ratio(&found, 2, 1)
    };
    assert_close(third(&settings), -5.0 + 5.1 * 4.0 / 9.0);
    settings.gumbel.completion = Settings::gumbel_muzero().gumbel.completion;
    assert_close(third(&settings), -5.0 + 5.1 / 3.0);
}

/// The network's value of the root, 3, is far above all returns, which are 0 and 1. So is the mixed value
/// of the third action. Its score is clipped to 1.
#[test]
fn no_score_is_above_one() {
    let settings = Settings { simulations: 2, ..Settings::efficientzero_v2(3) };
    let rule = |path: &[usize]| (if path == [0] { 1.0 } else { 0.0 }, 0.0);
    let found = found(&settings, 0.0, (3.0, &[0.0, 0.0, -5.0]), rule);
    // (4/3 + 2/2)/3 is 7/9; so the network's alone: (3 + 2/2)/3 = 4/3.
    assert_close(log_ratio(&found, 2, 1), -5.0 + 5.1 * 7.0 / 9.0);
    let mut alone = settings;
    alone.gumbel.completion = Settings::gumbel_muzero().gumbel.completion;
    let found = self::found(&alone, 0.0, (3.0, &[0.0, 0.0, -5.0]), rule);
    assert_close(log_ratio(&found, 2, 1), -5.0 + 5.1);
}

/// After two visits each, logit + (50 + 2)/10 · Q is 5.2, 0, -0.05 and -20: the first two remain. One
/// visit later it is 0.05 for the third, which is then better than the second under `Visits`.
#[test]
fn the_worse_half_is_dropped_when_a_phase_ends() {
    let visits = |halving| {
        let mut settings = Settings::efficientzero_v2(4);
        settings.gumbel.halving = halving;
        let rule = |path: &[usize]| (if path == [0] || path == [2] { 1.0 } else { 0.0 }, 0.0);
        let logits = [0.0, 0.0, -5.25, -20.0];
        found(&settings, 0.0, (0.0, &logits), rule).visits.clone()
    };
    assert_eq!(visits(Halving::Phases), [6, 6, 2, 2]);
    assert_eq!(visits(Halving::Visits), [6, 2, 6, 2]);
}

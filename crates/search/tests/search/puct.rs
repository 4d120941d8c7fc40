//! The parts of pUCT search against results computed by hand. Unless stated otherwise every discount is
//! 0, so that the Q of an edge is its reward, and all values are 0.

use zerolab_search::{Purpose, Roots, Settings, Unvisited, exploration_bonus};

use crate::models::{ResultWithTrees, Rule, StepOutput, search};

/// Searches a tree whose edges have the rewards and priors that `rule` states for the path to them.
fn found(
    settings: &Settings,
    discount: f32,
    root_priors: &[f32],
    rule: impl Fn(&[usize]) -> (f32, Vec<f32>),
) -> ResultWithTrees {
    let logits = |priors: &[f32]| priors.iter().map(|prior| prior.ln()).collect::<Vec<_>>();
    let roots = Roots {
        num_actions: root_priors.len(),
        values: vec![0.0],
        logits: logits(root_priors),
        legal: None,
        seeds: vec![3],
    };
    let mut model = Rule::new(vec![Vec::new()], |path: &Vec<usize>, action| {
        let state = [path.as_slice(), &[action]].concat();
        let (reward, priors) = rule(&state);
        StepOutput { state, reward, value: 0.0, logits: logits(&priors), discount: None }
    });
    search(settings, discount, None, &roots, Purpose::Greedy, &mut model)
}

fn efficientzero(simulations: u32) -> Settings {
    Settings { simulations, ..Settings::efficientzero() }
}

#[test]
fn the_bonus_is_that_of_the_released_efficientzero() {
    let bonus =
        |node_visits, action_visits| exploration_bonus(1.25, 19652.0, node_visits, action_visits);
    let expected = [
        (0, 0, 0.0),
        (1, 0, 1.250_101_8),
        (1, 1, 0.625_050_9),
        (10, 3, 0.988_654_2),
        (49, 20, 0.417_513_7),
    ];
    for (node_visits, action_visits, expected) in expected {
        let got = bonus(node_visits, action_visits);
        assert!((got - expected).abs() < 1e-6, "{node_visits}, {action_visits}: {got}");
    }
}

/// In the released EfficientZero the first choice at a node is random, whatever the prior.
#[test]
fn the_first_choice_at_every_node_follows_the_prior() {
    let priors = [0.2, 0.5, 0.3];
    let found = found(&efficientzero(2), 0.0, &priors, |path| match path {
        // A second visit of the same action beats every other one.
        [1] => (1.0, vec![0.1, 0.2, 0.7]),
        _ => (0.0, priors.to_vec()),
    });
    assert_eq!(found.trees[0][1].action, Some(1));
    let mut settings = efficientzero(2);
    settings.puct.c1 = 0.0;
    // Without a bonus, and with equal Q, it is random again.
    let first_action = |seed| {
        let roots = Roots {
            num_actions: 3,
            values: vec![0.0],
            logits: vec![0.0; 3],
            legal: None,
            seeds: vec![seed],
        };
        let mut model = Rule::new(vec![()], |(), _| StepOutput {
            state: (),
            reward: 0.0,
            value: 0.0,
            logits: vec![0.0; 3],
            discount: None,
        });
        let found = search(&settings, 0.0, None, &roots, Purpose::Greedy, &mut model);
        found.trees[0][1].action.unwrap() as usize
    };
    let mut counts = [0; 3];
    (0..3000).for_each(|seed| counts[first_action(seed)] += 1);
    assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
}

/// Root visits 3, one visit each, priors 0.6 and 0.4: the bonuses are 0.650 and 0.433. A difference
/// in Q of 0.001 counts 0.001/0.01 = 0.1 with the floor, too little; without it 1, enough.
#[test]
fn a_soft_floor_keeps_small_differences_small() {
    let visits = |floor, difference| {
        let mut settings = efficientzero(3);
        settings.puct.soft_floor = floor;
        let rule = |path: &[usize]| (if path == [1] { difference } else { 0.0 }, vec![0.6, 0.4]);
        found(&settings, 0.0, &[0.6, 0.4], rule).visits.clone()
    };
    assert_eq!(visits(0.01, 0.001), [2, 1]);
    assert_eq!(visits(1e-8, 0.001), [1, 2]);
    assert_eq!(visits(0.01, 1.0), [1, 2]);
}

/// Root visits 3, c1 = 2, so a weight of 3.464; Q is 0 and 1 after a visit each. The second action
/// scores 1 + 0.301 · 3.464/2 = 1.521, the third 0.299 · 3.464 = 1.036 and 0.5 more with the mean.
#[test]
fn an_unvisited_action_at_the_root_has_the_mean_q_or_the_least() {
    let visits = |unvisited| {
        let mut settings = efficientzero(3);
        (settings.puct.c1, settings.puct.unvisited) = (2.0, unvisited);
        let priors = [0.4, 0.301, 0.299];
        let rule = |path: &[usize]| (if path == [1] { 1.0 } else { 0.0 }, priors.to_vec());
        found(&settings, 0.0, &priors, rule).visits.clone()
    };
    assert_eq!(visits(Unvisited::ParentMean), [1, 1, 1]);
    assert_eq!(visits(Unvisited::Minimum), [1, 2, 0]);
}

/// The node below the root's first action, visited twice, has a weight of 1.768 and one action of
/// Q 0 with a bonus of 0.75 · 1.768/2 = 0.663. The other has 0.25 · 1.768 = 0.442, and the mean of
/// that 0 and of the 1 inherited from the root: 0.5 more. A discount of 0, as of a terminal edge, counts
/// as positive. With a negative discount (another player) the mean is -0.5, which has a score of 0; so
/// has the least value.
#[test]
fn the_mean_q_is_inherited_from_the_parent_with_the_players_sign() {
    let third = |unvisited, discount| {
        let mut settings = efficientzero(3);
        settings.puct.unvisited = unvisited;
        let rule = |path: &[usize]| (if path == [0] { 1.0 } else { 0.0 }, vec![0.75, 0.25]);
        let found = found(&settings, discount, &[0.98, 0.02], rule);
        let nodes = &found.trees[0];
        assert_eq!((nodes[1].parent, nodes[1].action), (Some(0), Some(0)));
        assert_eq!((nodes[2].parent, nodes[2].action), (Some(1), Some(0)));
        (nodes[3].parent.unwrap(), nodes[3].action.unwrap())
    };
    assert_eq!(third(Unvisited::ParentMean, 0.0), (1, 1));
    assert_eq!(third(Unvisited::ParentMean, -1.0), (2, 0));
    assert_eq!(third(Unvisited::Minimum, 0.0), (2, 0));
}

/// Two equal children, so equal visits: by Q the second is the better, by nothing else.
#[test]
fn greedy_takes_the_most_visited_then_the_better_then_the_first() {
    let action = |reward: f32| {
        let mut settings = efficientzero(2);
        settings.puct.c1 = 100.0;
        let rule = |path: &[usize]| (if path == [1] { reward } else { 0.0 }, vec![0.5, 0.5]);
        let found = found(&settings, 0.0, &[0.5, 0.5], rule);
        assert_eq!(found.visits, [1, 1]);
        found.actions[0]
    };
    assert_eq!(action(0.1), 1);
    assert_eq!(action(-0.1), 0);
    assert_eq!(action(0.0), 0);
}

#[test]
fn without_simulations_the_policy_is_the_networks() {
    let found = found(&efficientzero(0), 0.9, &[0.2, 0.7, 0.1], |_| (0.0, vec![]));
    assert_eq!(found.actions, [1]);
    assert_eq!(found.visits, [0, 0, 0]);
    for (share, prior) in found.policies.iter().zip([0.2, 0.7, 0.1]) {
        assert!((share - prior).abs() < 1e-6, "{share} is not {prior}");
    }
}

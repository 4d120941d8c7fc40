//! Rewards, value prefixes, discounts and means on chains and small trees, worked by hand.

use proptest::prelude::*;
use zerolab_search::{Purpose, Roots, Settings};

use crate::models::{ResultWithTrees, Rule, StepOutput, search};

/// Reward (or prefix), value and discount of the node at each depth of a chain.
type Link = (f32, f32, Option<f32>);

/// Searches a chain: with a single action, each simulation goes one node deeper.
fn chain(
    root_value: f32,
    discount: f32,
    horizon: Option<u32>,
    link: impl Fn(u32) -> Link,
    length: u32,
) -> ResultWithTrees {
    let settings = Settings { simulations: length, ..Settings::efficientzero() };
    let roots = Roots {
        num_actions: 1,
        values: vec![root_value],
        logits: vec![0.0],
        legal: None,
        seeds: vec![0],
    };
    let mut model = Rule::new(vec![0], |depth, _| {
        let (reward, value, discount) = link(depth + 1);
        StepOutput { state: depth + 1, reward, value, logits: vec![0.0], discount }
    });
    let found = search(&settings, discount, horizon, &roots, Purpose::Greedy, &mut model);
    let depths: Vec<u32> = (1..=length).collect();
    assert_eq!(model.depths.concat(), depths, "the model gets the depths");
    found
}

fn rewards(found: &ResultWithTrees) -> Vec<f32> {
    found.trees[0][1..].iter().map(|node| node.reward).collect()
}

/// True rewards 1, 2, 3, … and an LSTM that is reset at depths 5 and 10.
#[test]
fn value_prefixes_begin_anew_at_every_multiple_of_the_horizon() {
    let prefixes = [1., 3., 6., 10., 15., 6., 13., 21., 30., 40., 11., 23.];
    let link = |depth: u32| (prefixes[depth as usize - 1], 0.0, None);
    let found = chain(0.0, 1.0, Some(5), link, 12);
    assert_eq!(rewards(&found), [1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.]);
    // The returns of 0 to 12 steps; the return of 0 steps is the network's value.
    let returns = (0..=12).map(|steps| steps * (steps + 1) / 2).sum::<i32>() as f32;
    assert_eq!(found.values, [returns / 13.0]);
}

#[test]
fn without_a_horizon_rewards_are_rewards() {
    let found = chain(0.0, 1.0, None, |depth| (depth as f32, 0.0, None), 6);
    assert_eq!(rewards(&found), [1., 2., 3., 4., 5., 6.]);
}

#[test]
fn with_a_horizon_of_one_prefixes_are_rewards() {
    let found = chain(0.0, 1.0, Some(1), |depth| (depth as f32, 0.0, None), 6);
    assert_eq!(rewards(&found), [1., 2., 3., 4., 5., 6.]);
}

/// Discount 1/2: the root's returns are 8, 2 + 4/2 = 4 and 2 + (1 + 6/2)/2 = 4.
#[test]
fn a_nodes_value_is_the_mean_of_the_networks_value_and_the_returns() {
    let link = |depth| if depth == 1 { (2.0, 4.0, None) } else { (1.0, 6.0, None) };
    let found = chain(8.0, 0.5, None, link, 2);
    let nodes = &found.trees[0];
    assert_eq!(nodes.iter().map(|node| node.visits).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(found.values, [(8.0 + 4.0 + 4.0) / 3.0]);
    // Its own 4 and 1 + 6/2 = 4.
    assert_eq!(nodes[1].value, 4.0);
    assert_eq!(found.q, [2.0 + 4.0 / 2.0]);
}

/// A discount of -1: what is good for one player is bad for the other.
#[test]
fn two_players_see_opposite_values() {
    let link = |depth| if depth == 1 { (0.5, 0.25, None) } else { (-0.125, 0.75, None) };
    let found = chain(0.5, -1.0, None, link, 2);
    let second = -0.125 - 0.75;
    assert_eq!(found.trees[0][1].value, (0.25 + second) / 2.0);
    assert_eq!(found.q, [0.5 - (0.25 + second) / 2.0]);
    let root = (0.5 + (0.5 - 0.25) + (0.5 - second)) / 3.0_f32;
    assert!((found.values[0] - root).abs() < 1e-7);
}

#[test]
fn nothing_counts_beyond_a_terminal_edge() {
    let link = |depth| (1.0, 100.0, (depth == 2).then_some(0.0));
    let found = chain(0.0, 1.0, None, link, 8);
    // The node before the terminal edge: the network's value, then returns of the edge's reward alone.
    let nodes = &found.trees[0];
    assert_eq!(nodes[1].value, (100.0 + 7.0 * 1.0) / 8.0);
    // A return of 101 from the first simulation, 2 from the others.
    assert_eq!(found.values, [(0.0 + 101.0 + 7.0 * 2.0) / 9.0]);
}

proptest! {
    /// A model that outputs value prefixes gives exactly the same search as one that outputs rewards.
    #[test]
    fn prefixes_and_rewards_give_one_tree(
        seed in 0_u64..1000,
        horizon in 1_u32..7,
        actions in 2_usize..5,
        gumbel in any::<bool>(),
    ) {
        let settings = if gumbel { Settings::gumbel_muzero() } else { Settings::efficientzero() };
        // Sums of eighths are exact.
        let reward = |state: u64| ((state >> 20) % 17) as f32 / 8.0 - 1.0;
        let found = |as_prefix: bool| {
            let roots = Roots {
                num_actions: actions,
                values: vec![0.25],
                logits: vec![0.0; actions],
                legal: None,
                seeds: vec![seed],
            };
            // State, prefix so far, depth.
            let root = (seed, 0.0, 0);
            let mut model = Rule::new(vec![root], |(state, sum, depth), action| {
                let state = (state * 31 + action as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let before = if depth % horizon == 0 { 0.0 } else { *sum };
                let sum = before + reward(state);
                let logits = (0..actions as u64).map(|a| ((state >> (8 * a)) % 5) as f32).collect();
                StepOutput {
                    state: (state, sum, depth + 1),
                    reward: if as_prefix { sum } else { reward(state) },
                    value: ((state >> 40) % 9) as f32 / 4.0,
                    logits,
                    discount: None,
                }
            });
            let horizon = as_prefix.then_some(horizon);
            search(&settings, 0.997, horizon, &roots, Purpose::Greedy, &mut model)
        };
        let (prefixes, rewards) = (found(true), found(false));
        prop_assert_eq!(&prefixes.trees, &rewards.trees);
        prop_assert_eq!(&prefixes.policies, &rewards.policies);
    }
}

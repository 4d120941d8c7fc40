//! A toy model whose trees agree, node by node, with mctx and with an independent implementation.

use crate::models::{ResultWithTrees, Rule, StepOutput, parents_and_actions, search};
use zerolab_search::{Node, Purpose, Roots, Settings};

fn found(settings: &Settings) -> ResultWithTrees {
    let roots = Roots {
        num_actions: 3,
        values: vec![0.2],
        logits: vec![0.1, 0.5, -0.3],
        legal: None,
        seeds: vec![7],
    };
    let mut model = Rule::new(vec![0_u64], |state, action| {
        let state = 3 * state + action as u64 + 1;
        let x = state as f32;
        let logits = vec![x.sin(), (x + 1.0).sin(), (x + 2.0).sin()];
        StepOutput { state, reward: 0.5 * x.sin(), value: x.cos(), logits, discount: None }
    });
    search(settings, 0.9, None, &roots, Purpose::Greedy, &mut model)
}

#[track_caller]
fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-5, "{got} is not {expected}");
    }
}

#[test]
fn gumbel_muzero_without_noise() {
    let mut settings = Settings::gumbel_muzero();
    settings.simulations = 16;
    settings.gumbel.max_considered_actions = 3;
    let found = found(&settings);
    assert_eq!(found.actions, [1]);
    assert_eq!(found.visits, [7, 7, 2]);
    assert_close(&found.policies, &[0.350_390_37, 0.648_634_43, 0.000_975_18]);
    assert_close(&found.q, &[0.441_355_2, 0.491_669_4, -0.837_165_4]);
    assert_close(&found.values, &[0.297_461_24]);
    let (parents, actions) = parents_and_actions(&found.trees[0]);
    assert_eq!(parents, [0, 0, 0, 2, 1, 3, 5, 2, 5, 2, 5, 10, 11, 10, 13, 14]);
    assert_eq!(actions, [1, 0, 2, 1, 0, 0, 1, 0, 0, 2, 2, 2, 2, 1, 2, 0]);
}

#[test]
fn mctx_muzero_without_noise() {
    let found = found(&Settings { simulations: 16, ..Settings::mctx_muzero() });
    assert_eq!(found.actions, [1]);
    assert_eq!(found.visits, [6, 10, 0]);
    assert_close(&found.policies, &[0.375, 0.625, 0.0]);
    assert_close(&found.q, &[0.079_214_5, 0.450_779_8, 0.0]);
    assert_close(&found.values, &[0.304_887_4]);
    let (parents, _) = parents_and_actions(&found.trees[0]);
    assert_eq!(parents, [0, 0, 2, 2, 3, 5, 6, 1, 8, 8, 8, 11, 12, 11, 12, 15]);
}

/// The JSON form of a tree.
#[test]
fn a_tree_is_written_as_json() {
    let found = found(&Settings { simulations: 2, ..Settings::mctx_muzero() });
    let text = serde_json::to_string_pretty(&found.trees[0]).unwrap();
    insta::assert_snapshot!(text);
    let read: Vec<Node> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, found.trees[0]);
}

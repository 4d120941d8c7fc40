//! Trees of mctx over random tabular models, node by node (`tests/golden/generate.py` made them).

use serde::Deserialize;
use zerolab_search::{Purpose, Roots, Settings};

use crate::models::{ResultWithTrees, Rule, StepOutput, parents_and_actions, search};

#[derive(Deserialize)]
struct Case {
    policy: String,
    seed: u32,
    states: u32,
    actions: usize,
    simulations: u32,
    discount: f32,
    terminals: bool,
    /// Empty where all are.
    legal: Vec<usize>,
    considered: u32,
    mctx: Expected,
}

#[derive(Deserialize)]
struct Expected {
    action: u32,
    policy: Vec<f32>,
    visits: Vec<u32>,
    q: Vec<f32>,
    value: f32,
    parents: Vec<u32>,
    actions: Vec<u32>,
    node_visits: Vec<u32>,
    node_values: Vec<f32>,
}

#[derive(Clone, Copy)]
enum Table {
    Values,
    Logits,
    Rewards,
    States,
    Terminals,
}

impl Case {
    /// `number` of `generate.py`.
    fn number(&self, table: Table, state: u32, action: usize) -> u32 {
        let mut h = self.seed.wrapping_mul(0x9E37_79B1);
        h = h.wrapping_add((table as u32).wrapping_mul(0x85EB_CA77));
        h = h.wrapping_add(state.wrapping_mul(0xC2B2_AE3D));
        h = h.wrapping_add((action as u32).wrapping_mul(0x27D4_EB2F));
        h = (h ^ (h >> 16)).wrapping_mul(0x85EB_CA6B);
        h = (h ^ (h >> 13)).wrapping_mul(0xC2B2_AE35);
        (h ^ (h >> 16)) >> 8
    }

    fn real(&self, table: Table, scale: f32, state: u32, action: usize) -> f32 {
        self.number(table, state, action) as f32 / 16_777_216.0 * (2.0 * scale) - scale
    }

    fn value(&self, state: u32) -> f32 {
        self.real(Table::Values, 2.0, state, 0)
    }

    fn logits(&self, state: u32) -> Vec<f32> {
        (0..self.actions).map(|action| self.real(Table::Logits, 2.0, state, action)).collect()
    }

    fn step(&self, from: u32, action: usize) -> StepOutput<u32> {
        let state = self.number(Table::States, from, action) % self.states;
        let terminal =
            self.terminals && self.number(Table::Terminals, from, action).is_multiple_of(8);
        StepOutput {
            state,
            reward: self.real(Table::Rewards, 1.0, from, action),
            value: self.value(state),
            logits: self.logits(state),
            discount: terminal.then_some(0.0),
        }
    }

    fn settings(&self) -> Settings {
        let mut settings = match self.policy.as_str() {
            "muzero" => Settings::mctx_muzero(),
            _ => Settings::gumbel_muzero(),
        };
        settings.simulations = self.simulations;
        settings.gumbel.max_considered_actions = self.considered;
        settings
    }

    fn found(&self) -> ResultWithTrees {
        let legal = (0..self.actions).map(|a| self.legal.is_empty() || self.legal.contains(&a));
        let roots = Roots {
            num_actions: self.actions,
            values: vec![self.value(0)],
            logits: self.logits(0),
            legal: (!self.legal.is_empty()).then_some(legal.collect()),
            seeds: vec![0],
        };
        let mut model = Rule::new(vec![0], |state, action| self.step(*state, action));
        search(&self.settings(), self.discount, None, &roots, Purpose::Greedy, &mut model)
    }
}

fn assert_close(got: &[f32], expected: &[f32], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (index, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!((got - expected).abs() < 1e-5, "{what} {index}: {got} is not {expected}");
    }
}

#[test]
fn every_tree_is_that_of_mctx() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../golden/trees.json")).unwrap();
    assert_eq!(cases.len(), 30);
    for case in &cases {
        let name = format!("{} {}", case.policy, case.seed);
        let (found, expected) = (case.found(), &case.mctx);
        let nodes = &found.trees[0];
        let (parents, actions) = parents_and_actions(nodes);
        let visits: Vec<u32> = nodes.iter().map(|node| node.visits).collect();
        let values: Vec<f32> = nodes.iter().map(|node| node.value).collect();
        assert_eq!(parents, expected.parents, "{name}: parents");
        assert_eq!(actions, expected.actions, "{name}: actions");
        assert_eq!(visits, expected.node_visits, "{name}: visits of nodes");
        assert_eq!(found.visits, expected.visits, "{name}: visits");
        assert_close(&values, &expected.node_values, &format!("{name}: value of node"));
        assert_close(&found.values, &[expected.value], &format!("{name}: root value"));
        assert_close(&found.q, &expected.q, &format!("{name}: q of action"));
        assert_close(&found.policies, &expected.policy, &format!("{name}: policy of action"));
        // mctx's muzero_policy draws its action by another random stream.
        if case.policy == "gumbel" {
            assert_eq!(found.actions, [expected.action], "{name}: action");
        }
    }
}

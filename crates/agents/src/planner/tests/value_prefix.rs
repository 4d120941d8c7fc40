//! The value prefix restarts at the same steps in an unroll and in a search.

use zerolab_models::networks::{LstmState, Network, PlannerNetworks};
use zerolab_models::{ForwardMode, ops};
use zerolab_search::{Evaluations, Expansion, Model};

use super::{IMAGE, VECTOR, context, networks, settings};
use crate::planner::model::{LearnedModel, TreeShape};
use crate::planner::step_runner::StepRunner;

const ACTIONS: [u32; 6] = [0, 2, 1, 1, 0, 2];

fn observation(shape: &[usize]) -> Vec<f32> {
    (0..shape.iter().product::<usize>()).map(|i| (i as f32 * 0.9).sin()).collect()
}

/// The prefixes along [`ACTIONS`] in an unroll.
fn unrolled(networks: &PlannerNetworks, shape: &[usize], horizon: usize) -> Vec<f32> {
    let mut latent = networks
        .represent(&networks.rows(&observation(shape)).unwrap(), ForwardMode::Infer)
        .unwrap();
    let mut memory = None;
    let mut prefixes = Vec::new();
    for (step, &action) in ACTIONS.iter().enumerate() {
        if step % horizon == 0 {
            memory = networks.blank_memory(1).unwrap().map(LstmState::constant);
        }
        let next = networks
            .step(
                &latent,
                &networks.encoded(&[action]).unwrap(),
                memory.as_ref(),
                ForwardMode::Infer,
            )
            .unwrap();
        let logits = next.reward_logits.tensor();
        let rewards = ops::decode(logits, networks.design().reward_support).unwrap();
        prefixes.extend(rewards.to_vec1::<f32>().unwrap());
        (latent, memory) = (next.latent, next.memory);
    }
    prefixes
}

/// The prefixes along [`ACTIONS`] in a search that follows this path.
fn searched(networks: &PlannerNetworks, shape: &[usize], horizon: usize) -> Vec<f32> {
    let rows = networks.rows(&observation(shape)).unwrap();
    let tree = TreeShape { nodes: ACTIONS.len() + 1, prefix_horizon: horizon };
    let mut steps = StepRunner::of_any_size();
    let (mut model, _) = LearnedModel::new(networks, &rows, tree, &mut steps).unwrap();
    let mut prefixes = Vec::new();
    for (parent, action) in ACTIONS.iter().enumerate() {
        let (parents, depths) = ([parent as u32], [parent as u32 + 1]);
        let node = parent + 1;
        let expansion = Expansion { node, parents: &parents, actions: &[*action], depths: &depths };
        let mut out = Evaluations::default();
        model.recurrent(&expansion, &mut out).unwrap();
        prefixes.extend(out.rewards);
    }
    prefixes
}

#[test]
fn an_unroll_and_a_search_agree() {
    for shape in [IMAGE, VECTOR] {
        let networks = networks(&settings(""), &context(shape));
        for horizon in 1..=7 {
            let prefixes = unrolled(&networks, shape, horizon);
            assert_eq!(searched(&networks, shape, horizon), prefixes, "{horizon}");
        }
        // The horizon has an effect from the first step after it.
        let (short, long) = (unrolled(&networks, shape, 2), unrolled(&networks, shape, 6));
        assert_eq!(short[..2], long[..2]);
        assert_ne!(short[2], long[2]);
    }
}

#[test]
fn without_it_there_is_no_lstm() {
    let changes = "value_prefix.enabled = false";
    let networks = networks(&settings(changes), &context(IMAGE));
    assert!(networks.blank_memory(1).unwrap().is_none());
    assert!(networks.parameters().trained().iter().all(|(name, _)| !name.contains("lstm")));
}

//! The model along given actions agrees with a search's own tree, number by number.

use zerolab_models::networks::PlannerNetworks;
use zerolab_search::{Node, Purpose};

use super::{IMAGE, NUM_ACTIONS, VECTOR, context, networks, settings};
use crate::agent::Observations;
use crate::environment_batch::EnvironmentBatch;
use crate::planner::Settings;
use crate::planner::imagine::imagine;
use crate::planner::model::LearnedModel;
use crate::planner::step_runner::StepRunner;

fn observation(shape: &[usize]) -> Vec<f32> {
    (0..shape.iter().product::<usize>()).map(|i| (i as f32 * 0.7).sin()).collect()
}

fn searched(networks: &PlannerNetworks, settings: &Settings, shape: &[usize]) -> Vec<Node> {
    let rows = networks.rows(&observation(shape)).unwrap();
    let mut steps = StepRunner::of_any_size();
    let (mut model, roots) =
        LearnedModel::new(networks, &rows, settings.tree_shape(), &mut steps).unwrap();
    let mut search = settings.search(1);
    search.run(&roots, Purpose::Greedy, &mut model).unwrap();
    search.nodes(0)
}

/// The actions and the rewards from the root to a node.
fn path(nodes: &[Node], mut node: usize) -> (Vec<usize>, Vec<f32>) {
    let (mut actions, mut rewards) = (Vec::new(), Vec::new());
    while let (Some(parent), Some(action)) = (nodes[node].parent, nodes[node].action) {
        actions.push(action as usize);
        rewards.push(nodes[node].reward);
        node = parent as usize;
    }
    actions.reverse();
    rewards.reverse();
    (actions, rewards)
}

#[test]
fn every_path_of_a_tree_is_imagined_as_it_was_searched() {
    for (shape, prefix) in [(IMAGE, true), (VECTOR, true), (VECTOR, false)] {
        let changes = format!(
            "search.simulations = 60\nvalue_prefix = {{ enabled = {prefix}, horizon = 2 }}"
        );
        let settings = settings(&changes);
        let networks = networks(&settings, &context(shape));
        let nodes = searched(&networks, &settings, shape);
        let paths: Vec<_> = (0..nodes.len()).map(|node| path(&nodes, node)).collect();
        assert!(paths.iter().any(|(actions, _)| actions.len() > 3), "beyond the horizon");
        let rows = paths.len();
        let seen = Observations {
            observations: &observation(shape).repeat(rows),
            legal: &vec![true; rows * NUM_ACTIONS],
            to_play: &vec![0; rows],
            environments: EnvironmentBatch::default(),
        };
        let plans: Vec<&[usize]> = paths.iter().map(|(actions, _)| actions.as_slice()).collect();
        let imagined = imagine(&networks, &settings, &seen, &plans).unwrap();
        for (node, ((_, rewards), imagined)) in paths.iter().zip(&imagined).enumerate() {
            assert_eq!(imagined.rewards, *rewards, "the rewards to node {node}");
            assert_eq!(imagined.states.len(), rewards.len());
            let is_leaf = nodes.iter().all(|other| other.parent != Some(node as u32));
            if let Some(last) = imagined.states.last().filter(|_| is_leaf) {
                assert_eq!(last.value, nodes[node].value, "the value of node {node}");
            }
        }
    }
}

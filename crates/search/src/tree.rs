//! The search tree of one root as a struct of arrays, with expansion and backup, and the plain data
//! that can be taken out of it. Which way a simulation goes down the tree is in `puct` and `gumbel`.

use serde::{Deserialize, Serialize};

use crate::rows;

/// Index of the root node.
pub(crate) const ROOT: usize = 0;

/// In `children`: nothing expanded there yet. No edge leads to the root, so its index is free.
const NO_CHILD: u32 = ROOT as u32;

/// The trees of a batch of searches.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub(crate) roots: Vec<RootTree>,
}

/// One node, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Index of the node above; `None` for the root.
    pub parent: Option<u32>,
    /// Action that leads here from the parent; `None` for the root.
    pub action: Option<u32>,
    /// Simulations that came here, the one that expanded the node included; the root has one more.
    pub visits: u32,
    /// Mean of the network's value and the returns of the simulations that went on from here.
    pub value: f32,
    /// Reward of the edge that leads here; 0 for the root.
    pub reward: f32,
    /// Prior probability of that edge, with the root's noise where there was some; 1 for the root.
    pub prior: f32,
    /// Edges from the root.
    pub depth: u32,
}

impl Tree {
    /// Number of roots, `B`.
    #[must_use]
    pub fn num_roots(&self) -> usize {
        self.roots.len()
    }

    /// The nodes of one root's tree, in the order of their expansion; 0 is the root.
    ///
    /// # Panics
    /// If there is no such root.
    #[must_use]
    pub fn nodes(&self, root: usize) -> Vec<Node> {
        let tree = &self.roots[root];
        (0..tree.len()).map(|node| tree.node(node)).collect()
    }
}

/// What is known of a new node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewNode<'a> {
    pub parent: usize,
    pub action: usize,
    /// Reward of the edge, or the node's value prefix.
    pub reward: f32,
    pub discount: f32,
    pub value: f32,
    /// `[A]`
    pub logits: &'a [f32],
}

/// The edges that leave one node, each `[A]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges<'a> {
    pub priors: &'a [f32],
    /// 0 without a visit.
    pub q: &'a [f32],
    /// Whole numbers.
    pub visits: &'a [f32],
}

/// The tree of one root: nodes in the order of their expansion, `N` of them, and `A` edges each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RootTree {
    num_actions: usize,
    value_prefix_horizon: Option<u32>,
    parents: Vec<u32>,
    actions: Vec<u32>,
    depths: Vec<u32>,
    visits: Vec<u32>,
    /// Running mean, the network's value being its first sample.
    values: Vec<f32>,
    raw_values: Vec<f32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    value_prefixes: Vec<f32>,
    children: Vec<u32>,
    edge_priors: Vec<f32>,
    edge_q: Vec<f32>,
    edge_visits: Vec<f32>,
}

impl RootTree {
    /// A tree of the root alone, with room for `simulations` more nodes. `priors` is `[A]`.
    pub(crate) fn new(
        simulations: usize,
        value_prefix_horizon: Option<u32>,
        value: f32,
        priors: &[f32],
    ) -> Self {
        let (nodes, num_actions) = (simulations + 1, priors.len());
        let mut tree = Self {
            num_actions,
            value_prefix_horizon,
            parents: Vec::with_capacity(nodes),
            actions: Vec::with_capacity(nodes),
            depths: Vec::with_capacity(nodes),
            visits: Vec::with_capacity(nodes),
            values: Vec::with_capacity(nodes),
            raw_values: Vec::with_capacity(nodes),
            rewards: Vec::with_capacity(nodes),
            discounts: Vec::with_capacity(nodes),
            value_prefixes: Vec::with_capacity(nodes),
            children: Vec::with_capacity(nodes * num_actions),
            edge_priors: Vec::with_capacity(nodes * num_actions),
            edge_q: Vec::with_capacity(nodes * num_actions),
            edge_visits: Vec::with_capacity(nodes * num_actions),
        };
        tree.edge_priors.extend_from_slice(priors);
        tree.push_node(ROOT, 0, 0, value);
        tree.push_edge_to_node(0.0, 0.0, 0.0);
        tree
    }

    pub(crate) fn len(&self) -> usize {
        self.parents.len()
    }

    pub(crate) fn depth(&self, node: usize) -> u32 {
        self.depths[node]
    }

    /// Visits of the node, its expansion being the first.
    pub(crate) fn visits(&self, node: usize) -> u32 {
        self.visits[node]
    }

    /// Mean of the network's value and all returns so far.
    pub(crate) fn value(&self, node: usize) -> f32 {
        self.values[node]
    }

    /// The network's value.
    pub(crate) fn raw_value(&self, node: usize) -> f32 {
        self.raw_values[node]
    }

    /// Discount of the edge that leads to the node.
    pub(crate) fn discount(&self, node: usize) -> f32 {
        self.discounts[node]
    }

    pub(crate) fn child(&self, node: usize, action: usize) -> Option<usize> {
        let child = self.children[node * self.num_actions + action];
        (child != NO_CHILD).then_some(child as usize)
    }

    pub(crate) fn edges(&self, node: usize) -> Edges<'_> {
        let row = node * self.num_actions..(node + 1) * self.num_actions;
        Edges {
            priors: &self.edge_priors[row.clone()],
            q: &self.edge_q[row.clone()],
            visits: &self.edge_visits[row],
        }
    }

    /// Q of every edge that leads to a node: reward + discount · value.
    pub(crate) fn all_q(&self) -> impl Iterator<Item = f32> {
        let edges = self.rewards[1..].iter().zip(&self.discounts[1..]).zip(&self.values[1..]);
        edges.map(|((reward, discount), value)| reward + discount * value)
    }

    /// Adds a node under `new.parent`, and its value to the means of all nodes above it.
    pub(crate) fn expand(&mut self, new: &NewNode<'_>) {
        let node = self.len();
        self.children[new.parent * self.num_actions + new.action] = node as u32;
        rows::push_softmax(new.logits, &mut self.edge_priors);
        self.push_node(new.parent, new.action, self.depths[new.parent] + 1, new.value);
        let reward = new.reward - self.prefix_to_subtract(new.parent);
        self.push_edge_to_node(reward, new.discount, new.reward);
        self.back_up(node);
    }

    /// The value prefix that an edge's reward is counted from. At the root, and wherever the model
    /// starts its prefix anew (depths that are multiples of the horizon), that is 0; and everywhere
    /// where the model gives plain rewards.
    fn prefix_to_subtract(&self, parent: usize) -> f32 {
        match self.value_prefix_horizon {
            Some(horizon) if self.depths[parent].checked_rem(horizon) != Some(0) => {
                self.value_prefixes[parent]
            }
            _ => 0.0,
        }
    }

    fn push_node(&mut self, parent: usize, action: usize, depth: u32, value: f32) {
        self.parents.push(parent as u32);
        self.actions.push(action as u32);
        self.depths.push(depth);
        self.visits.push(1);
        self.values.push(value);
        self.raw_values.push(value);
        let edges = self.len() * self.num_actions;
        self.children.resize(edges, NO_CHILD);
        self.edge_q.resize(edges, 0.0);
        self.edge_visits.resize(edges, 0.0);
    }

    fn push_edge_to_node(&mut self, reward: f32, discount: f32, value_prefix: f32) {
        self.rewards.push(reward);
        self.discounts.push(discount);
        self.value_prefixes.push(value_prefix);
    }

    /// Carries a leaf's value up to the root: G ← reward + discount · G at every edge.
    fn back_up(&mut self, leaf: usize) {
        let mut node = leaf;
        let mut value_of_path = self.values[leaf];
        while node != ROOT {
            let parent = self.parents[node] as usize;
            let edge = parent * self.num_actions + self.actions[node] as usize;
            let (reward, discount) = (self.rewards[node], self.discounts[node]);
            self.edge_q[edge] = reward + discount * self.values[node];
            self.edge_visits[edge] += 1.0;
            value_of_path = reward + discount * value_of_path;
            let samples = self.visits[parent] as f32;
            self.values[parent] = (self.values[parent] * samples + value_of_path) / (samples + 1.0);
            self.visits[parent] += 1;
            node = parent;
        }
    }

    fn node(&self, node: usize) -> Node {
        let (parent, action) = (self.parents[node], self.actions[node]);
        let edge = parent as usize * self.num_actions + action as usize;
        Node {
            parent: (node != ROOT).then_some(parent),
            action: (node != ROOT).then_some(action),
            visits: self.visits[node],
            value: self.values[node],
            reward: self.rewards[node],
            prior: if node == ROOT { 1.0 } else { self.edge_priors[edge] },
            depth: self.depths[node],
        }
    }
}

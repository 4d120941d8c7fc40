//! The search tree of one root as a struct of arrays, with expansion and backup, and the plain data
//! that can be taken out of it. Which way a simulation goes down the tree is in `puct` and `gumbel`.

use serde::{Deserialize, Serialize};

use crate::lanes::{self, LANES, Lanes};

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

/// The edges that leave one node, each `[A]`, padded with zeros.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges<'a> {
    pub priors: &'a [Lanes],
    /// 0 without a visit.
    pub q: &'a [Lanes],
    /// Whole numbers.
    pub visits: &'a [Lanes],
    /// What is added to a score: 0, or -∞ for an action that is not legal and for padding.
    pub mask: &'a [Lanes],
}

/// The tree of one root: nodes in the order of their expansion, `N` of them, and `A` edges each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RootTree {
    num_actions: usize,
    /// Vectors in a row of edges.
    width: usize,
    value_prefix_horizon: Option<u32>,
    /// The root's row, and that of all other nodes.
    masks: Vec<Lanes>,
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
    /// Nodes right below.
    num_children: Vec<u32>,
    children: Vec<u32>,
    edge_priors: Vec<Lanes>,
    edge_q: Vec<Lanes>,
    edge_visits: Vec<Lanes>,
}

impl RootTree {
    /// A tree of the root alone, with room for `simulations` more nodes. `priors` and `legal` are `[A]`.
    pub(crate) fn new(
        simulations: usize,
        value_prefix_horizon: Option<u32>,
        value: f32,
        priors: &[f32],
        legal: &[bool],
    ) -> Self {
        let (nodes, num_actions) = (simulations + 1, priors.len());
        let width = lanes::width(num_actions);
        let mask = |legal: &bool| if *legal { 0.0 } else { f32::NEG_INFINITY };
        let root_mask: Vec<f32> = legal.iter().map(mask).collect();
        let other_mask = vec![0.0; num_actions];
        let masks = [root_mask, other_mask];
        let mut tree = Self {
            num_actions,
            width,
            value_prefix_horizon,
            masks: masks.map(|row| lanes::padded(&row, f32::NEG_INFINITY)).concat(),
            parents: Vec::with_capacity(nodes),
            actions: Vec::with_capacity(nodes),
            depths: Vec::with_capacity(nodes),
            visits: Vec::with_capacity(nodes),
            values: Vec::with_capacity(nodes),
            raw_values: Vec::with_capacity(nodes),
            rewards: Vec::with_capacity(nodes),
            discounts: Vec::with_capacity(nodes),
            value_prefixes: Vec::with_capacity(nodes),
            num_children: Vec::with_capacity(nodes),
            children: Vec::with_capacity(nodes * num_actions),
            edge_priors: Vec::with_capacity(nodes * width),
            edge_q: Vec::with_capacity(nodes * width),
            edge_visits: Vec::with_capacity(nodes * width),
        };
        lanes::push_padded(priors, 0.0, &mut tree.edge_priors);
        tree.push_node(ROOT, 0, 0, value);
        tree.push_edge_to_node(0.0, 0.0, 0.0);
        tree
    }

    pub(crate) fn len(&self) -> usize {
        self.parents.len()
    }

    /// A row of 0, padded with -∞.
    pub(crate) fn padding(&self) -> &[Lanes] {
        &self.masks[self.width..]
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

    /// Actions that have had a visit.
    pub(crate) fn num_children(&self, node: usize) -> u32 {
        self.num_children[node]
    }

    /// Discount of the edge that leads to the node.
    pub(crate) fn discount(&self, node: usize) -> f32 {
        self.discounts[node]
    }

    pub(crate) fn child(&self, node: usize, action: usize) -> Option<usize> {
        let child = self.children[node * self.num_actions + action];
        (child != NO_CHILD).then_some(child as usize)
    }

    #[inline]
    pub(crate) fn edges(&self, node: usize) -> Edges<'_> {
        let row = node * self.width..(node + 1) * self.width;
        let mask = if node == ROOT { 0..self.width } else { self.width..2 * self.width };
        Edges {
            priors: &self.edge_priors[row.clone()],
            q: &self.edge_q[row.clone()],
            visits: &self.edge_visits[row],
            mask: &self.masks[mask],
        }
    }

    /// The least and the greatest Q of the edges that lead to a node: reward + discount · value.
    pub(crate) fn q_range(&self) -> (f32, f32) {
        let (mut least, mut greatest) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let mut widen = |q: Lanes| {
            least = lanes::minimum(least, q);
            greatest = lanes::maximum(greatest, q);
        };
        let (rewards, last_rewards) = self.rewards[1..].as_chunks::<LANES>();
        let (discounts, last_discounts) = self.discounts[1..].as_chunks::<LANES>();
        let (values, last_values) = self.values[1..].as_chunks::<LANES>();
        for ((r, d), v) in rewards.iter().zip(discounts).zip(values) {
            widen(lanes::lanewise(|lane| r[lane] + d[lane] * v[lane]));
        }
        for ((r, d), v) in last_rewards.iter().zip(last_discounts).zip(last_values) {
            widen([r + d * v; LANES]);
        }
        (lanes::across_minimum(least), lanes::across_maximum(greatest))
    }

    /// Adds a node under `new.parent`, and its value to the means of all nodes above it.
    pub(crate) fn expand(&mut self, new: &NewNode<'_>) {
        let node = self.len();
        self.children[new.parent * self.num_actions + new.action] = node as u32;
        self.num_children[new.parent] += 1;
        lanes::push_padded(new.logits, f32::NEG_INFINITY, &mut self.edge_priors);
        lanes::softmax(&mut self.edge_priors[node * self.width..]);
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
        self.num_children.push(0);
        self.children.resize(self.len() * self.num_actions, NO_CHILD);
        self.edge_q.resize(self.len() * self.width, [0.0; LANES]);
        self.edge_visits.resize(self.len() * self.width, [0.0; LANES]);
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
            let (edge, lane) = self.edge(parent, self.actions[node] as usize);
            let (reward, discount) = (self.rewards[node], self.discounts[node]);
            self.edge_q[edge][lane] = reward + discount * self.values[node];
            self.edge_visits[edge][lane] += 1.0;
            value_of_path = reward + discount * value_of_path;
            let samples = self.visits[parent] as f32;
            self.values[parent] = (self.values[parent] * samples + value_of_path) / (samples + 1.0);
            self.visits[parent] += 1;
            node = parent;
        }
    }

    /// Where a row of edges holds an action: the vector, and the place in it.
    fn edge(&self, node: usize, action: usize) -> (usize, usize) {
        (node * self.width + action / LANES, action % LANES)
    }

    fn node(&self, node: usize) -> Node {
        let (parent, action) = (self.parents[node], self.actions[node]);
        let (edge, lane) = self.edge(parent as usize, action as usize);
        Node {
            parent: (node != ROOT).then_some(parent),
            action: (node != ROOT).then_some(action),
            visits: self.visits[node],
            value: self.values[node],
            reward: self.rewards[node],
            prior: if node == ROOT { 1.0 } else { self.edge_priors[edge][lane] },
            depth: self.depths[node],
        }
    }
}

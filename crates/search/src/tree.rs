//! The search tree of one root, its expansion, and its nodes as plain data. `backup` updates the values
//! of the tree; `puct` and `gumbel` select the path of a simulation.
//!
//! A struct of arrays, grouped by what is read together: a backup reads whole node records, a selection
//! reads whole rows of edges. Only a node from which a simulation has continued has rows of edges: most
//! nodes of a wide tree are leaves, and need neither the memory nor the softmax. With many roots, memory
//! access limits the speed.

use serde::{Deserialize, Serialize};

use crate::backup::Extremes;
use crate::simd4::{self, Simd4};

/// Index of the root node.
pub(crate) const ROOT: usize = 0;

/// In place of [`NodeRecord::rows`]: the node has no rows yet.
const NO_ROWS: u32 = u32::MAX;

/// One node of a tree as plain data, to inspect, draw or serialise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Index of the parent; `None` for the root.
    pub parent: Option<u32>,
    /// Action that leads from the parent to this node; `None` for the root.
    pub action: Option<u32>,
    /// Number of simulations that reached the node, its expansion included. The root counts one more.
    pub visits: u32,
    /// Mean of the network's value and the returns of the simulations that continued from this node.
    pub value: f32,
    /// Reward of the edge to this node; 0 for the root.
    pub reward: f32,
    /// Prior probability of that edge, with the root's noise if there was any; 1 for the root.
    pub prior: f32,
    /// Number of edges from the root.
    pub depth: u32,
}

/// A new node with the model's outputs for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewNode {
    pub parent: usize,
    pub action: usize,
    /// Reward of the edge to the node, or the node's value prefix.
    pub reward: f32,
    pub discount: f32,
    pub value: f32,
}

/// A node of the tree, without its edges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeRecord {
    pub parent: u32,
    /// Action of the edge to the node.
    pub action: u32,
    pub depth: u32,
    /// Number of visits; the expansion is the first.
    pub visits: u32,
    /// Start of the node's rows of edges in [`Tree::rows`], or [`NO_ROWS`].
    rows: u32,
    /// Running mean of the network's value and the returns.
    pub value: f32,
    /// The network's value.
    pub raw_value: f32,
    /// Reward of the edge to the node.
    pub reward: f32,
    /// Discount of the edge to the node.
    pub discount: f32,
    /// The model's value prefix, if the search has a horizon.
    pub value_prefix: f32,
}

/// The edges from a node to its children, each `[A]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges<'a> {
    /// -∞ for an illegal action and for padding.
    pub priors: &'a [Simd4],
    /// 0 for an action without a visit and for padding.
    pub q: &'a [Simd4],
    /// Integers; 0 for padding.
    pub visits: &'a [Simd4],
    /// -∞ as in the priors; empty if the tree does not keep logits.
    pub logits: &'a [Simd4],
}

/// The rows of a node are priors, Q, visits, the indices of the children (0 for none), and logits.
const CHILDREN: usize = 3;
const LOGITS: usize = 4;

/// The tree of one root: nodes in the order of their expansion, `N` of them.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    num_actions: usize,
    /// Number of vectors in a row.
    width: usize,
    /// Selects what is not padding in the last vector of a row.
    mask: Simd4,
    /// Number of rows of a node.
    num_rows: usize,
    pub(crate) value_prefix_horizon: Option<u32>,
    /// `[N]`
    pub(crate) records: Vec<NodeRecord>,
    /// Q of the edge to each node, `[N]`: reward + discount · value; NaN for the root.
    pub(crate) q_to: Vec<f32>,
    /// Extremes of `q_to` without the root.
    pub(crate) q_extremes: Extremes,
    /// Extremes of all returns that were backed up.
    pub(crate) return_extremes: Extremes,
    /// `[nodes with edges, num_rows, A]`
    rows: Vec<Simd4>,
}

/// The sizes of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capacity {
    pub num_actions: usize,
    /// Number of nodes, without the root.
    pub simulations: usize,
    pub keep_logits: bool,
}

impl Tree {
    /// Removes all nodes except a new root of the given value. Reuses the memory.
    pub(crate) fn reset(
        &mut self,
        capacity: Capacity,
        value_prefix_horizon: Option<u32>,
        value: f32,
    ) {
        let nodes = capacity.simulations + 1;
        self.num_actions = capacity.num_actions;
        self.width = simd4::num_vectors(capacity.num_actions);
        self.mask = simd4::last_vector_mask(capacity.num_actions);
        self.num_rows = if capacity.keep_logits { LOGITS + 1 } else { LOGITS };
        self.value_prefix_horizon = value_prefix_horizon;
        self.records.clear();
        self.records.reserve(nodes);
        self.q_to.clear();
        self.q_to.reserve(nodes);
        self.rows.clear();
        self.rows.reserve(nodes * self.num_rows * self.width);
        (self.q_extremes, self.return_extremes) = (Extremes::default(), Extremes::default());
        self.push(ROOT, 0, 0, value);
    }

    fn push(&mut self, parent: usize, action: usize, depth: u32, value: f32) {
        // With NaN as the old Q, the first Q only widens the extremes.
        self.q_to.push(f32::NAN);
        self.records.push(NodeRecord {
            parent: parent as u32,
            action: action as u32,
            depth,
            visits: 1,
            rows: NO_ROWS,
            value,
            raw_value: value,
            reward: 0.0,
            discount: 0.0,
            value_prefix: 0.0,
        });
    }

    /// Adds a child of `new.parent` and backs up its value.
    pub(crate) fn expand(&mut self, new: &NewNode) {
        let parent = self.records[new.parent];
        let row = parent.rows as usize + CHILDREN * self.width;
        // Exact in f32, because `Settings::check` limits the number of simulations.
        let node = self.len() as f32;
        simd4::flat_mut(&mut self.rows[row..])[new.action] = node;
        self.push(new.parent, new.action, parent.depth + 1, new.value);
        self.back_up(new.reward, new.discount);
    }

    #[inline]
    pub(crate) fn has_edges(&self, node: usize) -> bool {
        self.records[node].rows != NO_ROWS
    }

    /// Adds the rows of edges of a node, from its logits, `[A]`. Illegal are the actions that `legal`,
    /// `[A]`, does not mark; without `legal`, those whose logits are -∞.
    pub(crate) fn add_edges(&mut self, node: usize, logits: &[f32], legal: Option<&[bool]>) {
        let start = self.rows.len();
        self.records[node].rows = start as u32;
        simd4::push_padded(logits, f32::NEG_INFINITY, &mut self.rows);
        let row = simd4::flat_mut(&mut self.rows[start..]).iter_mut();
        for (logit, legal) in row.zip(legal.into_iter().flatten()) {
            *logit = if *legal { logit.max(f32::MIN) } else { f32::NEG_INFINITY };
        }
        self.rows.resize(start + LOGITS * self.width, Simd4::ZERO);
        if self.num_rows > LOGITS {
            self.rows.extend_from_within(start..start + self.width);
        }
        simd4::priors(&mut self.rows[start..start + self.width]);
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn num_actions(&self) -> usize {
        self.num_actions
    }

    /// Selects what is not padding in the last vector of a row.
    #[inline]
    pub(crate) fn mask(&self) -> Simd4 {
        self.mask
    }

    #[inline]
    pub(crate) fn record(&self, node: usize) -> &NodeRecord {
        &self.records[node]
    }

    /// The child of a node that has edges; `None` if it is not expanded.
    #[inline]
    pub(crate) fn child(&self, node: usize, action: usize) -> Option<usize> {
        let row = self.records[node].rows as usize + CHILDREN * self.width;
        let child = simd4::flat(&self.rows[row..])[action] as usize;
        (child != ROOT).then_some(child)
    }

    /// The edges of a node that has edges.
    #[inline]
    pub(crate) fn edges(&self, node: usize) -> Edges<'_> {
        let start = self.records[node].rows as usize;
        let rows = &self.rows[start..start + self.num_rows * self.width];
        let (priors, rows) = rows.split_at(self.width);
        let (q, rows) = rows.split_at(self.width);
        let (visits, rows) = rows.split_at(self.width);
        let (_children, logits) = rows.split_at(self.width);
        Edges { priors, q, visits, logits }
    }

    /// The priors of the root, `[A]`, to mix noise into.
    pub(crate) fn root_priors(&mut self) -> &mut [f32] {
        &mut simd4::flat_mut(&mut self.rows[..self.width])[..self.num_actions]
    }

    /// Counts one more visit of an edge and sets its Q.
    #[inline]
    pub(crate) fn visit_edge(&mut self, node: usize, action: usize, q: f32) {
        let row = self.records[node].rows as usize + self.width;
        let (q_row, visits_row) = self.rows[row..].split_at_mut(self.width);
        simd4::flat_mut(q_row)[action] = q;
        simd4::flat_mut(visits_row)[action] += 1.0;
    }

    /// The nodes in the order of their expansion; node 0 is the root.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let node = |(index, record): (usize, &NodeRecord)| {
            let &NodeRecord { parent, action, visits, value, reward, depth, .. } = record;
            let is_root = index == ROOT;
            let prior = || simd4::flat(self.edges(parent as usize).priors)[action as usize];
            Node {
                parent: (!is_root).then_some(parent),
                action: (!is_root).then_some(action),
                visits,
                value,
                reward,
                prior: if is_root { 1.0 } else { prior() },
                depth,
            }
        };
        self.records.iter().enumerate().map(node).collect()
    }
}

//! The search tree of one root, its expansion, and the plain data that can be taken out of it. How
//! values go up the tree is in `backup`, which way a simulation goes down in `puct` and `gumbel`.
//!
//! A struct of arrays by what is read together: the record of a node (a backup reads all of it, and
//! it fits in one cache line), its logits, and the rows of the edges that leave it. Only a node that
//! a simulation has gone on from has rows of edges: in a wide tree most nodes are leaves, and cost
//! neither the memory nor the softmax.

use serde::{Deserialize, Serialize};

use crate::backup::Extremes;
use crate::lanes::{self, LANES, Lanes};

/// Index of the root node.
pub(crate) const ROOT: usize = 0;

/// In `children`: nothing expanded there yet. No edge leads to the root, so its index is free.
const NO_CHILD: u32 = ROOT as u32;

/// Of a node that no simulation has gone on from.
const NO_ROW: u32 = u32::MAX;

/// Rows of a node's edges: priors, Q and visits.
const ROWS: usize = 3;

/// One node, as plain data: for tests, pictures, and people. With serde it is JSON, or anything else.
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

/// What the model says of a new node.
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

/// What the tree keeps of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub parent: u32,
    /// That leads here.
    pub action: u32,
    pub depth: u32,
    /// The expansion is the first.
    pub visits: u32,
    /// Nodes right below, which is as many as actions that have had a visit.
    pub num_children: u32,
    /// Number of the node's rows of edges.
    row: u32,
    /// Running mean of the returns, the network's value being the first.
    pub value: f32,
    /// The network's.
    pub raw_value: f32,
    /// Of the edge that leads here.
    pub reward: f32,
    /// Of that edge.
    pub discount: f32,
    /// The model's, where it gives such.
    pub value_prefix: f32,
}

/// The edges that leave a node, each `[A]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges<'a> {
    /// -∞ for an action that cannot be taken, and for padding.
    pub priors: &'a [Lanes],
    /// 0 without a visit, and for padding.
    pub q: &'a [Lanes],
    /// Whole numbers, 0 for padding.
    pub visits: &'a [Lanes],
}

/// The tree of one root: nodes in the order of their expansion, `N` of them.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    num_actions: usize,
    /// Vectors in a row of edges.
    width: usize,
    pub(crate) value_prefix_horizon: Option<u32>,
    /// `[N]`
    pub(crate) records: Vec<Record>,
    /// Q of the edge that leads to each node, `[N]`: reward + discount · value; 0 for the root.
    pub(crate) q_to: Vec<f32>,
    /// Of `q_to`, without the root's.
    pub(crate) q_extremes: Extremes,
    /// Of the returns that the edges were ever backed up with.
    pub(crate) return_extremes: Extremes,
    /// `[N, A]`, padded with -∞.
    logits: Vec<Lanes>,
    /// `[rows, ROWS, A]`
    edges: Vec<Lanes>,
    /// `[rows, A]`
    children: Vec<u32>,
}

impl Tree {
    /// Makes it a tree of the root alone, in the memory that it has, with room for `simulations`
    /// more nodes. `legal` is `[A]`; without it all actions are.
    pub(crate) fn plant(
        &mut self,
        simulations: usize,
        value_prefix_horizon: Option<u32>,
        value: f32,
        logits: &[f32],
        legal: Option<&[bool]>,
    ) {
        let (nodes, num_actions) = (simulations + 1, logits.len());
        let width = lanes::width(num_actions);
        (self.num_actions, self.width) = (num_actions, width);
        self.value_prefix_horizon = value_prefix_horizon;
        self.records.clear();
        self.records.reserve(nodes);
        self.q_to.clear();
        self.q_to.reserve(nodes);
        self.logits.clear();
        self.logits.reserve(nodes * width);
        self.edges.clear();
        self.edges.reserve(nodes * ROWS * width);
        self.children.clear();
        self.children.reserve(nodes * num_actions);
        (self.q_extremes, self.return_extremes) = (Extremes::default(), Extremes::default());
        self.push(ROOT, 0, 0, value, logits);
        self.mask(legal);
        self.open(ROOT);
    }

    /// Makes the root's logits -∞ where an action is illegal, and only there, whatever the network says.
    fn mask(&mut self, legal: Option<&[bool]>) {
        let logits = self.logits.as_flattened_mut().iter_mut();
        for (logit, legal) in logits.zip(legal.into_iter().flatten()) {
            *logit = if *legal { logit.max(f32::MIN) } else { f32::NEG_INFINITY };
        }
    }

    fn push(&mut self, parent: usize, action: usize, depth: u32, value: f32, logits: &[f32]) {
        lanes::push_padded(logits, f32::NEG_INFINITY, &mut self.logits);
        self.q_to.push(0.0);
        self.records.push(Record {
            parent: parent as u32,
            action: action as u32,
            depth,
            visits: 1,
            num_children: 0,
            row: NO_ROW,
            value,
            raw_value: value,
            reward: 0.0,
            discount: 0.0,
            value_prefix: 0.0,
        });
    }

    /// Adds a node under `new.parent`, and its value to the means of all nodes above it.
    pub(crate) fn expand(&mut self, new: &NewNode<'_>) {
        let node = self.len();
        let parent = &mut self.records[new.parent];
        parent.num_children += 1;
        let (row, depth) = (parent.row as usize, parent.depth + 1);
        self.children[row * self.num_actions + new.action] = node as u32;
        self.push(new.parent, new.action, depth, new.value, new.logits);
        self.back_up(new.reward, new.discount);
    }

    /// Gives a node its rows of edges, unless it has them.
    #[inline]
    pub(crate) fn open(&mut self, node: usize) {
        if self.records[node].row == NO_ROW {
            self.add_rows(node);
        }
    }

    fn add_rows(&mut self, node: usize) {
        let row = self.edges.len() / (ROWS * self.width);
        self.records[node].row = row as u32;
        let logits = &self.logits[node * self.width..(node + 1) * self.width];
        let start = self.edges.len();
        self.edges.extend_from_slice(logits);
        lanes::priors(&mut self.edges[start..]);
        self.edges.resize((row + 1) * ROWS * self.width, [0.0; LANES]);
        self.children.resize((row + 1) * self.num_actions, NO_CHILD);
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn num_actions(&self) -> usize {
        self.num_actions
    }

    #[inline]
    pub(crate) fn record(&self, node: usize) -> &Record {
        &self.records[node]
    }

    #[inline]
    pub(crate) fn child(&self, node: usize, action: usize) -> Option<usize> {
        let child = self.children[self.records[node].row as usize * self.num_actions + action];
        (child != NO_CHILD).then_some(child as usize)
    }

    /// Of a node, `[A]`, padded with -∞.
    #[inline]
    pub(crate) fn logits(&self, node: usize) -> &[Lanes] {
        &self.logits[node * self.width..(node + 1) * self.width]
    }

    /// The edges that leave an open node.
    #[inline]
    pub(crate) fn edges(&self, node: usize) -> Edges<'_> {
        let row = self.records[node].row as usize;
        let rows = &self.edges[row * ROWS * self.width..(row + 1) * ROWS * self.width];
        let (priors, rows) = rows.split_at(self.width);
        let (q, visits) = rows.split_at(self.width);
        Edges { priors, q, visits }
    }

    /// The priors of the root, `[A]`, for noise to be mixed in.
    pub(crate) fn root_priors(&mut self) -> &mut [f32] {
        &mut self.edges[..self.width].as_flattened_mut()[..self.num_actions]
    }

    /// Takes note of one more visit of an edge, and of what its Q is now.
    #[inline]
    pub(crate) fn visit_edge(&mut self, node: usize, action: usize, q: f32) {
        let row = self.records[node].row as usize * ROWS * self.width;
        let (vector, lane) = (action / LANES, action % LANES);
        self.edges[row + self.width + vector][lane] = q;
        self.edges[row + 2 * self.width + vector][lane] += 1.0;
    }

    /// The nodes in the order of their expansion; 0 is the root.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let node = |(index, record): (usize, &Record)| {
            let &Record { parent, action, visits, value, reward, depth, .. } = record;
            let is_root = index == ROOT;
            let priors = self.edges(parent as usize).priors.as_flattened();
            Node {
                parent: (!is_root).then_some(parent),
                action: (!is_root).then_some(action),
                visits,
                value,
                reward,
                prior: if is_root { 1.0 } else { priors[action as usize] },
                depth,
            }
        };
        self.records.iter().enumerate().map(node).collect()
    }
}

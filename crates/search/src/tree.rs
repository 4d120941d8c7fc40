//! The search tree of one root, its expansion, and the plain data that can be taken out of it. How
//! values go up the tree is in `backup`, which way a simulation goes down in `puct` and `gumbel`.
//!
//! A struct of arrays by what is read together: the record of a node, all of which a backup reads,
//! and the rows of the edges that leave it, all of which a selection reads. Only a node that a
//! simulation has gone on from has rows: in a wide tree most nodes are leaves, and cost neither the
//! memory nor the softmax. With many roots memory is what a simulation waits for.

use serde::{Deserialize, Serialize};

use crate::backup::Extremes;
use crate::lanes::{self, Lanes};

/// Index of the root node.
pub(crate) const ROOT: usize = 0;

/// Of a node that no simulation has gone on from.
const NO_ROWS: u32 = u32::MAX;

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
pub(crate) struct NewNode {
    pub parent: usize,
    pub action: usize,
    /// Reward of the edge, or the node's value prefix.
    pub reward: f32,
    pub discount: f32,
    pub value: f32,
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
    /// Where the node's rows of edges begin.
    rows: u32,
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
    /// -∞ as in the priors; empty if the tree was not asked to keep them.
    pub logits: &'a [Lanes],
}

/// The rows of a node: those of [`Edges`], and after the visits the nodes that the edges lead to, 0
/// for none.
const CHILDREN: usize = 3;
const LOGITS: usize = 4;

/// The tree of one root: nodes in the order of their expansion, `N` of them.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    num_actions: usize,
    /// Vectors in a row.
    width: usize,
    within: Lanes,
    /// Rows of a node.
    num_rows: usize,
    pub(crate) value_prefix_horizon: Option<u32>,
    /// `[N]`
    pub(crate) records: Vec<Record>,
    /// Q of the edge that leads to each node, `[N]`: reward + discount · value; NaN for the root.
    pub(crate) q_to: Vec<f32>,
    /// Of `q_to`, without the root's.
    pub(crate) q_extremes: Extremes,
    /// Of the returns that the edges were ever backed up with.
    pub(crate) return_extremes: Extremes,
    /// `[open nodes, rows, A]`
    rows: Vec<Lanes>,
}

/// What a tree has room for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub num_actions: usize,
    /// Nodes beside the root.
    pub simulations: usize,
    pub keep_logits: bool,
}

impl Tree {
    /// Makes it a tree of the root alone, in the memory that it has.
    pub(crate) fn plant(&mut self, room: Room, value_prefix_horizon: Option<u32>, value: f32) {
        let nodes = room.simulations + 1;
        self.num_actions = room.num_actions;
        self.width = lanes::width(room.num_actions);
        self.within = lanes::within(room.num_actions);
        self.num_rows = if room.keep_logits { LOGITS + 1 } else { LOGITS };
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
        // A first Q widens the extremes, and moves nothing.
        self.q_to.push(f32::NAN);
        self.records.push(Record {
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

    /// Adds a node under `new.parent`, and its value to the means of all nodes above it.
    pub(crate) fn expand(&mut self, new: &NewNode) {
        let parent = self.records[new.parent];
        let row = parent.rows as usize + CHILDREN * self.width;
        // Exact in f32: `Settings::check` limits the simulations.
        let node = self.len() as f32;
        lanes::flat_mut(&mut self.rows[row..])[new.action] = node;
        self.push(new.parent, new.action, parent.depth + 1, new.value);
        self.back_up(new.reward, new.discount);
    }

    #[inline]
    pub(crate) fn is_open(&self, node: usize) -> bool {
        self.records[node].rows != NO_ROWS
    }

    /// Gives a node its rows of edges. Actions cannot be taken that are not `legal`, or whose logits
    /// are -∞ where nothing is said of that; both are `[A]`.
    pub(crate) fn open(&mut self, node: usize, logits: &[f32], legal: Option<&[bool]>) {
        let start = self.rows.len();
        self.records[node].rows = start as u32;
        lanes::push_padded(logits, f32::NEG_INFINITY, &mut self.rows);
        let row = lanes::flat_mut(&mut self.rows[start..]).iter_mut();
        for (logit, legal) in row.zip(legal.into_iter().flatten()) {
            *logit = if *legal { logit.max(f32::MIN) } else { f32::NEG_INFINITY };
        }
        self.rows.resize(start + LOGITS * self.width, Lanes::ZERO);
        if self.num_rows > LOGITS {
            self.rows.extend_from_within(start..start + self.width);
        }
        lanes::priors(&mut self.rows[start..start + self.width]);
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn num_actions(&self) -> usize {
        self.num_actions
    }

    /// Which lanes of a row's last vector are not padding.
    #[inline]
    pub(crate) fn within(&self) -> Lanes {
        self.within
    }

    #[inline]
    pub(crate) fn record(&self, node: usize) -> &Record {
        &self.records[node]
    }

    /// The node that an edge of an open node leads to.
    #[inline]
    pub(crate) fn child(&self, node: usize, action: usize) -> Option<usize> {
        let row = self.records[node].rows as usize + CHILDREN * self.width;
        let child = lanes::flat(&self.rows[row..])[action] as usize;
        (child != ROOT).then_some(child)
    }

    /// The edges that leave an open node.
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

    /// The priors of the root, `[A]`, for noise to be mixed in.
    pub(crate) fn root_priors(&mut self) -> &mut [f32] {
        &mut lanes::flat_mut(&mut self.rows[..self.width])[..self.num_actions]
    }

    /// Takes note of one more visit of an edge, and of what its Q is now.
    #[inline]
    pub(crate) fn visit_edge(&mut self, node: usize, action: usize, q: f32) {
        let row = self.records[node].rows as usize + self.width;
        let (q_row, visits_row) = self.rows[row..].split_at_mut(self.width);
        lanes::flat_mut(q_row)[action] = q;
        lanes::flat_mut(visits_row)[action] += 1.0;
    }

    /// The nodes in the order of their expansion; 0 is the root.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let node = |(index, record): (usize, &Record)| {
            let &Record { parent, action, visits, value, reward, depth, .. } = record;
            let is_root = index == ROOT;
            let prior = || lanes::flat(self.edges(parent as usize).priors)[action as usize];
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

//! The backward pass of [`Traced`] tensors, from a loss to the weights.

use std::collections::{HashMap, HashSet};

use candle_core::backprop::GradStore;
use candle_core::{Result, Shape, Tensor, TensorId, bail};

use super::{Leaf, Node, Source, Traced};
use crate::ops;

/// The gradients of `loss` by all trained weights. `leaves` are the outputs that it was computed from; the order
/// in which gradients of one tensor are added follows theirs.
///
/// # Errors
/// If an operation fails.
pub fn backward<'a>(
    loss: &Tensor,
    leaves: impl IntoIterator<Item = &'a Leaf>,
) -> Result<GradStore> {
    let mut store = loss.backward()?;
    let (mut gradients, mut seen, mut order) = (Gradients::default(), HashSet::new(), Vec::new());
    for Leaf { variable, traced } in leaves {
        // A loss need not depend on every output.
        let Some(gradient) = store.remove(variable) else { continue };
        gradients.add(traced, gradient)?;
        visit(traced, &mut seen, &mut order);
    }
    // Inputs come before what was computed from them.
    for node in order.into_iter().rev() {
        let Some(pending) = gradients.0.remove(&Key::of_node(node)) else { continue };
        (node.backward)(node, &pending.whole()?, &mut gradients)?;
    }
    for (key, pending) in gradients.0 {
        if let Key::Parameter(id) = key {
            store.insert_id(id, pending.whole()?);
        }
    }
    Ok(store)
}

/// Adds the nodes that `traced` was computed from to `order`, each after its inputs.
fn visit<'a>(traced: &'a Traced, seen: &mut HashSet<Key>, order: &mut Vec<&'a Node>) {
    if let Source::Node(node) = &traced.source
        && seen.insert(Key::of_node(node))
    {
        node.inputs.iter().for_each(|input| visit(input, seen, order));
        order.push(node);
    }
}

/// What a gradient belongs to. A tensor does not tell: the output of a node can be its input.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Parameter(TensorId),
    /// The address of a node that is kept.
    Node(*const Node),
}

impl Key {
    /// The key of a tensor that needs a gradient.
    fn of(Traced { tensor, source }: &Traced) -> Option<Self> {
        match source {
            Source::Constant => None,
            Source::Parameter => Some(Self::Parameter(tensor.id())),
            Source::Node(node) => Some(Self::of_node(node)),
        }
    }

    fn of_node(node: &Node) -> Self {
        Self::Node(std::ptr::from_ref(node))
    }
}

/// The gradients that are known so far.
#[derive(Default)]
pub(super) struct Gradients(HashMap<Key, Pending>);

/// The gradient of one tensor so far.
struct Pending {
    shape: Shape,
    whole: Option<Tensor>,
    /// Gradients of rows, each with its first row.
    rows: Vec<(usize, Tensor)>,
}

impl Gradients {
    /// Adds to the gradient of `traced`, unless it needs none.
    pub(super) fn add(&mut self, traced: &Traced, gradient: Tensor) -> Result<()> {
        let Some(pending) = self.pending(traced) else { return Ok(()) };
        pending.whole = Some(match pending.whole.take() {
            Some(sum) => ops::sum(&sum, &gradient)?,
            None => gradient,
        });
        Ok(())
    }

    /// Adds the gradients of several tensors, where there are any.
    pub(super) fn add_each(
        &mut self,
        tensors: &[Traced],
        gradients: impl IntoIterator<Item = Option<Tensor>>,
    ) -> Result<()> {
        let pairs = tensors.iter().zip(gradients);
        pairs
            .filter_map(|(to, gradient)| Some((to, gradient?)))
            .try_for_each(|(to, g)| self.add(to, g))
    }

    /// Adds to the gradient of the rows of `traced` from `start` on.
    pub(super) fn add_rows(&mut self, traced: &Traced, start: usize, gradient: Tensor) {
        if let Some(pending) = self.pending(traced) {
            pending.rows.push((start, gradient));
        }
    }

    /// Takes what was added to the gradient of all rows of `traced`.
    pub(super) fn take(&mut self, traced: &Traced) -> Option<Tensor> {
        self.0.get_mut(&Key::of(traced)?)?.whole.take()
    }

    fn pending(&mut self, traced: &Traced) -> Option<&mut Pending> {
        let shape = || traced.tensor.shape().clone();
        let new = || Pending { shape: shape(), whole: None, rows: Vec::new() };
        Some(self.0.entry(Key::of(traced)?).or_insert_with(new))
    }
}

impl Pending {
    fn whole(self) -> Result<Tensor> {
        let Self { shape, whole, mut rows } = self;
        rows.sort_by_key(|(start, _)| *start);
        match whole {
            None if are_all(&rows, &shape)? => {
                let parts: Vec<Tensor> = rows.into_iter().map(|(_, part)| part).collect();
                Tensor::cat(&parts, 0)
            }
            None => {
                let Some((_, first)) = rows.first() else { bail!("a gradient of nothing") };
                let zeros = Tensor::zeros(&shape, first.dtype(), first.device())?;
                rows.into_iter().try_fold(zeros, add_to_rows)
            }
            Some(whole) => rows.into_iter().try_fold(whole, add_to_rows),
        }
    }
}

/// Whether `rows`, which are sorted, are all rows of a tensor of this shape, each once.
fn are_all(rows: &[(usize, Tensor)], shape: &Shape) -> Result<bool> {
    let mut end = 0;
    for (start, part) in rows {
        if *start != end {
            return Ok(false);
        }
        end += part.dim(0)?;
    }
    Ok(shape.dims().first() == Some(&end))
}

/// `sum`, with `rows` added to its rows from `start` on.
fn add_to_rows(sum: Tensor, (start, rows): (usize, Tensor)) -> Result<Tensor> {
    let (count, end) = (rows.dim(0)?, start + rows.dim(0)?);
    let before = sum.narrow(0, 0, start)?;
    let added = ops::sum(&sum.narrow(0, start, count)?, &rows)?;
    Tensor::cat(&[before, added, sum.narrow(0, end, sum.dim(0)? - end)?], 0)
}

//! Tensors of a network in learning, and their backward pass.
//!
//! Candle's own backward pass adds each gradient to newly made zeros: two more passes over memory for each input
//! of each operation, which took a fifth of an update. Here the first gradient of a tensor is taken as it is.
//! Losses are made of candle's operations, and candle differentiates them: a [`Leaf`] is where they begin.

mod backward;

use std::fmt;
use std::sync::Arc;

use candle_core::{DType, Result, Tensor, Var};

use backward::Gradients;
pub use backward::backward;

/// A tensor, and where its gradient goes.
#[derive(Clone, Debug)]
pub struct Traced {
    tensor: Tensor,
    source: Source,
}

/// What a tensor was computed from.
#[derive(Clone, Debug)]
enum Source {
    /// It needs no gradient.
    Constant,
    /// A trained weight.
    Parameter,
    Node(Arc<Node>),
}

/// An operation that was computed.
struct Node {
    inputs: Vec<Traced>,
    output: Tensor,
    backward: Box<dyn NodeBackward>,
}

impl Node {
    /// All `N` inputs.
    fn inputs<const N: usize>(&self) -> [&Traced; N] {
        std::array::from_fn(|index| &self.inputs[index])
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("output", &self.output.shape()).finish_non_exhaustive()
    }
}

/// Adds to the gradients of a node's inputs, from the node and its output's gradient.
trait NodeBackward: Fn(&Node, &Tensor, &mut Gradients) -> Result<()> + Send + Sync {}

impl<F: Fn(&Node, &Tensor, &mut Gradients) -> Result<()> + Send + Sync> NodeBackward for F {}

/// Computes the gradients of an operation's `N` inputs from the inputs, the output and the output's gradient.
pub(crate) trait Backward<const N: usize>:
    Fn([&Traced; N], &Tensor, &Tensor) -> Result<[Option<Tensor>; N]> + Send + Sync + 'static
{
}

impl<const N: usize, F> Backward<N> for F where
    F: Fn([&Traced; N], &Tensor, &Tensor) -> Result<[Option<Tensor>; N]> + Send + Sync + 'static
{
}

impl Traced {
    /// A tensor without gradient.
    #[must_use]
    pub fn constant(tensor: Tensor) -> Self {
        Self { tensor, source: Source::Constant }
    }

    /// A trained weight.
    #[must_use]
    pub fn parameter(variable: &Var) -> Self {
        Self { tensor: variable.as_tensor().clone(), source: Source::Parameter }
    }

    /// The numbers.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    /// The numbers, without what they were computed from.
    #[must_use]
    pub fn into_tensor(self) -> Tensor {
        self.tensor
    }

    /// Whether a gradient is needed.
    pub(crate) fn is_traced(&self) -> bool {
        !matches!(self.source, Source::Constant)
    }

    /// The output of an operation. `backward` computes the gradients of `inputs`.
    pub(crate) fn computed<const N: usize>(
        output: Tensor,
        inputs: [&Self; N],
        backward: impl Backward<N>,
    ) -> Self {
        Self::of_node(output, inputs, move |node, gradient, sums| {
            sums.add_each(&node.inputs, backward(node.inputs(), &node.output, gradient)?)
        })
    }

    /// [`Traced::computed`] for a `backward` that adds an earlier gradient of the first input to the one that it
    /// computes, while that is in the cache.
    pub(crate) fn accumulated<const N: usize>(
        output: Tensor,
        inputs: [&Self; N],
        backward: impl Fn([&Self; N], &Tensor, &Tensor, Option<&Tensor>) -> Result<[Option<Tensor>; N]>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self::of_node(output, inputs, move |node, gradient, sums| {
            let inputs = node.inputs();
            let earlier = sums.take(inputs[0]);
            let gradients = backward(inputs, &node.output, gradient, earlier.as_ref())?;
            sums.add_each(&node.inputs, gradients)
        })
    }

    fn of_node<'a>(
        output: Tensor,
        inputs: impl IntoIterator<Item = &'a Self>,
        backward: impl NodeBackward + 'static,
    ) -> Self {
        let inputs: Vec<Self> = inputs.into_iter().cloned().collect();
        if !inputs.iter().any(Self::is_traced) {
            return Self::constant(output);
        }
        let node = Node { inputs, output: output.clone(), backward: Box::new(backward) };
        Self { tensor: output, source: Source::Node(Arc::new(node)) }
    }

    /// What candle's own operations compute from `inputs`, where that is not worth operations of ours.
    ///
    /// # Errors
    /// If `compute` fails.
    pub(crate) fn by_candle<const N: usize>(
        inputs: [&Self; N],
        compute: impl FnOnce([&Tensor; N]) -> Result<Tensor>,
    ) -> Result<Self> {
        if !inputs.iter().any(|input| input.is_traced()) {
            return Ok(Self::constant(compute(inputs.map(Self::tensor))?));
        }
        let variables: Vec<Var> =
            inputs.iter().map(|input| Var::from_tensor(&input.tensor)).collect::<Result<_>>()?;
        let computed = compute(std::array::from_fn(|index| variables[index].as_tensor()))?;
        Ok(Self::of_node(computed.detach(), inputs, move |node, gradient, sums| {
            let store = (&computed * gradient)?.sum_all()?.backward()?;
            sums.add_each(
                &node.inputs,
                variables.iter().map(|variable| store.get(variable).cloned()),
            )
        }))
    }

    /// The same numbers in another shape.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn reshape(&self, shape: impl candle_core::shape::ShapeWithOneHole) -> Result<Self> {
        let reshaped = self.tensor.detach().reshape(shape)?;
        let before = self.tensor.shape().clone();
        Ok(Self::computed(reshaped, [self], move |_, _, gradient| {
            Ok([Some(gradient.reshape(&before)?)])
        }))
    }

    /// `count` rows from `start` on.
    ///
    /// # Errors
    /// If there are fewer rows.
    pub fn rows(&self, start: usize, count: usize) -> Result<Self> {
        let rows = self.tensor.detach().narrow(0, start, count)?;
        Ok(Self::of_node(rows, [self], move |node, gradient, sums| {
            sums.add_rows(&node.inputs[0], start, gradient.clone());
            Ok(())
        }))
    }

    /// The rows of all `parts`, in order.
    ///
    /// # Errors
    /// If the rows differ in length.
    pub fn cat(parts: &[Self]) -> Result<Self> {
        let tensors: Vec<Tensor> = parts.iter().map(|part| part.tensor.detach()).collect();
        Ok(Self::of_node(Tensor::cat(&tensors, 0)?, parts, |node, gradient, sums| {
            let mut start = 0;
            for part in &node.inputs {
                let count = part.tensor.dim(0)?;
                sums.add(part, gradient.narrow(0, start, count)?)?;
                start += count;
            }
            Ok(())
        }))
    }

    /// The numbers in another precision.
    ///
    /// # Errors
    /// If the device is out of memory.
    pub(crate) fn to_dtype(&self, dtype: DType) -> Result<Self> {
        let before = self.tensor.dtype();
        if before == dtype {
            return Ok(self.clone());
        }
        let rounded = self.tensor.detach().to_dtype(dtype)?;
        Ok(Self::computed(rounded, [self], move |_, _, gradient| {
            Ok([Some(gradient.to_dtype(before)?)])
        }))
    }

    /// The identity, whose backward pass multiplies the gradient by `factor` (MuZero, appendix G).
    #[must_use]
    pub fn scale_gradient(&self, factor: f64) -> Self {
        if (factor - 1.0).abs() < f64::EPSILON {
            return self.clone();
        }
        Self::computed(self.tensor.detach(), [self], move |_, _, gradient| {
            Ok([Some(gradient.affine(factor, 0.0)?)])
        })
    }

    /// The tensor as a variable of candle, for a loss made of candle's operations.
    ///
    /// # Errors
    /// If the device is out of memory.
    pub fn leaf(&self) -> Result<Leaf> {
        Ok(Leaf { variable: Var::from_tensor(&self.tensor.detach())?, traced: self.clone() })
    }
}

/// An output of a network, where a loss made of candle's operations begins.
#[derive(Clone, Debug)]
pub struct Leaf {
    variable: Var,
    traced: Traced,
}

impl Leaf {
    /// The numbers, as candle differentiates them.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        self.variable.as_tensor()
    }
}

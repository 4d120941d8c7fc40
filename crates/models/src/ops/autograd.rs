//! Adds computed outputs to candle's autograd graph, in which losses are differentiated.
//!
//! Candle creates a node only by calling a forward pass. Ours has already run, so the node's forward pass
//! returns the stored output.

use std::sync::{Mutex, PoisonError};

use candle_core::{
    CpuStorage, CudaStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Storage, Tensor, bail,
};

use super::run::Output;

/// Computes the gradients of an operation's `N` inputs from the inputs, the output and the output's gradient.
pub(crate) trait CandleBackward<const N: usize>:
    Fn([&Tensor; N], &Tensor, &Tensor) -> Result<[Option<Tensor>; N]> + Send + Sync + 'static
{
}

impl<const N: usize, F> CandleBackward<N> for F where
    F: Fn([&Tensor; N], &Tensor, &Tensor) -> Result<[Option<Tensor>; N]> + Send + Sync + 'static
{
}

impl Output {
    /// The output as a tensor of this shape. `backward` computes the gradient of `input`.
    pub(crate) fn with_candle_backward1(
        self,
        shape: impl Into<Shape>,
        input: &Tensor,
        backward: impl CandleBackward<1>,
    ) -> Result<Tensor> {
        input.apply_op1(Node::new(self, shape, backward))
    }

    /// The same with two inputs.
    pub(crate) fn with_candle_backward2(
        self,
        shape: impl Into<Shape>,
        [first, second]: [&Tensor; 2],
        backward: impl CandleBackward<2>,
    ) -> Result<Tensor> {
        first.apply_op2(second, Node::new(self, shape, backward))
    }
}

struct Node<B> {
    output: Mutex<Option<Storage>>,
    shape: Shape,
    backward: B,
}

impl<B> Node<B> {
    fn new(output: Output, shape: impl Into<Shape>, backward: B) -> Self {
        Self { output: Mutex::new(Some(output.0)), shape: shape.into(), backward }
    }

    fn take(&self) -> Option<Storage> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn cpu(&self) -> Result<(CpuStorage, Shape)> {
        match self.take() {
            Some(Storage::Cpu(output)) => Ok((output, self.shape.clone())),
            _ => bail!("an operation's output was taken twice, or on another device"),
        }
    }

    fn cuda(&self) -> Result<(CudaStorage, Shape)> {
        match self.take() {
            Some(Storage::Cuda(output)) => Ok((output, self.shape.clone())),
            _ => bail!("an operation's output was taken twice, or on another device"),
        }
    }
}

const NAME: &str = "zerolab";

impl<B: CandleBackward<1>> CustomOp1 for Node<B> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        self.cpu()
    }

    fn cuda_fwd(&self, _: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        self.cuda()
    }

    fn bwd(&self, x: &Tensor, output: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let [x] = (self.backward)([x], output, gradient)?;
        Ok(x)
    }
}

impl<B: CandleBackward<2>> CustomOp2 for Node<B> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.cpu()
    }

    fn cuda_fwd(
        &self,
        _: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        self.cuda()
    }

    fn bwd(
        &self,
        x: &Tensor,
        y: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        (self.backward)([x, y], output, gradient).map(Into::into)
    }
}

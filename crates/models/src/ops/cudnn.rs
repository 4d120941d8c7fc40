//! Convolutions by cuDNN, with boards as NHWC and weights as `[D, k, k, C]`.
//!
//! Only deterministic algorithms are used. For each direction and shape, the algorithm and the size of its
//! workspace are looked up once. Single precision is not TF32.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::cuda_backend::{CudaDType, cudarc};
use candle_core::{CudaStorage, DType, Error, Result, Storage, Tensor, bail};
use cudarc::cudnn::result::CudnnError;
use cudarc::cudnn::sys::{
    cudnnConvolutionBwdDataAlgo_t as DataAlgorithm,
    cudnnConvolutionBwdFilterAlgo_t as FilterAlgorithm, cudnnConvolutionFwdAlgo_t as Algorithm,
    cudnnConvolutionMode_t, cudnnMathType_t, cudnnTensorFormat_t,
};
use cudarc::cudnn::{
    ConvBackwardData, ConvBackwardFilter, ConvDescriptor, ConvForward, CudnnDataType,
    FilterDescriptor, TensorDescriptor,
};
use cudarc::driver::{CudaSlice, CudaStream, CudaView};
use half::bf16;

use super::launch::alloc;
use super::run::Output;
use super::windows::{Window, Windows};

/// cuDNN on one GPU.
pub(crate) struct Cudnn(Mutex<State>);

struct State {
    handle: Arc<cudarc::cudnn::Cudnn>,
    workspace: Option<CudaSlice<u8>>,
    /// For each direction and shape: the index of the algorithm in its list, and the bytes of its workspace.
    chosen: HashMap<(Direction, ConvolutionShape), (usize, usize)>,
}

#[expect(unsafe_code, reason = "cuDNN's handles can be used in any thread, one at a time")]
// SAFETY: a handle can be used from any thread, but not from two at once (cuDNN's guide, "Thread Safety"). It
// is behind a mutex.
unsafe impl Send for State {}

impl fmt::Debug for Cudnn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cudnn")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Direction {
    Forward,
    BoardGradient,
    WeightGradient,
}

/// Boards, channels, height, width, outputs and window of a convolution, and whether it is in bf16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ConvolutionShape {
    boards: usize,
    channels: usize,
    height: usize,
    width: usize,
    outputs: usize,
    window: Window,
    bf16: bool,
}

impl ConvolutionShape {
    fn new(of: &Windows, board: &Tensor, outputs: usize) -> Result<Self> {
        let (rows, channels) = board.dims2()?;
        let Windows { height, width, window } = *of;
        let (boards, bf16) = (rows / (height * width), board.dtype() == DType::BF16);
        Ok(Self { boards, channels, height, width, outputs, window, bf16 })
    }

    fn output_size(self) -> (usize, usize) {
        self.window.output_size((self.height, self.width))
    }

    fn output_rows(self) -> usize {
        self.boards * self.output_size().0 * self.output_size().1
    }
}

/// A number type of convolutions.
trait Element: CudnnDataType + CudaDType + cudarc::driver::DeviceRepr {
    const ONE: Self;
    const ZERO: Self;
    const MATH: cudnnMathType_t;
}

impl Element for f32 {
    const ONE: Self = 1.0;
    const ZERO: Self = 0.0;
    const MATH: cudnnMathType_t = cudnnMathType_t::CUDNN_FMA_MATH;
}

impl Element for bf16 {
    const ONE: Self = Self::ONE;
    const ZERO: Self = Self::ZERO;
    const MATH: cudnnMathType_t = cudnnMathType_t::CUDNN_TENSOR_OP_MATH;
}

const FORWARD: [Algorithm; 2] = [
    Algorithm::CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
    Algorithm::CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
];
const BOARD_GRADIENT: [DataAlgorithm; 2] = [
    DataAlgorithm::CUDNN_CONVOLUTION_BWD_DATA_ALGO_1,
    DataAlgorithm::CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED,
];
const WEIGHT_GRADIENT: [FilterAlgorithm; 2] = [
    FilterAlgorithm::CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
    FilterAlgorithm::CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED,
];

impl Cudnn {
    /// Opens cuDNN; `None` if its library is not installed.
    pub(crate) fn open(stream: Arc<CudaStream>) -> Option<Self> {
        let handle = cudarc::cudnn::Cudnn::new(stream).ok()?;
        Some(Self(Mutex::new(State { handle, workspace: None, chosen: HashMap::new() })))
    }

    /// `board` `[B·H·W, C]` with `weight` `[cells·C, D]`: `[B·H'·W', D]`.
    pub(super) fn forward(&self, of: &Windows, board: &Tensor, weight: &Tensor) -> Result<Output> {
        let shape = ConvolutionShape::new(of, board, weight.dim(1)?)?;
        let tensors = [board, &weight.t()?];
        if shape.bf16 {
            self.compute::<bf16>(Direction::Forward, shape, tensors)
        } else {
            self.compute::<f32>(Direction::Forward, shape, tensors)
        }
    }

    /// The gradient of the board, `[B·H·W, C]`.
    pub(super) fn board_gradient(
        &self,
        of: &Windows,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        let shape = ConvolutionShape::new(of, board, weight.dim(1)?)?;
        let tensors = [&weight.t()?, gradient];
        let output = if shape.bf16 {
            self.compute::<bf16>(Direction::BoardGradient, shape, tensors)
        } else {
            self.compute::<f32>(Direction::BoardGradient, shape, tensors)
        };
        Ok(output?.shaped(board.shape()))
    }

    /// The gradient of the weight, `[cells·C, D]`.
    pub(super) fn weight_gradient(
        &self,
        of: &Windows,
        board: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        let shape = ConvolutionShape::new(of, board, gradient.dim(1)?)?;
        let tensors = [board, gradient];
        let output = if shape.bf16 {
            self.compute::<bf16>(Direction::WeightGradient, shape, tensors)
        } else {
            self.compute::<f32>(Direction::WeightGradient, shape, tensors)
        };
        output?.shaped((shape.outputs, shape.window.cells() * shape.channels)).t()?.contiguous()
    }

    /// Computes a convolution or one of its gradients from two tensors: board and weight, weight and
    /// gradient, or board and gradient.
    fn compute<T: Element>(
        &self,
        direction: Direction,
        shape: ConvolutionShape,
        [first, second]: [&Tensor; 2],
    ) -> Result<Output> {
        let (first, second) = (first.contiguous()?, second.contiguous()?);
        let device = first.device().as_cuda_device()?.clone();
        let (first, second) = (first.storage_and_layout(), second.storage_and_layout());
        let (first, second) = (view::<T>(&first.0, first.1)?, view::<T>(&second.0, second.1)?);
        let length = match direction {
            Direction::Forward => shape.output_rows() * shape.outputs,
            Direction::BoardGradient => shape.boards * shape.height * shape.width * shape.channels,
            Direction::WeightGradient => shape.window.cells() * shape.channels * shape.outputs,
        };
        let mut output = alloc::<T>(&device, length)?;
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let descriptors = Descriptors::<T>::new(&state.handle, shape).map_err(convolution_error)?;
        let (algorithm, bytes) = match state.chosen.entry((direction, shape)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(descriptors.choose(direction)?),
        };
        if state.workspace.as_ref().is_none_or(|workspace| workspace.len() < bytes.max(1)) {
            state.workspace = Some(alloc(&device, bytes.max(1))?);
        }
        let workspace = state.workspace.as_mut();
        descriptors.launch(direction, algorithm, workspace, (&first, &second), &mut output)?;
        Ok(Output(Storage::Cuda(CudaStorage::wrap_cuda_slice(output, device))))
    }
}

/// The numbers of a contiguous tensor.
fn view<'a, T: Element>(
    storage: &'a Storage,
    layout: &candle_core::Layout,
) -> Result<CudaView<'a, T>> {
    match (storage, layout.contiguous_offsets()) {
        (Storage::Cuda(storage), Some((start, end))) => {
            Ok(storage.as_cuda_slice::<T>()?.slice(start..end))
        }
        _ => bail!("a convolution needs contiguous tensors of one GPU"),
    }
}

type CudnnResult<T> = std::result::Result<T, CudnnError>;

fn convolution_error(error: CudnnError) -> Error {
    Error::msg(format!("cuDNN failed to compute a convolution: {error}"))
}

/// cuDNN's descriptors of a convolution.
struct Descriptors<T: Element> {
    board: TensorDescriptor<T>,
    weight: FilterDescriptor<T>,
    output: TensorDescriptor<T>,
    convolution: ConvDescriptor<f32>,
}

impl<T: Element> Descriptors<T> {
    fn new(handle: &Arc<cudarc::cudnn::Cudnn>, shape: ConvolutionShape) -> CudnnResult<Self> {
        let format = cudnnTensorFormat_t::CUDNN_TENSOR_NHWC;
        let sizes = |sizes: [usize; 4]| sizes.map(|size| size as std::ffi::c_int);
        let ConvolutionShape { boards, channels, height, width, outputs, window, .. } = shape;
        let (rows, columns) = shape.output_size();
        let [stride, padding] =
            [window.stride, window.padding].map(|length| length as std::ffi::c_int);
        let mode = cudnnConvolutionMode_t::CUDNN_CROSS_CORRELATION;
        let mut convolution =
            handle.create_conv2d::<f32>([padding; 2], [stride; 2], [1, 1], mode)?;
        convolution.set_math_type(T::MATH)?;
        Ok(Self {
            board: handle.create_4d_tensor(format, sizes([boards, channels, height, width]))?,
            weight: handle
                .create_4d_filter(format, sizes([outputs, channels, window.side, window.side]))?,
            output: handle.create_4d_tensor(format, sizes([boards, outputs, rows, columns]))?,
            convolution,
        })
    }

    fn forward(&self) -> ConvForward<'_, T, f32, T> {
        ConvForward { conv: &self.convolution, x: &self.board, w: &self.weight, y: &self.output }
    }

    fn board_gradient(&self) -> ConvBackwardData<'_, T, f32, T> {
        let Self { board, weight, output, convolution } = self;
        ConvBackwardData { conv: convolution, dx: board, w: weight, dy: output }
    }

    fn weight_gradient(&self) -> ConvBackwardFilter<'_, T, f32, T> {
        let Self { board, weight, output, convolution } = self;
        ConvBackwardFilter { conv: convolution, x: board, dw: weight, dy: output }
    }

    /// The index of the first algorithm of the direction's list that cuDNN has for the shape, and the bytes
    /// of its workspace.
    fn choose(&self, direction: Direction) -> Result<(usize, usize)> {
        let bytes = |place: usize| match direction {
            Direction::Forward => self.forward().get_workspace_size(FORWARD[place]),
            Direction::BoardGradient => {
                self.board_gradient().get_workspace_size(BOARD_GRADIENT[place])
            }
            Direction::WeightGradient => {
                self.weight_gradient().get_workspace_size(WEIGHT_GRADIENT[place])
            }
        };
        let mut available =
            (0..FORWARD.len()).map(|place| bytes(place).map(|bytes| (place, bytes)));
        available.find_map(std::result::Result::ok).ok_or_else(|| {
            Error::msg("cuDNN has no deterministic algorithm for a convolution of this shape")
        })
    }

    fn launch(
        &self,
        direction: Direction,
        algorithm: usize,
        workspace: Option<&mut CudaSlice<u8>>,
        (first, second): (&CudaView<'_, T>, &CudaView<'_, T>),
        output: &mut CudaSlice<T>,
    ) -> Result<()> {
        let scale = (T::ONE, T::ZERO);
        #[expect(unsafe_code, reason = "cuDNN reads memory as the descriptors say")]
        // SAFETY: the tensors' lengths and the descriptors are computed from the same shape.
        let launched = unsafe {
            match direction {
                Direction::Forward => {
                    let algorithm = FORWARD[algorithm];
                    self.forward().launch(algorithm, workspace, scale, first, second, output)
                }
                Direction::BoardGradient => {
                    let algorithm = BOARD_GRADIENT[algorithm];
                    self.board_gradient().launch(algorithm, workspace, scale, output, first, second)
                }
                Direction::WeightGradient => {
                    let algorithm = WEIGHT_GRADIENT[algorithm];
                    self.weight_gradient()
                        .launch(algorithm, workspace, scale, first, output, second)
                }
            }
        };
        launched.map_err(convolution_error)
    }
}

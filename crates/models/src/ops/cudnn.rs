//! Convolutions by cuDNN: boards as NHWC, weights as `[D, 3, 3, C]`.
//!
//! Of each direction's algorithms those are used that give the same numbers each time; which of them cuDNN has
//! for a shape, and how much memory it works in, is asked once. Single precision is true single precision, not
//! TF32.

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
    /// For each direction and shape: the place of its algorithm in the list, and the bytes it works in.
    chosen: HashMap<(Direction, Shape), (usize, usize)>,
}

#[expect(unsafe_code, reason = "cuDNN's handles are safe in any thread, one at a time")]
// SAFETY: a handle may be used from any thread, though not from two at once (cuDNN's guide, "Thread Safety");
// it is behind a mutex.
unsafe impl Send for State {}

impl fmt::Debug for Cudnn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cudnn")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Direction {
    Forward,
    OfBoard,
    OfWeight,
}

/// Boards, channels, height, width, outputs and window of a convolution, and whether it is in bf16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Shape {
    boards: usize,
    channels: usize,
    height: usize,
    width: usize,
    outputs: usize,
    window: Window,
    bf16: bool,
}

impl Shape {
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

/// A kind of number that our convolutions are computed in.
trait Number: CudnnDataType + CudaDType + cudarc::driver::DeviceRepr {
    const ONE: Self;
    const ZERO: Self;
    const MATH: cudnnMathType_t;
}

impl Number for f32 {
    const ONE: Self = 1.0;
    const ZERO: Self = 0.0;
    const MATH: cudnnMathType_t = cudnnMathType_t::CUDNN_FMA_MATH;
}

impl Number for bf16 {
    const ONE: Self = Self::ONE;
    const ZERO: Self = Self::ZERO;
    const MATH: cudnnMathType_t = cudnnMathType_t::CUDNN_TENSOR_OP_MATH;
}

const FORWARD: [Algorithm; 2] = [
    Algorithm::CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
    Algorithm::CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
];
const OF_BOARD: [DataAlgorithm; 2] = [
    DataAlgorithm::CUDNN_CONVOLUTION_BWD_DATA_ALGO_1,
    DataAlgorithm::CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED,
];
const OF_WEIGHT: [FilterAlgorithm; 2] = [
    FilterAlgorithm::CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
    FilterAlgorithm::CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED,
];

impl Cudnn {
    /// Where its library is found.
    pub(crate) fn open(stream: Arc<CudaStream>) -> Option<Self> {
        let handle = cudarc::cudnn::Cudnn::new(stream).ok()?;
        Some(Self(Mutex::new(State { handle, workspace: None, chosen: HashMap::new() })))
    }

    /// `board` `[B·H·W, C]` with `weight` `[cells·C, D]`: `[B·H'·W', D]`.
    pub(super) fn forward(&self, of: &Windows, board: &Tensor, weight: &Tensor) -> Result<Output> {
        let shape = Shape::new(of, board, weight.dim(1)?)?;
        let tensors = [board, &weight.t()?];
        if shape.bf16 {
            self.typed::<bf16>(Direction::Forward, shape, tensors)
        } else {
            self.typed::<f32>(Direction::Forward, shape, tensors)
        }
    }

    /// The gradient of the board, `[B·H·W, C]`.
    pub(super) fn of_board(
        &self,
        of: &Windows,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        let shape = Shape::new(of, board, weight.dim(1)?)?;
        let tensors = [&weight.t()?, gradient];
        let output = if shape.bf16 {
            self.typed::<bf16>(Direction::OfBoard, shape, tensors)
        } else {
            self.typed::<f32>(Direction::OfBoard, shape, tensors)
        };
        Ok(output?.shaped(board.shape()))
    }

    /// The gradient of the weight, `[cells·C, D]`.
    pub(super) fn of_weight(
        &self,
        of: &Windows,
        board: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        let shape = Shape::new(of, board, gradient.dim(1)?)?;
        let tensors = [board, gradient];
        let output = if shape.bf16 {
            self.typed::<bf16>(Direction::OfWeight, shape, tensors)
        } else {
            self.typed::<f32>(Direction::OfWeight, shape, tensors)
        };
        output?.shaped((shape.outputs, shape.window.cells() * shape.channels)).t()?.contiguous()
    }

    /// Computes what `direction` asks for from its two tensors: board and weight, weight and gradient, or board
    /// and gradient.
    fn typed<T: Number>(
        &self,
        direction: Direction,
        shape: Shape,
        [first, second]: [&Tensor; 2],
    ) -> Result<Output> {
        let (first, second) = (first.contiguous()?, second.contiguous()?);
        let device = first.device().as_cuda_device()?.clone();
        let (first, second) = (first.storage_and_layout(), second.storage_and_layout());
        let (first, second) = (view::<T>(&first.0, first.1)?, view::<T>(&second.0, second.1)?);
        let length = match direction {
            Direction::Forward => shape.output_rows() * shape.outputs,
            Direction::OfBoard => shape.boards * shape.height * shape.width * shape.channels,
            Direction::OfWeight => shape.window.cells() * shape.channels * shape.outputs,
        };
        let mut output = alloc::<T>(&device, length)?;
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = Parts::<T>::new(&state.handle, shape).map_err(refused)?;
        let (algorithm, bytes) = match state.chosen.entry((direction, shape)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(parts.choose(direction)?),
        };
        if state.workspace.as_ref().is_none_or(|workspace| workspace.len() < bytes.max(1)) {
            state.workspace = Some(alloc(&device, bytes.max(1))?);
        }
        let workspace = state.workspace.as_mut();
        parts.launch(direction, algorithm, workspace, (&first, &second), &mut output)?;
        Ok(Output(Storage::Cuda(CudaStorage::wrap_cuda_slice(output, device))))
    }
}

/// The numbers of a contiguous tensor.
fn view<'a, T: Number>(
    storage: &'a Storage,
    layout: &candle_core::Layout,
) -> Result<CudaView<'a, T>> {
    match (storage, layout.contiguous_offsets()) {
        (Storage::Cuda(storage), Some((start, end))) => {
            Ok(storage.as_cuda_slice::<T>()?.slice(start..end))
        }
        _ => bail!("a convolution takes contiguous tensors of one GPU"),
    }
}

type Refusable<T> = std::result::Result<T, CudnnError>;

fn refused(error: CudnnError) -> Error {
    Error::msg(format!("cuDNN refused a convolution: {error}"))
}

/// cuDNN's descriptions of a convolution.
struct Parts<T: Number> {
    board: TensorDescriptor<T>,
    weight: FilterDescriptor<T>,
    output: TensorDescriptor<T>,
    convolution: ConvDescriptor<f32>,
}

impl<T: Number> Parts<T> {
    fn new(handle: &Arc<cudarc::cudnn::Cudnn>, shape: Shape) -> Refusable<Self> {
        let format = cudnnTensorFormat_t::CUDNN_TENSOR_NHWC;
        let sizes = |sizes: [usize; 4]| sizes.map(|size| size as std::ffi::c_int);
        let Shape { boards, channels, height, width, outputs, window, .. } = shape;
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

    fn of_board(&self) -> ConvBackwardData<'_, T, f32, T> {
        let Self { board, weight, output, convolution } = self;
        ConvBackwardData { conv: convolution, dx: board, w: weight, dy: output }
    }

    fn of_weight(&self) -> ConvBackwardFilter<'_, T, f32, T> {
        let Self { board, weight, output, convolution } = self;
        ConvBackwardFilter { conv: convolution, x: board, dw: weight, dy: output }
    }

    /// The first algorithm of the direction's list that cuDNN has for the shape, and the bytes it works in.
    fn choose(&self, direction: Direction) -> Result<(usize, usize)> {
        let bytes = |place: usize| match direction {
            Direction::Forward => self.forward().get_workspace_size(FORWARD[place]),
            Direction::OfBoard => self.of_board().get_workspace_size(OF_BOARD[place]),
            Direction::OfWeight => self.of_weight().get_workspace_size(OF_WEIGHT[place]),
        };
        let mut offers = (0..FORWARD.len()).map(|place| bytes(place).map(|bytes| (place, bytes)));
        offers.find_map(std::result::Result::ok).ok_or_else(|| {
            Error::msg("cuDNN has no reproducible algorithm for a convolution of this shape")
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
        #[expect(unsafe_code, reason = "cuDNN reads what the descriptors say")]
        // SAFETY: the descriptors were made from the shape that the tensors' lengths follow from.
        let launched = unsafe {
            match direction {
                Direction::Forward => {
                    let algorithm = FORWARD[algorithm];
                    self.forward().launch(algorithm, workspace, scale, first, second, output)
                }
                Direction::OfBoard => {
                    let algorithm = OF_BOARD[algorithm];
                    self.of_board().launch(algorithm, workspace, scale, output, first, second)
                }
                Direction::OfWeight => {
                    let algorithm = OF_WEIGHT[algorithm];
                    self.of_weight().launch(algorithm, workspace, scale, first, output, second)
                }
            }
        };
        launched.map_err(refused)
    }
}

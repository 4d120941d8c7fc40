//! Boards of cells, and the kernel sizes of the convolutions over them.

use crate::ops::Window;

/// Height and width of a board of cells. A vector is a board of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Board {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Board {
    pub(crate) fn cells(self) -> usize {
        self.height * self.width
    }

    /// The board of every second row and column: half the size, rounded up.
    pub(crate) fn halved(self) -> Self {
        Self { height: self.height.div_ceil(2), width: self.width.div_ceil(2) }
    }

    /// `[channels, height, width]`; `[channels]` on a board of one cell.
    pub(crate) fn shape(self, channels: usize) -> Vec<usize> {
        if self.cells() == 1 { vec![channels] } else { vec![channels, self.height, self.width] }
    }
}

/// The kernel of a convolution: its size, stride and padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KernelSize {
    /// 1×1: a linear layer on each cell.
    One,
    /// A window of several cells. On a board of one cell it is 1×1.
    Window(Window),
}

impl KernelSize {
    /// 3×3 with padding 1: the board keeps its size.
    pub(crate) const THREE: Self = Self::Window(Window::around(1));
    /// 3×3 with padding 1 and stride 2: the output's board is [`Board::halved`].
    pub(crate) const THREE_STRIDE_2: Self = Self::Window(Window::around(2));

    /// The window on this board; `None` for 1×1.
    pub(crate) fn window(self, board: Board) -> Option<Window> {
        match self {
            Self::Window(window) if board.cells() > 1 => Some(window),
            _ => None,
        }
    }

    /// The output's board.
    pub(crate) fn output_board(self, board: Board) -> Board {
        let Some(window) = self.window(board) else { return board };
        let (height, width) = window.output_size((board.height, board.width));
        Board { height, width }
    }
}

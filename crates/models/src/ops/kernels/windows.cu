// im2col and its transpose: windows.rs.

struct Boards {
    unsigned height, width, channels, stride, side, padding, rows, columns;
};

FUNCTION Boards boards(const Call &call) {
    const unsigned height = call.count[0], width = call.count[1], channels = call.count[2];
    const unsigned stride = call.count[3], side = call.count[4], padding = call.count[5];
    const unsigned rows = (height + 2 * padding - side) / stride + 1;
    const unsigned columns = (width + 2 * padding - side) / stride + 1;
    return {height, width, channels, stride, side, padding, rows, columns};
}

// at: board | windows. count: height, width, channels, stride, side, padding.
CELLS(windows) {
    const Boards b = boards(call);
    const unsigned channel = cell % b.channels, offset = cell / b.channels % (b.side * b.side);
    const unsigned window = cell / b.channels / (b.side * b.side), board = window / (b.rows * b.columns);
    // A negative row or column wraps around to a large unsigned number.
    const unsigned y = window / b.columns % b.rows * b.stride + offset / b.side - b.padding;
    const unsigned x = window % b.columns * b.stride + offset % b.side - b.padding;
    const unsigned at = ((board * b.height + y) * b.width + x) * b.channels + channel;
    call.at[1].put(cell, y < b.height && x < b.width ? call.at[0][at] : 0.0f);
}

// at: windows | board: the sum over the windows that contain the cell. count: as above.
CELLS(windows_backward) {
    const Boards b = boards(call);
    const unsigned channel = cell % b.channels, place = cell / b.channels;
    const unsigned x = place % b.width, y = place / b.width % b.height;
    const unsigned board = place / b.width / b.height;
    float sum = 0.0f;
    for (unsigned offset = 0; offset < b.side * b.side; offset++) {
        const unsigned down = y + b.padding - offset / b.side, right = x + b.padding - offset % b.side;
        const unsigned row = down / b.stride, column = right / b.stride;
        if (down % b.stride || right % b.stride || row >= b.rows || column >= b.columns) continue;
        const unsigned window = (board * b.rows + row) * b.columns + column;
        sum += call.at[0][(window * b.side * b.side + offset) * b.channels + channel];
    }
    call.at[1].put(cell, sum);
}

// The windows of a convolution: convolution.rs.

#define SIDE 3

struct Boards {
    unsigned height, width, channels, stride, rows, columns;
};

FUNCTION Boards boards(const Call &call) {
    const unsigned height = call.count[0], width = call.count[1], stride = call.count[3];
    return {height, width, call.count[2], stride, (height - 1) / stride + 1, (width - 1) / stride + 1};
}

// at: board | windows. count: height, width, channels, stride.
CELLS(windows) {
    const Boards b = boards(call);
    const unsigned channel = cell % b.channels, offset = cell / b.channels % (SIDE * SIDE);
    const unsigned window = cell / b.channels / (SIDE * SIDE), board = window / (b.rows * b.columns);
    // One cell of padding lies on either side: a row or column of -1 is beyond the last as a number without sign.
    const unsigned y = window / b.columns % b.rows * b.stride + offset / SIDE - 1;
    const unsigned x = window % b.columns * b.stride + offset % SIDE - 1;
    const unsigned at = ((board * b.height + y) * b.width + x) * b.channels + channel;
    call.at[1][cell] = y < b.height && x < b.width ? call.at[0][at] : 0.0f;
}

// at: windows | board: what the windows that a cell lies in say of it. count: as above.
CELLS(windows_backward) {
    const Boards b = boards(call);
    const unsigned channel = cell % b.channels, place = cell / b.channels;
    const unsigned x = place % b.width, y = place / b.width % b.height;
    const unsigned board = place / b.width / b.height;
    float sum = 0.0f;
    for (unsigned offset = 0; offset < SIDE * SIDE; offset++) {
        const unsigned down = y + 1 - offset / SIDE, right = x + 1 - offset % SIDE;
        const unsigned row = down / b.stride, column = right / b.stride;
        if (down % b.stride || right % b.stride || row >= b.rows || column >= b.columns) continue;
        const unsigned window = (board * b.rows + row) * b.columns + column;
        sum += call.at[0][(window * SIDE * SIDE + offset) * b.channels + channel];
    }
    call.at[1][cell] = sum;
}

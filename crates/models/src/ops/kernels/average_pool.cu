// 3×3 average pooling with stride 2 and padding 1: average_pool.rs.

#define WINDOW_CELLS 9.0f

// at: board | means. count: height, width, channels.
CELLS(average_pool) {
    const unsigned height = call.count[0], width = call.count[1], channels = call.count[2];
    const unsigned rows = (height + 1) / 2, columns = (width + 1) / 2;
    const unsigned channel = cell % channels, window = cell / channels;
    const unsigned row = window / columns % rows, column = window % columns;
    const unsigned board = window / columns / rows;
    float sum = 0.0f;
    // There is one cell of padding on each side. The index -1 wraps around to a large unsigned number.
    for (unsigned y = 2 * row - 1; y != 2 * row + 2; y++)
        for (unsigned x = 2 * column - 1; x != 2 * column + 2; x++)
            if (y < height && x < width) sum += call.at[0][((board * height + y) * width + x) * channels + channel];
    call.at[1].put(cell, sum / WINDOW_CELLS);
}

// at: gradient | gradient of the board: the sum over the windows that contain the cell. count: as above.
CELLS(average_pool_backward) {
    const unsigned height = call.count[0], width = call.count[1], channels = call.count[2];
    const unsigned rows = (height + 1) / 2, columns = (width + 1) / 2;
    const unsigned channel = cell % channels, place = cell / channels;
    const unsigned x = place % width, y = place / width % height, board = place / width / height;
    float sum = 0.0f;
    for (unsigned row = y / 2; row <= (y + 1) / 2; row++)
        for (unsigned column = x / 2; column <= (x + 1) / 2; column++)
            if (row < rows && column < columns)
                sum += call.at[0][((board * rows + row) * columns + column) * channels + channel];
    call.at[1].put(cell, sum / WINDOW_CELLS);
}

// Average pooling by 3×3 windows around every second cell: average_pool.rs.

#define WINDOW_CELLS 9.0f

// at: board | means. count: height, width, channels.
CELLS(average_pool) {
    const unsigned height = call.count[0], width = call.count[1], channels = call.count[2];
    const unsigned rows = (height + 1) / 2, columns = (width + 1) / 2;
    const unsigned channel = cell % channels, window = cell / channels;
    const unsigned row = window / columns % rows, column = window % columns;
    const unsigned board = window / columns / rows;
    float sum = 0.0f;
    // One cell of padding lies on either side: what is beyond the last as a number without sign is off the board.
    for (unsigned y = 2 * row - 1; y != 2 * row + 2; y++)
        for (unsigned x = 2 * column - 1; x != 2 * column + 2; x++)
            if (y < height && x < width) sum += call.at[0][((board * height + y) * width + x) * channels + channel];
    call.at[1].put(cell, sum / WINDOW_CELLS);
}

// at: gradient | of the board: what the windows that a cell lies in say of it. count: as above.
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

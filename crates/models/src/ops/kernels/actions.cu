// Encoded actions as additional channels of a board: actions.rs.

// at: board, planes | out. count: cells of a board, channels, actions.
CELLS(append_action) {
    const unsigned cells = call.count[0], channels = call.count[1], actions = call.count[2];
    const unsigned width = channels + actions, row = cell / width, column = cell % width;
    call.at[2].put(cell, column < channels ? call.at[0][row * channels + column]
                                             : call.at[1][row / cells * actions + column - channels]);
}

// at: gradient | gradient of the board. count: channels, actions.
CELLS(append_action_backward) {
    const unsigned channels = call.count[0], width = channels + call.count[1];
    call.at[1].put(cell, call.at[0][cell / channels * width + cell % channels]);
}

// A bias added to every row of a matrix: bias.rs.

// at: x, bias | out. count: channels.
CELLS(add_bias) { call.at[2].put(cell, call.at[0][cell] + call.at[1][cell % call.count[0]]); }

// at: gradient | gradient of the bias. count: rows, channels, chunks. A cell is a column of a chunk.
CELLS(bias_chunks) {
    const unsigned channels = call.count[1], channel = cell % channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], cell / channels);
    double sum = 0.0;
    for (unsigned row = rows.first; row < rows.end; row += STRIP) {
        float x[STRIP];
        call.at[0].read(strip_of_rows(rows, row, channels, channel), x);
        UNROLLED for (unsigned i = 0; i < STRIP; i++) sum += x[i];
    }
    call.scratch[cell] = sum;
}

ROWS(bias_backward) {
    const double sum = sum_of_chunks(call.scratch, call.count[2], call.count[1], row, lane);
    if (lane == 0) call.at[1].put(row, (float)sum);
}

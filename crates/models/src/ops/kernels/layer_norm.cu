// Layer normalization with a fused ReLU: layer_norm.rs.

#define LAYER_NORM_EPSILON 1e-5f

struct RowMoments {
    float mean, inverse;
};

FUNCTION RowMoments row_moments(const Numbers &row, unsigned columns, unsigned lane) {
    float sum = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES) sum += row[column];
    const float mean = lanes_sum(sum) / columns;
    float squares = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES)
        squares += (row[column] - mean) * (row[column] - mean);
    return {mean, 1.0f / sqrtf(lanes_sum(squares) / columns + LAYER_NORM_EPSILON)};
}

// at: x, gamma, beta | out. count: columns, whether there is a ReLU.
ROWS(layer_norm) {
    const unsigned columns = call.count[0];
    const Numbers x = call.at[0].from(row * columns);
    const RowMoments moments = row_moments(x, columns, lane);
    for (unsigned column = lane; column < columns; column += LANES) {
        const float normalized = (x[column] - moments.mean) * moments.inverse;
        const float scaled = normalized * call.at[1][column] + call.at[2][column];
        call.at[3].put(row * columns + column, fmaxf(scaled, relu_floor(call.count[1])));
    }
}

// Backward pass. at: x, gamma, out, gradient | dx, dgamma, dbeta. count: rows, columns, chunks, whether there
// is a ReLU. The scratch buffer has the rows' moments, then the chunks' sums.
ROWS(layer_norm_input) {
    const unsigned columns = call.count[1], begin = row * columns;
    const Numbers x = call.at[0].from(begin);
    const RowMoments moments = row_moments(x, columns, lane);
    float sum = 0.0f, product = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES) {
        const bool passes = call.at[2][begin + column] > relu_floor(call.count[3]);
        const float u = passes ? call.at[1][column] * call.at[3][begin + column] : 0.0f;
        sum += u;
        product += u * (x[column] - moments.mean) * moments.inverse;
    }
    sum = lanes_sum(sum);
    product = lanes_sum(product);
    for (unsigned column = lane; column < columns; column += LANES) {
        const bool passes = call.at[2][begin + column] > relu_floor(call.count[3]);
        const float u = passes ? call.at[1][column] * call.at[3][begin + column] : 0.0f;
        const float normalized = (x[column] - moments.mean) * moments.inverse;
        call.at[4].put(begin + column, (u - (sum + normalized * product) / columns) * moments.inverse);
    }
    if (lane == 0) {
        call.scratch[2 * row] = moments.mean;
        call.scratch[2 * row + 1] = moments.inverse;
    }
}

CELLS(layer_norm_chunks) {
    const unsigned columns = call.count[1], column = cell % columns, chunk = cell / columns;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], chunk);
    double dgamma = 0.0, dbeta = 0.0;
    for (unsigned row = rows.first; row < rows.end; row++) {
        const unsigned at = row * columns + column;
        if (call.at[2][at] <= relu_floor(call.count[3])) continue;
        const float mean = (float)call.scratch[2 * row], inverse = (float)call.scratch[2 * row + 1];
        dgamma += call.at[3][at] * (call.at[0][at] - mean) * inverse;
        dbeta += call.at[3][at];
    }
    double *sums = call.scratch + 2 * call.count[0];
    sums[chunk * 2 * columns + column] = dgamma;
    sums[(chunk * 2 + 1) * columns + column] = dbeta;
}

ROWS(layer_norm_parameters) {
    const unsigned columns = call.count[1], chunks = call.count[2], width = 2 * columns;
    const double *sums = call.scratch + 2 * call.count[0];
    const double dgamma = sum_of_chunks(sums, chunks, width, row, lane);
    const double dbeta = sum_of_chunks(sums, chunks, width, columns + row, lane);
    if (lane != 0) return;
    call.at[5].put(row, (float)dgamma);
    call.at[6].put(row, (float)dbeta);
}

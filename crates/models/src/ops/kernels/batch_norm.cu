// Batch normalisation with a fused ReLU: batch_norm.rs.

#define BATCH_NORM_EPSILON 1e-5f

// at: x | means, then variances. count: rows, channels, chunks. A cell is a column of a chunk.
CELLS(moments_chunks) {
    const unsigned channels = call.count[1], channel = cell % channels, chunk = cell / channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], chunk);
    double sum = 0.0, squares = 0.0;
    for (unsigned row = rows.first; row < rows.end; row++) {
        const double x = call.at[0][row * channels + channel];
        sum += x;
        squares += x * x;
    }
    call.scratch[chunk * 2 * channels + channel] = sum;
    call.scratch[(chunk * 2 + 1) * channels + channel] = squares;
}

ROWS(moments) {
    const unsigned channels = call.count[1], chunks = call.count[2], width = 2 * channels;
    const double mean = sum_of_chunks(call.scratch, chunks, width, row, lane) / call.count[0];
    const double square = sum_of_chunks(call.scratch, chunks, width, channels + row, lane) / call.count[0];
    const double variance = square - mean * mean;
    if (lane != 0) return;
    call.at[1].put(row, (float)mean);
    call.at[1].put(channels + row, variance > 0.0 ? (float)variance : 0.0f);
}

FUNCTION float inverse_deviation(const Numbers &moments, unsigned channels, unsigned channel) {
    return 1.0f / sqrtf(moments[channels + channel] + BATCH_NORM_EPSILON);
}

// at: x, gamma, beta, moments, what is added | out. count: rows, channels, strips, whether there is a ReLU, whether
// something is added. A cell is a column of a strip.
CELLS(normalise) {
    const unsigned channels = call.count[1], channel = cell % channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], cell / channels);
    const Numbers &moments = call.at[3];
    const float scale = inverse_deviation(moments, channels, channel) * call.at[1][channel];
    const float shift = call.at[2][channel] - moments[channel] * scale, floor = relu_floor(call.count[3]);
    for (unsigned row = rows.first; row < rows.end; row++) {
        const unsigned at = row * channels + channel;
        const float y = call.at[0][at] * scale + shift;
        call.at[5].put(at, fmaxf(call.count[4] ? y + call.at[4][at] : y, floor));
    }
}

// What the backward pass reads of one number. at: x, gamma, out, gradient, moments | dx, dgamma, dbeta.
// count: rows, channels, chunks, whether there is a ReLU, strips.
struct Backward {
    float g, normalised;
};

FUNCTION Backward batch_norm_at(const Call &call, unsigned at, float mean, float inverse) {
    const bool passes = !call.count[3] || call.at[2][at] > 0.0f;
    return {passes ? call.at[3][at] : 0.0f, (call.at[0][at] - mean) * inverse};
}

CELLS(batch_norm_chunks) {
    const unsigned channels = call.count[1], channel = cell % channels, chunk = cell / channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], chunk);
    const float mean = call.at[4][channel], inverse = inverse_deviation(call.at[4], channels, channel);
    double dgamma = 0.0, dbeta = 0.0;
    for (unsigned row = rows.first; row < rows.end; row++) {
        const Backward here = batch_norm_at(call, row * channels + channel, mean, inverse);
        dgamma += here.g * here.normalised;
        dbeta += here.g;
    }
    call.scratch[chunk * 2 * channels + channel] = dgamma;
    call.scratch[(chunk * 2 + 1) * channels + channel] = dbeta;
}

ROWS(batch_norm_parameters) {
    const unsigned channels = call.count[1], chunks = call.count[2], width = 2 * channels;
    const double dgamma = sum_of_chunks(call.scratch, chunks, width, row, lane);
    const double dbeta = sum_of_chunks(call.scratch, chunks, width, channels + row, lane);
    if (lane != 0) return;
    call.at[6].put(row, (float)dgamma);
    call.at[7].put(row, (float)dbeta);
}

// A cell is a column of a strip.
CELLS(batch_norm_input) {
    const unsigned channels = call.count[1], channel = cell % channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[4], cell / channels);
    const float mean = call.at[4][channel], inverse = inverse_deviation(call.at[4], channels, channel);
    const float dgamma = call.at[6][channel] / call.count[0], dbeta = call.at[7][channel] / call.count[0];
    const float scale = call.at[1][channel] * inverse;
    for (unsigned row = rows.first; row < rows.end; row++) {
        const unsigned at = row * channels + channel;
        const Backward here = batch_norm_at(call, at, mean, inverse);
        call.at[5].put(at, scale * (here.g - (dbeta + here.normalised * dgamma)));
    }
}

// at: running, moments | moved. count: channels, whether the batches are counted behind the variances.
// real: least share of the batch, factor of its variance.
CELLS(follow) {
    const unsigned channels = call.count[0];
    const Numbers &running = call.at[0];
    if (cell == 2 * channels) {
        call.at[2].put(cell, running[cell] + 1.0f);
        return;
    }
    const float share =
        call.count[1] ? fmaxf(1.0f / (running[2 * channels] + 1.0f), call.real[0]) : call.real[0];
    const float batch = call.at[1][cell] * (cell < channels ? 1.0f : call.real[1]);
    call.at[2].put(cell, running[cell] + share * (batch - running[cell]));
}

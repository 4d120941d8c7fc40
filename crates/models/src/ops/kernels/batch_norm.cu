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

// at: x, gamma, beta, moments | out. count: channels, whether there is a ReLU.
CELLS(normalise) {
    const unsigned channels = call.count[0], channel = cell % channels;
    const Numbers &moments = call.at[3];
    const float scale = inverse_deviation(moments, channels, channel) * call.at[1][channel];
    const float shift = call.at[2][channel] - moments[channel] * scale;
    call.at[4].put(cell, fmaxf(call.at[0][cell] * scale + shift, relu_floor(call.count[1])));
}

// What the backward pass reads of one number. at: x, gamma, out, gradient, moments | dx, dgamma, dbeta.
// count: rows, channels, chunks, whether there is a ReLU.
struct Backward {
    float g, normalised;
};

FUNCTION Backward batch_norm_at(const Call &call, unsigned at, unsigned channel) {
    const Numbers &moments = call.at[4];
    const float g = call.at[2][at] > relu_floor(call.count[3]) ? call.at[3][at] : 0.0f;
    const float inverse = inverse_deviation(moments, call.count[1], channel);
    return {g, (call.at[0][at] - moments[channel]) * inverse};
}

CELLS(batch_norm_chunks) {
    const unsigned channels = call.count[1], channel = cell % channels, chunk = cell / channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], chunk);
    double dgamma = 0.0, dbeta = 0.0;
    for (unsigned row = rows.first; row < rows.end; row++) {
        const Backward here = batch_norm_at(call, row * channels + channel, channel);
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

CELLS(batch_norm_input) {
    const unsigned channels = call.count[1], channel = cell % channels;
    const Backward here = batch_norm_at(call, cell, channel);
    const float dgamma = call.at[6][channel], dbeta = call.at[7][channel];
    const float centred = here.g - (dbeta + here.normalised * dgamma) / call.count[0];
    const float inverse = inverse_deviation(call.at[4], channels, channel);
    call.at[5].put(cell, call.at[1][channel] * inverse * centred);
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

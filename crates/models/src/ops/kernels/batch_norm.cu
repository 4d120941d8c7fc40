// Batch normalization with a fused ReLU: batch_norm.rs.

#define BATCH_NORM_EPSILON 1e-5f

// at: x | means, then variances. count: rows, channels, chunks. A cell is a column of a chunk.
CELLS(moments_chunks) {
    const unsigned channels = call.count[1], channel = cell % channels, chunk = cell / channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], chunk);
    double sum = 0.0, squares = 0.0;
    for (unsigned row = rows.first; row < rows.end; row += STRIP) {
        float x[STRIP];
        call.at[0].read(strip_of_rows(rows, row, channels, channel), x);
        UNROLLED for (unsigned i = 0; i < STRIP; i++) {
            sum += x[i];
            squares += (double)x[i] * x[i];
        }
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

// at: x, gamma, beta, moments, addend | out. count: rows, channels, strips, whether there is a ReLU, whether
// there is an addend. A cell is a column of a strip.
CELLS(normalize) {
    const unsigned channels = call.count[1], channel = cell % channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], cell / channels);
    const Numbers &moments = call.at[3];
    const float scale = inverse_deviation(moments, channels, channel) * call.at[1][channel];
    const float shift = call.at[2][channel] - moments[channel] * scale, floor = relu_floor(call.count[3]);
    const Strip strip = strip_of_rows(rows, rows.first, channels, channel);
    float x[STRIP], addend[STRIP] = {};
    call.at[0].read(strip, x);
    if (call.count[4]) call.at[4].read(strip, addend);
    UNROLLED for (unsigned i = 0; i < STRIP; i++) x[i] = fmaxf(x[i] * scale + shift + addend[i], floor);
    call.at[5].write(strip, x);
}

// Backward pass. at: x, gamma, out, gradient, moments | dx, dgamma, dbeta. count: rows, channels, chunks,
// whether there is a ReLU, strips.

// A strip's normalized numbers, and its gradients after the ReLU's backward pass.
FUNCTION void batch_norm_strip(const Call &call, const Strip &strip, unsigned channel, float *normalized, float *g) {
    const float mean = call.at[4][channel], inverse = inverse_deviation(call.at[4], call.count[1], channel);
    call.at[0].read(strip, normalized);
    call.at[3].read(strip, g);
    if (call.count[3]) {
        float out[STRIP];
        call.at[2].read(strip, out);
        UNROLLED for (unsigned i = 0; i < STRIP; i++)
            if (!(out[i] > 0.0f)) g[i] = 0.0f;
    }
    UNROLLED for (unsigned i = 0; i < STRIP; i++) normalized[i] = (normalized[i] - mean) * inverse;
}

CELLS(batch_norm_chunks) {
    const unsigned channels = call.count[1], channel = cell % channels, chunk = cell / channels;
    const Rows rows = rows_of_chunk(call.count[0], call.count[2], chunk);
    double dgamma = 0.0, dbeta = 0.0;
    for (unsigned row = rows.first; row < rows.end; row += STRIP) {
        float normalized[STRIP], g[STRIP];
        batch_norm_strip(call, strip_of_rows(rows, row, channels, channel), channel, normalized, g);
        UNROLLED for (unsigned i = 0; i < STRIP; i++) {
            dgamma += g[i] * normalized[i];
            dbeta += g[i];
        }
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
    const Strip strip = strip_of_rows(rows, rows.first, channels, channel);
    const float scale = call.at[1][channel] * inverse_deviation(call.at[4], channels, channel);
    const float dgamma = call.at[6][channel] / call.count[0], dbeta = call.at[7][channel] / call.count[0];
    float normalized[STRIP], g[STRIP];
    batch_norm_strip(call, strip, channel, normalized, g);
    UNROLLED for (unsigned i = 0; i < STRIP; i++) g[i] = scale * (g[i] - (dbeta + normalized[i] * dgamma));
    call.at[5].write(strip, g);
}

// at: running, moments | updated running. count: channels, whether `running` also has the number of batches.
// real: least weight of the batch, factor of its variance.
CELLS(update_running) {
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

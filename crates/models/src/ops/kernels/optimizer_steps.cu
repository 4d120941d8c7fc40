// The steps of the optimizers (optimizer_steps.rs), and the identity (gradient.rs).

// at: x | out.
CELLS(copy) { call.at[1].put(cell, call.at[0][cell]); }

// at: x | the sum of its squares. count: numbers, chunks.
CELLS(squares_chunks) {
    double sum = 0.0;
    for (unsigned at = cell; at < call.count[0]; at += call.count[1]) {
        const double x = call.at[0][at];
        sum += x * x;
    }
    call.scratch[cell] = sum;
}

ROWS(squares) {
    const double sum = sum_of_chunks(call.scratch, call.count[1], 1, row, lane);
    if (lane == 0) call.at[1].put(row, (float)sum);
}

// at: gradient, parameters, velocity | parameters, velocity. real: clip, decay, rate, momentum.
CELLS(momentum_step) {
    const float gradient = call.real[0] * call.at[0][cell] + call.real[1] * call.at[1][cell];
    const float velocity = call.real[3] * call.at[2][cell] + gradient;
    call.at[3].put(cell, call.at[1][cell] - call.real[2] * velocity);
    call.at[4].put(cell, velocity);
}

#define BETA1 0.9f
#define BETA2 0.999f

// at: gradient, parameters, first moment, second moment | parameters, both moments.
// real: clip, decay, rate, epsilon, corrections of the two moments.
CELLS(adam_step) {
    const float gradient = call.real[0] * call.at[0][cell] + call.real[1] * call.at[1][cell];
    const float m = BETA1 * call.at[2][cell] + (1.0f - BETA1) * gradient;
    const float v = BETA2 * call.at[3][cell] + (1.0f - BETA2) * gradient * gradient;
    const float step = m / call.real[4] / (sqrtf(v / call.real[5]) + call.real[3]);
    call.at[4].put(cell, call.at[1][cell] - call.real[2] * step);
    call.at[5].put(cell, m);
    call.at[6].put(cell, v);
}

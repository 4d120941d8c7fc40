// A sum and a ReLU: add_relu.rs.

// at: x, y | out. count: numbers. A cell is a strip.
CELLS(add_relu) {
    const Strip strip = strip_of_all(call.count[0], call.size, cell);
    float x[STRIP], y[STRIP];
    call.at[0].read(strip, x);
    call.at[1].read(strip, y);
    UNROLLED for (unsigned i = 0; i < STRIP; i++) x[i] = fmaxf(x[i] + y[i], 0.0f);
    call.at[2].write(strip, x);
}

// at: out, gradient | gradient of both. count: numbers. A cell is a strip.
CELLS(add_relu_backward) {
    const Strip strip = strip_of_all(call.count[0], call.size, cell);
    float out[STRIP], gradient[STRIP];
    call.at[0].read(strip, out);
    call.at[1].read(strip, gradient);
    UNROLLED for (unsigned i = 0; i < STRIP; i++)
        if (!(out[i] > 0.0f)) gradient[i] = 0.0f;
    call.at[2].write(strip, gradient);
}

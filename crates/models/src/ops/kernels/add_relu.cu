// The sum of two paths, and a ReLU: add_relu.rs.

// at: x, y | out
CELLS(add_relu) {
    call.at[2].put(cell, fmaxf(call.at[0][cell] + call.at[1][cell], 0.0f));
}

// at: out, gradient | gradient of both
CELLS(add_relu_backward) {
    call.at[2].put(cell, call.at[0][cell] > 0.0f ? call.at[1][cell] : 0.0f);
}

// The elementwise part of an LSTM step: lstm.rs. Gates are in the order input, forget, candidate, output.

FUNCTION float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// at: gates, cell | new cell. count: hidden.
CELLS(lstm_cell) {
    const unsigned hidden = call.count[0];
    const Numbers gates = call.at[0].from(cell / hidden * 4 * hidden + cell % hidden);
    const float kept = sigmoid(gates[hidden]) * call.at[1][cell];
    call.at[2].put(cell, kept + sigmoid(gates[0]) * tanhf(gates[2 * hidden]));
}

// at: gates, cell, gradient | gradients of the gates and of the cell. count: hidden.
CELLS(lstm_cell_backward) {
    const unsigned hidden = call.count[0], begin = cell / hidden * 4 * hidden + cell % hidden;
    const Numbers gates = call.at[0].from(begin), gate_gradients = call.at[3].from(begin);
    const float gradient = call.at[2][cell];
    const float input = sigmoid(gates[0]), forget = sigmoid(gates[hidden]);
    const float candidate = tanhf(gates[2 * hidden]);
    gate_gradients.put(0, gradient * candidate * input * (1.0f - input));
    gate_gradients.put(hidden, gradient * call.at[1][cell] * forget * (1.0f - forget));
    gate_gradients.put(2 * hidden, gradient * input * (1.0f - candidate * candidate));
    gate_gradients.put(3 * hidden, 0.0f);
    call.at[4].put(cell, gradient * forget);
}

// at: gates, cell | output. count: hidden.
CELLS(lstm_output) {
    const unsigned hidden = call.count[0];
    const float gate = call.at[0][cell / hidden * 4 * hidden + 3 * hidden + cell % hidden];
    call.at[2].put(cell, sigmoid(gate) * tanhf(call.at[1][cell]));
}

// at: gates, cell, gradient | gradients of the gates and of the cell. count: hidden.
CELLS(lstm_output_backward) {
    const unsigned hidden = call.count[0], begin = cell / hidden * 4 * hidden + cell % hidden;
    const Numbers gate_gradients = call.at[3].from(begin);
    const float gradient = call.at[2][cell];
    const float output = sigmoid(call.at[0][begin + 3 * hidden]), squashed = tanhf(call.at[1][cell]);
    for (unsigned gate = 0; gate < 3; gate++) gate_gradients.put(gate * hidden, 0.0f);
    gate_gradients.put(3 * hidden, gradient * squashed * output * (1.0f - output));
    call.at[4].put(cell, gradient * output * (1.0f - squashed * squashed));
}

// Losses of rows (cross_entropy.rs, cosine.rs), and scalars as distributions (scalars.rs).

FUNCTION float row_max(const Numbers &row, unsigned columns, unsigned lane) {
    float largest = -INFINITY;
    for (unsigned column = lane; column < columns; column += LANES)
        largest = fmaxf(largest, row[column]);
    return lanes_max(largest);
}

FUNCTION float log_sum_exp(const Numbers &row, unsigned columns, unsigned lane) {
    const float largest = row_max(row, columns, lane);
    float sum = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES)
        sum += expf(row[column] - largest);
    return largest + logf(lanes_sum(sum));
}

// at: logits, targets | losses. count: columns.
ROWS(cross_entropy) {
    const unsigned columns = call.count[0];
    const Numbers logits = call.at[0].from(row * columns), targets = call.at[1].from(row * columns);
    const float log_sum = log_sum_exp(logits, columns, lane);
    float loss = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES)
        loss += targets[column] * (log_sum - logits[column]);
    loss = lanes_sum(loss);
    if (lane == 0) call.at[2].put(row, loss);
}

// at: logits, targets, gradient | gradient of the logits. count: columns.
ROWS(cross_entropy_backward) {
    const unsigned columns = call.count[0];
    const Numbers logits = call.at[0].from(row * columns), targets = call.at[1].from(row * columns);
    const float log_sum = log_sum_exp(logits, columns, lane), gradient = call.at[2][row];
    float mass = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES) mass += targets[column];
    mass = lanes_sum(mass);
    for (unsigned column = lane; column < columns; column += LANES) {
        const float share = expf(logits[column] - log_sum) * mass;
        call.at[3].put(row * columns + column, gradient * (share - targets[column]));
    }
}

#define MIN_NORM 1e-5f

struct Angle {
    float norm, target_norm, cosine;
};

FUNCTION Angle angle(const Numbers &x, const Numbers &target, unsigned columns, unsigned lane) {
    float squares = 0.0f, target_squares = 0.0f, product = 0.0f;
    for (unsigned column = lane; column < columns; column += LANES) {
        squares += x[column] * x[column];
        target_squares += target[column] * target[column];
        product += x[column] * target[column];
    }
    const float norm = fmaxf(sqrtf(lanes_sum(squares)), MIN_NORM);
    const float target_norm = fmaxf(sqrtf(lanes_sum(target_squares)), MIN_NORM);
    return {norm, target_norm, lanes_sum(product) / (norm * target_norm)};
}

// at: x, target | losses. count: columns.
ROWS(negative_cosine) {
    const unsigned begin = row * call.count[0];
    const Angle between = angle(call.at[0].from(begin), call.at[1].from(begin), call.count[0], lane);
    if (lane == 0) call.at[2].put(row, -between.cosine);
}

// at: x, target, gradient | gradient of x. count: columns.
ROWS(negative_cosine_backward) {
    const unsigned columns = call.count[0], begin = row * columns;
    const Numbers x = call.at[0].from(begin), target = call.at[1].from(begin);
    const Angle between = angle(x, target, columns, lane);
    const float scale = call.at[2][row] / between.norm;
    for (unsigned column = lane; column < columns; column += LANES) {
        const float along = x[column] / between.norm * between.cosine;
        call.at[3].put(begin + column, scale * (along - target[column] / between.target_norm));
    }
}

#define H_EPSILON 0.001

// at: scalars | distributions; a row of zeros for NaN. count: atoms.
CELLS(encode) {
    const unsigned atoms = call.count[0];
    const double x = call.at[0][cell / atoms], limit = (atoms - 1) / 2;
    const double squeezed = copysign(sqrt(fabs(x) + 1.0) - 1.0, x) + H_EPSILON * x;
    const double position = fmin(fmax(squeezed, -limit), limit) + limit;
    const double share = 1.0 - fabs(position - (double)(cell % atoms));
    call.at[1].put(cell, x == x && share > 0.0 ? (float)share : 0.0f);
}

// at: logits | scalars. count: atoms.
ROWS(decode) {
    const unsigned atoms = call.count[0];
    const Numbers logits = call.at[0].from(row * atoms);
    const float largest = row_max(logits, atoms, lane);
    double mass = 0.0, sum = 0.0;
    for (unsigned atom = lane; atom < atoms; atom += LANES) {
        const double weight = expf(logits[atom] - largest);
        mass += weight;
        sum += weight * atom;
    }
    mass = lanes_sum(mass);
    sum = lanes_sum(sum);
    if (lane != 0) return;
    const double y = sum / mass - (atoms - 1) / 2;
    const double root = sqrt(1.0 + 4.0 * H_EPSILON * (fabs(y) + 1.0 + H_EPSILON));
    const double inner = (root - 1.0) / (2.0 * H_EPSILON);
    call.at[1].put(row, (float)copysign(inner * inner - 1.0, y));
}

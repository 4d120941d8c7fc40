// What every kernel is given, and the two ways in which one is spread over threads.
//
// CELLS(name) { … } is run once for each `cell` below `call.size`; ROWS(name) { … } by 32 threads, the `lane`s
// of a warp, for each `row`. Tensors are found at `call.at[0]`, …: first the inputs, then the outputs. Sums are
// taken in a fixed order and without atomics, so that the same numbers come out each time.

struct Call {
    float *at[8];
    double *scratch;
    unsigned count[6];
    float real[6];
    unsigned size;
};

#ifndef ON_HOST

#define LANES 32

#define CELLS(name)                                                        \
    static __device__ void name##_cell(const Call &call, unsigned cell);   \
    extern "C" __global__ void name(const Call call) {                     \
        const unsigned cell = blockIdx.x * blockDim.x + threadIdx.x;       \
        if (cell < call.size) name##_cell(call, cell);                     \
    }                                                                      \
    static __device__ void name##_cell(const Call &call, unsigned cell)

#define ROWS(name)                                                                     \
    static __device__ void name##_row(const Call &call, unsigned row, unsigned lane);  \
    extern "C" __global__ void name(const Call call) {                                 \
        const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;                 \
        if (thread / LANES < call.size) name##_row(call, thread / LANES, thread % LANES); \
    }                                                                                  \
    static __device__ void name##_row(const Call &call, unsigned row, unsigned lane)

#define FUNCTION static __device__ __forceinline__

// The sum over a warp's lanes, in each of them.
template <typename T> FUNCTION T lanes_sum(T x) {
    for (int offset = LANES / 2; offset > 0; offset /= 2) x += __shfl_xor_sync(0xffffffffu, x, offset);
    return x;
}

// The largest of a warp's lanes, in each of them.
FUNCTION float lanes_max(float x) {
    for (int offset = LANES / 2; offset > 0; offset /= 2)
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, offset));
    return x;
}

#endif

// What a fused ReLU lets through lies above this.
FUNCTION float relu_floor(bool relu) { return relu ? 0.0f : -INFINITY; }

// The rows of one of `chunks` pieces of `rows` rows.
struct Rows {
    unsigned first, end;
};

FUNCTION Rows rows_of_chunk(unsigned rows, unsigned chunks, unsigned chunk) {
    const unsigned each = (rows + chunks - 1) / chunks;
    const unsigned first = chunk * each, end = first + each;
    return {first < rows ? first : rows, end < rows ? end : rows};
}

// The sum of the chunks' sums at place `place` of `width`, which a warp adds up.
FUNCTION double sum_of_chunks(const double *sums, unsigned chunks, unsigned width, unsigned place, unsigned lane) {
    double sum = 0.0;
    for (unsigned chunk = lane; chunk < chunks; chunk += LANES) sum += sums[chunk * width + place];
    return lanes_sum(sum);
}

// The arguments of every kernel, and the two ways to distribute one over threads.
//
// CELLS(name) { … } runs in one thread for each `cell` below `call.size`. ROWS(name) { … } runs in 32
// threads, the `lane`s of a warp, for each `row`. Tensors are in `call.at`: the inputs, then the outputs.
// Sums have a fixed order and no atomics, so that results are deterministic.

#ifdef ON_HOST
#define INLINE inline
#define UNROLLED
#else
#define INLINE __device__ __forceinline__
#define UNROLLED _Pragma("unroll")
#endif
#define FUNCTION static INLINE

union Bits {
    unsigned bits;
    float number;
};

// A bfloat16 is the upper half of a float. `widened` is exact; `narrowed` rounds to nearest, ties to even.
FUNCTION float widened(unsigned short half) {
    Bits wide;
    wide.bits = (unsigned)half << 16;
    return wide.number;
}

FUNCTION unsigned short narrowed(float number) {
    Bits wide;
    wide.number = number;
    if (number != number) return (unsigned short)(wide.bits >> 16 | 0x40);
    return (unsigned short)((wide.bits + 0x7fff + (wide.bits >> 16 & 1)) >> 16);
}

// Up to STRIP numbers of a tensor, `step` apart. A thread reads all of them before it writes any, so that
// many reads are in flight at once.
#define STRIP 8

struct Strip {
    size_t first;
    unsigned step, count;
};

FUNCTION float widened(float number) { return number; }

// Reads without branches, so that no read waits for another.
template <typename T> FUNCTION void read_all(const T *from, const Strip &strip, float *numbers) {
    T all[STRIP];
    UNROLLED for (unsigned i = 0; i < STRIP; i++) all[i] = from[(size_t)(i < strip.count ? i : 0) * strip.step];
    UNROLLED for (unsigned i = 0; i < STRIP; i++) numbers[i] = i < strip.count ? widened(all[i]) : 0.0f;
}

// The numbers of a tensor, float or bfloat16.
struct Numbers {
    void *first;
    unsigned long long half;

    INLINE float operator[](size_t at) const {
        return half ? widened(((const unsigned short *)first)[at]) : ((const float *)first)[at];
    }

    INLINE void put(size_t at, float number) const {
        if (half)
            ((unsigned short *)first)[at] = narrowed(number);
        else
            ((float *)first)[at] = number;
    }

    // The numbers from index `begin` on.
    INLINE Numbers from(size_t begin) const {
        return {(char *)first + begin * (half ? sizeof(unsigned short) : sizeof(float)), half};
    }

    // Reads a strip of at least one number. Numbers after its end are 0.
    INLINE void read(const Strip &strip, float *numbers) const {
        if (half)
            read_all((const unsigned short *)first + strip.first, strip, numbers);
        else
            read_all((const float *)first + strip.first, strip, numbers);
    }

    INLINE void write(const Strip &strip, const float *numbers) const {
        UNROLLED for (unsigned i = 0; i < STRIP; i++)
            if (i < strip.count) put(strip.first + (size_t)i * strip.step, numbers[i]);
    }
};

struct Call {
    Numbers at[8];
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

// The sum over a warp's lanes, returned in each lane.
template <typename T> FUNCTION T lanes_sum(T x) {
    for (int offset = LANES / 2; offset > 0; offset /= 2) x += __shfl_xor_sync(0xffffffffu, x, offset);
    return x;
}

// The largest number of a warp's lanes, returned in each lane.
FUNCTION float lanes_max(float x) {
    for (int offset = LANES / 2; offset > 0; offset /= 2)
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, offset));
    return x;
}

#endif

// The lower limit of a fused ReLU's output; -∞ without ReLU.
FUNCTION float relu_floor(bool relu) { return relu ? 0.0f : -INFINITY; }

// The rows of one of `chunks` chunks of `rows` rows.
struct Rows {
    unsigned first, end;
};

FUNCTION Rows rows_of_chunk(unsigned rows, unsigned chunks, unsigned chunk) {
    const unsigned each = (rows + chunks - 1) / chunks;
    const unsigned first = chunk * each, end = first + each;
    return {first < rows ? first : rows, end < rows ? end : rows};
}

// The strip of a column's numbers from `row` on, within a chunk.
FUNCTION Strip strip_of_rows(const Rows &rows, unsigned row, unsigned width, unsigned column) {
    const unsigned left = rows.end - row;
    return {(size_t)row * width + column, width, left < STRIP ? left : STRIP};
}

// The strip of the thread `cell` of `cells`, out of `count` numbers. Adjacent threads read adjacent numbers.
FUNCTION Strip strip_of_all(unsigned count, unsigned cells, unsigned cell) {
    return {cell, cells, (count - cell + cells - 1) / cells};
}

// The sum over all chunks of their sums at index `place` of `width`, computed by a warp.
FUNCTION double sum_of_chunks(const double *sums, unsigned chunks, unsigned width, unsigned place, unsigned lane) {
    double sum = 0.0;
    for (unsigned chunk = lane; chunk < chunks; chunk += LANES) sum += sums[chunk * width + place];
    return lanes_sum(sum);
}

// What every kernel is given, and the two ways in which one is spread over threads.
//
// CELLS(name) { … } is run once for each `cell` below `call.size`; ROWS(name) { … } by 32 threads, the `lane`s
// of a warp, for each `row`. Tensors are found at `call.at[0]`, …: first the inputs, then the outputs. Sums are
// taken in a fixed order and without atomics, so that the same numbers come out each time.

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

// A bfloat16 is the upper half of a number of single precision: here the number of a half, and the half next to a
// number, even where two are as near.
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

// So many numbers of a tensor, one every `step`, which a thread reads before it writes any: a memory that is far away
// is kept busy by what is under way, not by how many threads wait.
#define STRIP 8

struct Strip {
    size_t first;
    unsigned step, count;
};

FUNCTION float widened(float number) { return number; }

// Reads unconditionally, so that no read waits for another.
template <typename T> FUNCTION void read_all(const T *from, const Strip &strip, float *numbers) {
    T all[STRIP];
    UNROLLED for (unsigned i = 0; i < STRIP; i++) all[i] = from[(size_t)(i < strip.count ? i : 0) * strip.step];
    UNROLLED for (unsigned i = 0; i < STRIP; i++) numbers[i] = i < strip.count ? widened(all[i]) : 0.0f;
}

// The numbers of a tensor, of single precision or bfloat16.
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

    // Those from the place `begin` on.
    INLINE Numbers from(size_t begin) const {
        return {(char *)first + begin * (half ? sizeof(unsigned short) : sizeof(float)), half};
    }

    // A strip of them, which has one at least; zeros where it has fewer than eight.
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

// A column's numbers in the rows from `row` on: the next strip of a chunk.
FUNCTION Strip strip_of_rows(const Rows &rows, unsigned row, unsigned width, unsigned column) {
    const unsigned left = rows.end - row;
    return {(size_t)row * width + column, width, left < STRIP ? left : STRIP};
}

// Of `count` numbers those of the thread `cell` of `cells`, beside each other with those of its neighbours.
FUNCTION Strip strip_of_all(unsigned count, unsigned cells, unsigned cell) {
    return {cell, cells, (count - cell + cells - 1) / cells};
}

// The sum of the chunks' sums at place `place` of `width`, which a warp adds up.
FUNCTION double sum_of_chunks(const double *sums, unsigned chunks, unsigned width, unsigned place, unsigned lane) {
    double sum = 0.0;
    for (unsigned chunk = lane; chunk < chunks; chunk += LANES) sum += sums[chunk * width + place];
    return lanes_sum(sum);
}

// An emulated GPU for tests without one: the functions of the driver and of cuBLAS and the candle kernels
// that the networks call, on the CPU.
//
//     c++ -std=c++20 -O2 -shared -fPIC -pthread pretended_gpu.cpp -o libcuda.so.1   (`just test-cuda`)
//
// Device memory is host memory, every call is synchronous, and the project's kernels are those of
// src/ops/kernels. It cannot test speed, cuDNN, races, or rounding inside a warp.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <set>

#include "../src/ops/kernels/on_host.hpp"

using Status = int;
using Address = uint64_t;

// A kernel: the number of its arguments, and its function of arguments and number of blocks.
struct Kernel {
    unsigned arguments;
    std::function<void(void **, unsigned)> run;
};

enum : Status { OK = 0, INVALID = 1, OUT_OF_MEMORY = 2, NOT_FOUND = 500, NOT_WHILE_CAPTURING = 900 };

// Larger allocations fail, as on a full GPU.
static constexpr size_t MEMORY = size_t(8) << 30;

template <typename T> static T &argument(void **arguments, int index) {
    return *(T *)arguments[index];
}

// The index in a strided tensor. Candle passes sizes, then strides; null for a contiguous tensor.
static size_t place(size_t at, size_t dimensions, const size_t *sizes, const size_t *strides) {
    if (!sizes) return at;
    size_t index = 0;
    for (size_t d = dimensions; d-- > 0; at /= sizes[d]) index += at % sizes[d] * strides[d];
    return index;
}

struct Bf16 {
    uint16_t bits;
    Bf16(float x = 0) : bits(narrowed(x)) {}
    operator float() const { return widened(bits); }
};

template <typename From, typename To, typename F> static Kernel unary(F f) {
    return {5, [f](void **a, unsigned) {
        const size_t count = argument<size_t>(a, 0), dimensions = argument<size_t>(a, 1);
        const size_t *sizes = argument<size_t *>(a, 2);
        const From *in = argument<From *>(a, 3);
        To *out = argument<To *>(a, 4);
        for (size_t at = 0; at < count; at++)
            out[at] = (To)f(in ? in[place(at, dimensions, sizes, sizes + dimensions)] : *(From *)&out[at]);
    }};
}

template <typename T, typename To, typename F> static Kernel binary(F f) {
    return {6, [f](void **a, unsigned) {
        const size_t count = argument<size_t>(a, 0), dimensions = argument<size_t>(a, 1);
        const size_t *sizes = argument<size_t *>(a, 2);
        const T *left = argument<T *>(a, 3), *right = argument<T *>(a, 4);
        To *out = argument<To *>(a, 5);
        for (size_t at = 0; at < count; at++)
            out[at] = (To)f(left[place(at, dimensions, sizes, sizes + dimensions)],
                            right[place(at, dimensions, sizes, sizes + 2 * dimensions)]);
    }};
}

template <typename T> static Kernel affine() {
    return {7, [](void **a, unsigned) {
        const float factor = argument<T>(a, 5), term = argument<T>(a, 6);
        unary<T, T>([=](T x) { return (float)x * factor + term; }).run(a, 0);
    }};
}

template <typename T> static Kernel copy2d() {
    return {6, [](void **a, unsigned) {
        const T *from = argument<T *>(a, 0);
        T *to = argument<T *>(a, 1);
        const uint32_t rows = argument<uint32_t>(a, 2), columns = argument<uint32_t>(a, 3);
        const uint32_t stride = argument<uint32_t>(a, 4), to_stride = argument<uint32_t>(a, 5);
        for (size_t row = 0; row < rows; row++)
            std::memcpy(to + row * to_stride, from + row * stride, columns * sizeof(T));
    }};
}

// Reduces `each` numbers to an output. If these are few, candle passes the number of outputs; otherwise it
// passes the number of inputs, and launches one block for each output.
template <typename To, typename F> static Kernel reduction(F f, bool few = false) {
    return {6, [f, few](void **a, unsigned blocks) {
        const size_t each = argument<size_t>(a, 1);
        const size_t count = argument<size_t>(a, 0) * (few ? each : 1);
        const size_t outputs = few ? argument<size_t>(a, 0) : blocks;
        const size_t dimensions = argument<size_t>(a, 2), *sizes = argument<size_t *>(a, 3);
        const float *in = argument<float *>(a, 4);
        To *out = argument<To *>(a, 5);
        for (size_t output = 0; output < outputs; output++) {
            std::vector<float> numbers;
            for (size_t at = output * each; at < std::min(count, (output + 1) * each); at++)
                numbers.push_back(in[place(at, dimensions, sizes, sizes + dimensions)]);
            out[output] = f(numbers);
        }
    }};
}

static float sum(const std::vector<float> &numbers) {
    float sum = 0;
    for (float x : numbers) sum += x;
    return sum;
}

static const std::map<std::string, Kernel> candle = {
    {"ucopy_f32", unary<float, float>([](float x) { return x; })},
    {"ucopy_u32", unary<uint32_t, uint32_t>([](uint32_t x) { return x; })},
    {"ucopy_bf16", unary<Bf16, Bf16>([](Bf16 x) { return x; })},
    {"urelu_f32", unary<float, float>([](float x) { return x > 0 ? x : 0; })},
    {"usqr_f32", unary<float, float>([](float x) { return x * x; })},
    {"usqrt_f32", unary<float, float>([](float x) { return std::sqrt(x); })},
    {"uneg_f32", unary<float, float>([](float x) { return -x; })},
    {"uexp_f32", unary<float, float>([](float x) { return std::exp(x); })},
    {"ulog_f32", unary<float, float>([](float x) { return std::log(x); })},
    {"utanh_f32", unary<float, float>([](float x) { return std::tanh(x); })},
    {"uabs_f32", unary<float, float>([](float x) { return std::fabs(x); })},
    {"cast_f32_bf16", unary<float, Bf16>([](float x) { return x; })},
    {"cast_bf16_f32", unary<Bf16, float>([](Bf16 x) { return x; })},
    {"cast_u8_f32", unary<uint8_t, float>([](uint8_t x) { return x; })},
    {"cast_u32_f32", unary<uint32_t, float>([](uint32_t x) { return x; })},
    {"badd_f32", binary<float, float>([](float x, float y) { return x + y; })},
    {"badd_bf16", binary<Bf16, Bf16>([](Bf16 x, Bf16 y) { return (float)x + (float)y; })},
    {"bsub_f32", binary<float, float>([](float x, float y) { return x - y; })},
    {"bmul_f32", binary<float, float>([](float x, float y) { return x * y; })},
    {"bdiv_f32", binary<float, float>([](float x, float y) { return x / y; })},
    {"bminimum_f32", binary<float, float>([](float x, float y) { return std::fmin(x, y); })},
    {"bmaximum_f32", binary<float, float>([](float x, float y) { return std::fmax(x, y); })},
    {"eq_f32", binary<float, uint8_t>([](float x, float y) { return x == y; })},
    {"ge_f32", binary<float, uint8_t>([](float x, float y) { return x >= y; })},
    {"gt_f32", binary<float, uint8_t>([](float x, float y) { return x > y; })},
    {"le_f32", binary<float, uint8_t>([](float x, float y) { return x <= y; })},
    {"lt_f32", binary<float, uint8_t>([](float x, float y) { return x < y; })},
    {"affine_f32", affine<float>()},
    {"affine_bf16", affine<Bf16>()},
    {"copy2d_f32", copy2d<float>()},
    {"copy2d_bf16", copy2d<Bf16>()},
    {"copy2d_u32", copy2d<uint32_t>()},
    {"const_set_f32",
     {5, [](void **a, unsigned) {
         const size_t count = argument<size_t>(a, 0), dimensions = argument<size_t>(a, 1);
         const size_t *sizes = argument<size_t *>(a, 2);
         for (size_t at = 0; at < count; at++)
             argument<float *>(a, 4)[place(at, dimensions, sizes, sizes + dimensions)] =
                 argument<float>(a, 3);
     }}},
    {"fast_sum_f32", reduction<float>(sum)},
    {"fast_sum_small_f32", reduction<float>(sum, true)},
    {"fast_max_f32", reduction<float>([](const std::vector<float> &numbers) {
         return *std::max_element(numbers.begin(), numbers.end());
     })},
    {"fast_argmax_f32", reduction<uint32_t>([](const std::vector<float> &numbers) {
         return (uint32_t)(std::max_element(numbers.begin(), numbers.end()) - numbers.begin());
     })},
    {"is_u32_f32",
     {10, [](void **a, unsigned) {
         const size_t count = argument<size_t>(a, 0), sources = argument<size_t>(a, 7);
         const size_t ids = argument<size_t>(a, 8), right = argument<size_t>(a, 9);
         for (size_t at = 0; at < count; at++) {
             const size_t from = at / (ids * right) * sources * right +
                                 argument<uint32_t *>(a, 3)[at / right % ids] * right + at % right;
             argument<float *>(a, 5)[at] = argument<float *>(a, 4)[from];
         }
     }}},
    {"gather_u32_f32",
     {8, [](void **a, unsigned) {
         const size_t count = argument<size_t>(a, 0), sources = argument<size_t>(a, 5);
         const size_t ids = argument<size_t>(a, 6), right = argument<size_t>(a, 7);
         for (size_t at = 0; at < count; at++) {
             const size_t from =
                 (at / (right * ids) * sources + argument<uint32_t *>(a, 1)[at]) * right + at % right;
             argument<float *>(a, 3)[at] = argument<float *>(a, 2)[from];
         }
     }}},
    {"ia_u32_f32",
     {8, [](void **a, unsigned) {
         const size_t ids = argument<size_t>(a, 1), left = argument<size_t>(a, 4);
         const size_t targets = argument<size_t>(a, 6), right = argument<size_t>(a, 7);
         for (size_t at = 0; at < left * ids * right; at++) {
             const size_t to = (at / right / ids * targets + argument<uint32_t *>(a, 0)[at / right % ids]) * right +
                               at % right;
             argument<float *>(a, 3)[to] += argument<float *>(a, 2)[at];
         }
     }}},
    {"sa_u32_f32",
     {7, [](void **a, unsigned) {
         const size_t left = argument<size_t>(a, 3), sources = argument<size_t>(a, 4);
         const size_t targets = argument<size_t>(a, 5), right = argument<size_t>(a, 6);
         for (size_t at = 0; at < left * sources * right; at++) {
             const size_t to =
                 (at / right / sources * targets + argument<uint32_t *>(a, 0)[at]) * right + at % right;
             argument<float *>(a, 2)[to] += argument<float *>(a, 1)[at];
         }
     }}},
};

// A kernel that was looked up by its name.
struct Function {
    std::string name;
    Kernel kernel;
};

static Kernel find(const std::string &name) {
    if (const auto known = candle.find(name); known != candle.end()) return known->second;
    if (cells.count(name) || rows.count(name))
        return {1, [name](void **a, unsigned) {
                    run_kernel(name, rows.count(name) > 0, argument<Call>(a, 0));
                }};
    return {};
}

static std::mutex lock;
static std::map<Address, size_t> blocks;
static size_t taken;

// The operations of the thread's current stream capture. A launch of the graph does them.
using Graph = std::vector<std::function<void()>>;
static thread_local Graph *captured;
static std::set<Address> graph_memory;

static Status run_or_capture(std::function<void()> work) {
    captured ? captured->push_back(std::move(work)) : work();
    return OK;
}

extern "C" {

Status cuInit(unsigned) { return OK; }
Status cuDeviceGetCount(int *count) { return *count = 1, OK; }
Status cuDeviceGet(int *device, int) { return *device = 0, OK; }
Status cuDeviceGetName(char *name, int length, int) {
    return std::snprintf(name, length, "pretended GPU"), OK;
}
// Every attribute is 1, above all the support of memory pools.
Status cuDeviceGetAttribute(int *value, int, int) { return *value = 1, OK; }
Status cuDevicePrimaryCtxRetain(void **context, int) { return *context = &lock, OK; }
Status cuDevicePrimaryCtxRelease_v2(int) { return OK; }
Status cuCtxGetCurrent(void **context) { return *context = &lock, OK; }
Status cuCtxSetCurrent(void *) { return OK; }
Status cuCtxSynchronize() { return OK; }
Status cuStreamCreate(void **stream, unsigned) { return *stream = &lock, OK; }
Status cuStreamDestroy_v2(void *) { return OK; }
Status cuStreamSynchronize(void *) { return OK; }
Status cuDeviceGetDefaultMemPool(void **pool, int) { return *pool = &lock, OK; }
Status cuMemPoolSetAttribute(void *, int, void *) { return OK; }

Status cuMemAllocAsync(Address *address, size_t bytes, void *) {
    const std::lock_guard<std::mutex> held(lock);
    if (taken + bytes > MEMORY) return OUT_OF_MEMORY;
    // Not zeros, so that reads of uninitialized memory show.
    *address = (Address)std::memset(std::malloc(bytes ? bytes : 1), 0xff, bytes);
    if (captured) graph_memory.insert(*address);
    return blocks[*address] = bytes, taken += bytes, OK;
}

Status cuMemFreeAsync(Address address, void *) {
    const std::lock_guard<std::mutex> held(lock);
    const auto block = blocks.find(address);
    if (block == blocks.end()) return INVALID;
    // A graph allocates its memory again at each launch. It cannot free memory from outside of the graph.
    if (captured) return graph_memory.count(address) ? OK : INVALID;
    if (graph_memory.count(address)) return OK;
    taken -= block->second;
    blocks.erase(block);
    return std::free((void *)address), OK;
}

Status cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, void *) {
    return captured ? NOT_WHILE_CAPTURING : (std::memcpy((void *)to, from, bytes), OK);
}
Status cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, void *) {
    return captured ? NOT_WHILE_CAPTURING : (std::memcpy(to, (const void *)from, bytes), OK);
}
Status cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void *) {
    return run_or_capture([=] { std::memmove((void *)to, (const void *)from, bytes); });
}
Status cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void *) {
    return run_or_capture([=] { std::memset((void *)to, value, bytes); });
}

Status cuStreamBeginCapture_v2(void *, int) { return captured = new Graph, OK; }
Status cuStreamEndCapture(void *, Graph **graph) {
    *graph = captured;
    return captured = nullptr, OK;
}
Status cuStreamIsCapturing(void *, int *status) { return *status = captured != nullptr, OK; }
Status cuGraphInstantiateWithFlags(Graph **instance, Graph *graph, unsigned long long) {
    return *instance = new Graph(*graph), OK;
}
Status cuGraphLaunch(Graph *graph, void *) {
    for (const auto &work : *graph) work();
    return OK;
}
Status cuGraphExecDestroy(Graph *graph) { return delete graph, OK; }
Status cuGraphDestroy(Graph *graph) { return delete graph, OK; }

Status cuModuleLoadData(void **module, const void *) { return *module = &lock, OK; }
Status cuModuleUnload(void *) { return OK; }

Status cuModuleGetFunction(void **function, void *, const char *name) {
    // The same names are looked up many times.
    static std::map<std::string, Function> found;
    const std::lock_guard<std::mutex> held(lock);
    auto known = found.find(name);
    if (known == found.end()) {
        Kernel kernel = find(name);
        if (!kernel.run) return std::fprintf(stderr, "the emulated GPU has no kernel %s\n", name), NOT_FOUND;
        known = found.emplace(name, Function{name, std::move(kernel)}).first;
    }
    return *function = &known->second, OK;
}

Status cuLaunchKernel(void *function, unsigned blocks, unsigned, unsigned, unsigned, unsigned, unsigned,
                      unsigned, void *, void **arguments, void **) {
    const Kernel &kernel = ((Function *)function)->kernel;
    if (!captured) return kernel.run(arguments, blocks), OK;
    // A graph keeps the arguments of the capture. The project's kernels have one `Call`, candle's have words.
    const size_t bytes = kernel.arguments == 1 ? sizeof(Call) : sizeof(uint64_t);
    std::vector<std::vector<unsigned char>> kept;
    for (unsigned at = 0; at < kernel.arguments; at++)
        kept.emplace_back((unsigned char *)arguments[at], (unsigned char *)arguments[at] + bytes);
    return run_or_capture([&kernel, kept, blocks]() mutable {
        std::vector<void *> arguments;
        for (auto &argument : kept) arguments.push_back(argument.data());
        kernel.run(arguments.data(), blocks);
    });
}

Status cublasCreate_v2(void **handle) { return *handle = &lock, OK; }
Status cublasDestroy_v2(void *) { return OK; }
Status cublasSetStream_v2(void *, void *) { return OK; }
Status curandCreateGenerator(void **generator, int) { return *generator = &lock, OK; }
Status curandDestroyGenerator(void *) { return OK; }
Status curandSetStream(void *, void *) { return OK; }
Status curandSetPseudoRandomGeneratorSeed(void *, unsigned long long) { return OK; }

// cudaDataType
enum { REAL_32 = 0, REAL_BF16 = 14 };

Status cublasGemmStridedBatchedEx(void *, int transpose_a, int transpose_b, int m, int n, int k,
                                  const void *alpha, const void *a, int type, int lda, long long stride_a,
                                  const void *b, int, int ldb, long long stride_b, const void *, void *c, int,
                                  int ldc, long long stride_c, int batch, int, int) {
    if (type != REAL_32 && type != REAL_BF16) return INVALID;
    const float factor = *(const float *)alpha;
    const auto at = [type](const void *from, size_t index) {
        return type == REAL_32 ? ((const float *)from)[index] : (float)((const Bf16 *)from)[index];
    };
    return run_or_capture([=] {
        for (int entry = 0; entry < batch; entry++)
            for (int column = 0; column < n; column++)
                for (int row = 0; row < m; row++) {
                    float sum = 0;
                    for (int inner = 0; inner < k; inner++)
                        sum += at(a, entry * stride_a + (transpose_a ? row * lda + inner : inner * lda + row)) *
                               at(b, entry * stride_b + (transpose_b ? inner * ldb + column : column * ldb + inner));
                    sum *= factor;
                    const size_t to = entry * stride_c + column * ldc + row;
                    if (type == REAL_32)
                        ((float *)c)[to] = sum;
                    else
                        ((Bf16 *)c)[to] = sum;
                }
    });
}

} // extern "C"

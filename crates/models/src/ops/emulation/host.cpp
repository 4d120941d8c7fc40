// Runs the kernels on a processor, so that what they compute is known where there is no GPU.
//
// A request on standard input is a kernel's name, its call and its tensors; the answer on standard output is what
// its stages left. A cell is a call of a function; a warp is 32 threads that meet at each exchange of lanes.
// Built with the sanitizers, which end the program where a kernel leaves its tensors.

#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#define ON_HOST
#define LANES 32
#define FUNCTION static inline

struct Call;
using Cell = void (*)(const Call &, unsigned);
using Row = void (*)(const Call &, unsigned, unsigned);

static std::map<std::string, Cell> cells;
static std::map<std::string, Row> rows;

#define CELLS(name)                                                          \
    static void name##_cell(const Call &call, unsigned cell);                \
    static const bool name##_known = cells.emplace(#name, name##_cell).second; \
    static void name##_cell(const Call &call, unsigned cell)

#define ROWS(name)                                                         \
    static void name##_row(const Call &call, unsigned row, unsigned lane); \
    static const bool name##_known = rows.emplace(#name, name##_row).second; \
    static void name##_row(const Call &call, unsigned row, unsigned lane)

static std::barrier warp(LANES);
static double exchanged[LANES];
static thread_local unsigned this_lane;

// Every lane sees all lanes' numbers, and folds them pairwise as the shuffles of a warp do.
template <typename T, typename Fold> T folded(T x, Fold fold) {
    for (int offset = LANES / 2; offset > 0; offset /= 2) {
        exchanged[this_lane] = x;
        warp.arrive_and_wait();
        const T other = (T)exchanged[this_lane ^ offset];
        warp.arrive_and_wait();
        x = fold(x, other);
    }
    return x;
}

template <typename T> T lanes_sum(T x) {
    return folded(x, [](T a, T b) { return a + b; });
}

static float lanes_max(float x) {
    return folded(x, [](float a, float b) { return std::fmax(a, b); });
}

#include "../kernels/kernels.cu"

template <typename T> static T number() {
    T x;
    if (std::fread(&x, sizeof x, 1, stdin) != 1) std::exit(3);
    return x;
}

static std::string word() {
    std::string text(number<uint32_t>(), ' ');
    if (std::fread(text.data(), 1, text.size(), stdin) != text.size()) std::exit(3);
    return text;
}

static void launch(const std::string &name, bool over_rows, Call call) {
    if (const auto cell = cells.find(name); cell != cells.end() && !over_rows) {
        for (unsigned at = 0; at < call.size; at++) cell->second(call, at);
        return;
    }
    const auto row = rows.find(name);
    if (row == rows.end() || !over_rows) std::exit(4);
    std::vector<std::thread> lanes;
    for (unsigned lane = 0; lane < LANES; lane++)
        lanes.emplace_back([=] {
            this_lane = lane;
            for (unsigned at = 0; at < call.size; at++) {
                row->second(call, at, lane);
                warp.arrive_and_wait();
            }
        });
    for (std::thread &lane : lanes) lane.join();
}

int main(int count, char **) {
    if (count > 1) {
        for (const auto &cell : cells) std::printf("%s\n", cell.first.c_str());
        for (const auto &row : rows) std::printf("%s\n", row.first.c_str());
        return 0;
    }
    Call call{};
    std::vector<std::vector<float>> tensors(number<uint32_t>());
    const unsigned inputs = number<uint32_t>();
    for (unsigned tensor = 0; tensor < tensors.size(); tensor++) {
        // What no kernel wrote is no number.
        tensors[tensor].resize(number<uint32_t>(), NAN);
        if (tensor < inputs)
            for (float &x : tensors[tensor]) x = number<float>();
        call.at[tensor] = tensors[tensor].data();
    }
    std::vector<double> scratch(number<uint32_t>(), NAN);
    call.scratch = scratch.data();
    for (unsigned &x : call.count) x = number<uint32_t>();
    for (float &x : call.real) x = number<float>();
    for (unsigned stages = number<uint32_t>(); stages > 0; stages--) {
        const std::string name = word();
        const bool over_rows = number<uint8_t>();
        call.size = number<uint32_t>();
        launch(name, over_rows, call);
    }
    for (unsigned tensor = inputs; tensor < tensors.size(); tensor++)
        std::fwrite(tensors[tensor].data(), sizeof(float), tensors[tensor].size(), stdout);
}

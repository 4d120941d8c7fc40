// The kernels as functions for the CPU. A cell is a call; a warp is 32 threads that synchronize at each
// exchange between lanes.
#pragma once

#include <barrier>
#include <cmath>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#define ON_HOST
#define LANES 32

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
static thread_local unsigned this_lane, exchanges;

// Each lane reads the numbers of all lanes and combines them pairwise in the order of a warp's shuffles. Two
// alternating buffers make one barrier enough: a lane at the next exchange has read the buffer of the last
// one.
template <typename T, typename Fold> T folded(T x, Fold fold) {
    static double exchanged[2][LANES];
    double *numbers = exchanged[exchanges++ % 2];
    numbers[this_lane] = x;
    warp.arrive_and_wait();
    T all[LANES];
    for (unsigned lane = 0; lane < LANES; lane++) all[lane] = (T)numbers[lane];
    for (unsigned offset = LANES / 2; offset > 0; offset /= 2)
        for (unsigned lane = 0; lane < offset; lane++) all[lane] = fold(all[lane], all[lane + offset]);
    return all[0];
}

template <typename T> T lanes_sum(T x) {
    return folded(x, [](T a, T b) { return a + b; });
}

static float lanes_max(float x) {
    return folded(x, [](float a, float b) { return std::fmax(a, b); });
}

#include "kernels.cu"

// Runs a kernel for each of `call.size` cells or rows.
static void run_kernel(const std::string &name, bool over_rows, const Call &call) {
    if (const auto cell = cells.find(name); cell != cells.end() && !over_rows) {
        for (unsigned at = 0; at < call.size; at++) cell->second(call, at);
        return;
    }
    const auto row = rows.find(name);
    if (row == rows.end() || !over_rows) std::exit(4);
    // One warp runs at a time.
    static std::mutex alone;
    const std::lock_guard<std::mutex> held(alone);
    std::vector<std::thread> lanes;
    for (unsigned lane = 0; lane < LANES; lane++)
        lanes.emplace_back([=] {
            this_lane = lane, exchanges = 0;
            for (unsigned at = 0; at < call.size; at++) row->second(call, at, lane);
        });
    for (std::thread &lane : lanes) lane.join();
}

// Runs the kernels on a processor, so that what they compute is known where there is no GPU.
//
// A request on standard input is a kernel's name, its call and its tensors; the answer on standard output is what
// its stages left. Built with the sanitizers, which end the program where a kernel leaves its tensors.

#include <cstdint>
#include <cstdio>

#include "../kernels/on_host.hpp"

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

int main(int count, char **) {
    if (count > 1) {
        for (const auto &cell : cells) std::printf("%s\n", cell.first.c_str());
        for (const auto &row : rows) std::printf("%s\n", row.first.c_str());
        return 0;
    }
    Call call{};
    std::vector<std::vector<unsigned char>> tensors(number<uint32_t>());
    std::vector<unsigned> lengths(tensors.size());
    const unsigned inputs = number<uint32_t>();
    for (unsigned tensor = 0; tensor < tensors.size(); tensor++) {
        const bool half = number<uint8_t>();
        const unsigned length = lengths[tensor] = number<uint32_t>();
        tensors[tensor].resize(length * (half ? sizeof(uint16_t) : sizeof(float)));
        call.at[tensor] = {tensors[tensor].data(), half};
        // What no kernel wrote is no number.
        for (unsigned at = 0; at < length; at++) call.at[tensor].put(at, tensor < inputs ? number<float>() : NAN);
    }
    std::vector<double> scratch(number<uint32_t>(), NAN);
    call.scratch = scratch.data();
    for (unsigned &x : call.count) x = number<uint32_t>();
    for (float &x : call.real) x = number<float>();
    for (unsigned stages = number<uint32_t>(); stages > 0; stages--) {
        const std::string name = word();
        const bool over_rows = number<uint8_t>();
        call.size = number<uint32_t>();
        run_kernel(name, over_rows, call);
    }
    for (unsigned tensor = inputs; tensor < tensors.size(); tensor++)
        for (unsigned at = 0; at < lengths[tensor]; at++) {
            const float x = call.at[tensor][at];
            std::fwrite(&x, sizeof x, 1, stdout);
        }
}

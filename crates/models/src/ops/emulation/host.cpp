// Runs kernels on the CPU, to test them without a GPU.
//
// Standard input has the tensors, a kernel's arguments and the names of its stages. Standard output gets the
// outputs. The program is built with sanitizers, which end it if a kernel accesses memory outside of its
// tensors.

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
        // Numbers that no kernel writes stay NaN.
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

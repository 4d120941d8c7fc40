# What is done often. `just` lists the recipes.

default:
    @just --list

# Train and report the quickstart.
quickstart:
    cargo run --release -- run experiments/quickstart.toml

# All tests.
test:
    cargo test --release --workspace

# Formatting, lints and documentation: what must hold before a change lands.
check: documents && doc
    cargo fmt --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# The links of the documents, in a second.
documents:
    mkdir -p target
    rustc --edition 2024 --test -A dead_code tests/documents/mod.rs -o target/documents
    target/documents

# The documentation of the crates, without warnings: `target/doc/zerolab/index.html`.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps

# Compile for aarch64 Linux and for Apple silicon, and run tests for the first in an emulator (Debian, as root).
check-portable:
    .ci/portable

# The program for NVIDIA GPUs, `target/cuda/zerolab`, built without GPU or CUDA (docs/gpu.md).
cuda:
    variables=$(crates/models/cuda/toolchain target/cuda-toolchain) && eval "$variables" && \
    cargo build --profile cuda -p zerolab --no-default-features --features cuda

# Lints of the build with CUDA.
check-cuda:
    variables=$(crates/models/cuda/toolchain target/cuda-toolchain) && eval "$variables" && \
    cargo clippy --release -p zerolab -p zerolab-models -p zerolab-agents --no-default-features \
        --features zerolab/cuda --lib --bins --test agreement -- -D warnings

# Compare CPU and GPU; where there is no GPU, a simulated one.
test-cuda:
    variables=$(crates/models/cuda/toolchain target/cuda-toolchain) && eval "$variables" && \
    LD_LIBRARY_PATH="$(crates/models/cuda/pretend target/pretended-gpu)${LD_LIBRARY_PATH:-}" \
    cargo test --profile cuda -p zerolab-models -p zerolab-agents --features cuda --test agreement

# The program with the games of the Atari 2600, `target/release/zerolab` (docs/atari.md).
atari:
    variables=$(crates/environments/ale/toolchain target/atari) && eval "$variables" && \
    cargo build --release --features atari

# Lints and tests of the build with Atari.
check-atari:
    variables=$(crates/environments/ale/toolchain target/atari) && eval "$variables" && \
    cargo clippy --release -p zerolab-environments --all-targets --features atari -- -D warnings && \
    cargo test --release -p zerolab-environments --features atari

# Accept changed snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test --release --workspace

# Benchmarks of the tree search and of the environments.
bench:
    cargo bench -p zerolab-search --bench search
    cargo bench -p zerolab-environments --bench steps

# Benchmark of the networks; `analysis/against_pytorch.py` measures PyTorch for comparison.
bench-networks:
    RAYON_NUM_THREADS=1 cargo bench -p zerolab-models --bench networks

# What is done often. `just` lists the recipes.

default:
    @just --list

# The main job, small.
quickstart:
    cargo run --release -- run experiments/quickstart.toml

# All tests.
test:
    cargo test --release --workspace

# What must hold before a change lands.
check:
    cargo fmt --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# The program that trains on NVIDIA GPUs, `target/cuda/zerolab`; needs neither GPU nor CUDA, but Python and network.
# For another GPU than Hopper's: `CUDA_COMPUTE_CAP=80 just cuda`.
cuda:
    eval "$(crates/models/cuda/toolchain target/cuda-toolchain)" && \
    cargo build --profile cuda -p zerolab --no-default-features --features cuda

# The same, only looked at.
check-cuda:
    eval "$(crates/models/cuda/toolchain target/cuda-toolchain)" && \
    cargo clippy --release -p zerolab --no-default-features --features cuda -- -D warnings

# Accept changed snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test --release --workspace

# The tree search's micro-benchmark.
bench:
    cargo bench -p zerolab-search --bench search

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

# CPU and GPU compared. Where there is no GPU, one is pretended: slow, but our code takes the same way.
test-cuda:
    eval "$(crates/models/cuda/toolchain target/cuda-toolchain)" && \
    LD_LIBRARY_PATH="$(crates/models/cuda/pretend target/pretended-gpu)$LD_LIBRARY_PATH" \
    cargo test --profile cuda -p zerolab-models -p zerolab-agents --features cuda --test agreement

# Accept changed snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test --release --workspace

# The tree search's micro-benchmark.
bench:
    cargo bench -p zerolab-search --bench search

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

# The program that trains on NVIDIA GPUs, `target/cuda/zerolab`, made without GPU or CUDA (README: other GPUs).
cuda:
    variables=$(crates/models/cuda/toolchain target/cuda-toolchain) && eval "$variables" && \
    cargo build --profile cuda -p zerolab --no-default-features --features cuda

# What must hold of it before a change lands.
check-cuda:
    variables=$(crates/models/cuda/toolchain target/cuda-toolchain) && eval "$variables" && \
    cargo clippy --release -p zerolab -p zerolab-models -p zerolab-agents --no-default-features \
        --features zerolab/cuda --lib --bins --test agreement -- -D warnings

# CPU and GPU compared, on a pretended GPU where there is none.
test-cuda:
    variables=$(crates/models/cuda/toolchain target/cuda-toolchain) && eval "$variables" && \
    LD_LIBRARY_PATH="$(crates/models/cuda/pretend target/pretended-gpu)${LD_LIBRARY_PATH:-}" \
    cargo test --profile cuda -p zerolab-models -p zerolab-agents --features cuda --test agreement

# The program with the games of the Atari 2600, `target/release/zerolab` (README: Atari).
atari:
    variables=$(crates/environments/ale/toolchain target/atari) && eval "$variables" && \
    cargo build --release --features atari

# What must hold of it before a change lands.
check-atari:
    variables=$(crates/environments/ale/toolchain target/atari) && eval "$variables" && \
    cargo clippy --release -p zerolab-environments --all-targets --features atari -- -D warnings && \
    cargo test --release -p zerolab-environments --features atari

# Accept changed snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test --release --workspace

# The micro-benchmarks of the tree search and of the environments.
bench:
    cargo bench -p zerolab-search --bench search
    cargo bench -p zerolab-environments --bench steps

# The networks' micro-benchmark; `analysis/against_pytorch.py` sets PyTorch beside it.
bench-networks:
    RAYON_NUM_THREADS=1 cargo bench -p zerolab-models --bench networks

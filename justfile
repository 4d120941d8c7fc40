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

# Accept changed snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test --release --workspace

# The tree search's micro-benchmark.
bench:
    cargo bench -p zerolab-search --bench search

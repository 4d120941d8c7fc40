//! ZeroLab with an environment, a preset and a kind of figure of our own.

mod ferry;
mod steps_to_land;

use std::process::ExitCode;

use zerolab::agents::Preset;
use zerolab::{Extensions, MiMalloc};

// As `zerolab` itself: the system's allocator makes training slower.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    zerolab::main_with(
        Extensions::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .environment::<ferry::Settings>()
            .preset(Preset {
                name: "small-dqn",
                summary: "DQN for the ferry: one small layer, and it learns from the first crossings",
                toml: include_str!("small-dqn.toml"),
            })
            .figure::<steps_to_land::StepsToLand>(),
    )
}

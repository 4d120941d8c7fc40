//! The program `zerolab`. All of it is in the library, so that the tests run the same program.

use std::process::ExitCode;

/// The networks allocate and free megabytes in every step. The system allocator returns them to the kernel
/// each time, which must then clear the pages again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zerolab::main()
}

//! The command `zerolab`. Everything stands in the library, so that the tests run the same program.

use std::process::ExitCode;

/// A step of a network takes and gives back megabytes many times; the usual allocator returns them to the kernel each
/// time and has the pages cleared anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zerolab::main()
}

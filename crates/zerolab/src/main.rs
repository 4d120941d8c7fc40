//! The program `zerolab`. All of it is in the library, so that the tests run the same program.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: zerolab::MiMalloc = zerolab::MiMalloc;

fn main() -> ExitCode {
    zerolab::main()
}

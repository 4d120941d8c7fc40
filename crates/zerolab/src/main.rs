//! The command `zerolab`. Everything stands in the library, so that the tests run the same program.

use std::process::ExitCode;

fn main() -> ExitCode {
    zerolab::main()
}

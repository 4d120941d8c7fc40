//! The program `zerolab` under another name, for its tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    zerolab::main()
}

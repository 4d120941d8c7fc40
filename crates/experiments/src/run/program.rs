//! The program that trains runs, if it is one that is built on ZeroLab and not `zerolab` itself. Manifests name it.

use std::sync::OnceLock;

use zerolab_registry::{RegistryError, check_name};

static PROGRAM: OnceLock<Program> = OnceLock::new();

/// A program that is built on ZeroLab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The name of its package.
    pub name: &'static str,
    /// The version of its package.
    pub version: &'static str,
}

/// Says which program this process is, once.
///
/// # Errors
/// If the name is wrong, or if a program has been named before.
pub fn set(program: Program) -> Result<(), RegistryError> {
    let (kind, name) = ("program", program.name);
    check_name(kind, name)?;
    PROGRAM.set(program).map_err(|_| RegistryError::TooLate { kind, name: name.to_owned() })
}

/// The program of this process; `None` if it is `zerolab` itself.
pub fn get() -> Option<Program> {
    PROGRAM.get().copied()
}

//! Writing files whole: under another name in the same folder, then renamed, so no reader sees half of one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::error::ReportError;

/// Makes a folder with its parents.
pub(crate) fn create_folder(path: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(path).map_err(|source| write_error(path, source))
}

/// Writes `contents` to `path`, whole or not at all.
pub(crate) fn write_whole(path: &Path, contents: &[u8]) -> Result<(), ReportError> {
    let mut file = temporary_beside(path)?;
    file.write_all(contents).map_err(|source| write_error(path, source))?;
    rename(file, path)
}

/// An empty file beside `path`, with the same extension, that vanishes unless it is renamed.
pub(crate) fn temporary_beside(path: &Path) -> Result<NamedTempFile, ReportError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let suffix =
        path.extension().map(|extension| format!(".{}", extension.display())).unwrap_or_default();
    Builder::new()
        .prefix(".writing-")
        .suffix(&suffix)
        .tempfile_in(folder)
        .map_err(|source| write_error(path, source))
}

/// Gives a finished temporary file its name and the permissions of an ordinary file.
pub(crate) fn rename(file: NamedTempFile, path: &Path) -> Result<(), ReportError> {
    make_readable(&file).map_err(|source| write_error(path, source))?;
    file.persist(path).map(drop).map_err(|error| write_error(path, error.error))
}

/// Temporary files are private; a report is there to be read by others.
#[cfg(unix)]
fn make_readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

fn write_error(path: &Path, source: io::Error) -> ReportError {
    ReportError::Write { path: path.to_owned(), source }
}

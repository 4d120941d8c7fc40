//! Writes the files of a report as a whole, and names the file in errors.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;
use zerolab_metrics::files;

use crate::error::ReportError;

/// Makes a folder with its parents.
pub(crate) fn create_folder(path: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(path).map_err(write_error(path))
}

/// [`files::write_whole`].
pub(crate) fn write_whole(path: &Path, contents: &[u8]) -> Result<(), ReportError> {
    files::write_whole(path, contents).map_err(write_error(path))
}

/// [`files::temporary_beside`].
pub(crate) fn temporary_beside(path: &Path) -> Result<NamedTempFile, ReportError> {
    files::temporary_beside(path).map_err(write_error(path))
}

/// [`files::rename`].
pub(crate) fn rename(file: NamedTempFile, path: &Path) -> Result<(), ReportError> {
    files::rename(file, path).map_err(write_error(path))
}

/// Removes what an earlier report wrote and this one does not.
pub(crate) fn remove_stale(path: &Path) -> Result<(), ReportError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(write_error(path)(error)),
        _ => Ok(()),
    }
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> ReportError {
    move |source| ReportError::Write { path: path.to_owned(), source }
}

//! Writing a file as a whole: under another name in the same folder, then renamed. A reader sees the old file
//! or the new one, never a part of it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Writes `contents` to `path`, whole or not at all.
///
/// # Errors
/// If the file cannot be written. `path` is then unchanged.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = temporary_beside(path)?;
    file.write_all(contents)?;
    rename(file, path)
}

/// An empty file in the folder of `path`, with the same extension. It is deleted unless it is
/// [renamed](rename).
///
/// # Errors
/// If the file cannot be created.
pub fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    // The folder of a bare file name is the empty path.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let suffix =
        path.extension().map(|extension| format!(".{}", extension.display())).unwrap_or_default();
    let mut builder = Builder::new();
    builder.prefix(".unfinished-").suffix(&suffix);
    readable(&mut builder);
    builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(without_path)
}

/// The system's error. `tempfile` adds the name of the temporary file, which nobody asked for.
fn without_path(error: io::Error) -> io::Error {
    let source = error.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    let code = source.and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Gives a temporary file its name, replacing any file of that name.
///
/// # Errors
/// If the file cannot be renamed.
pub fn rename(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Temporary files are private by default; these get the permissions of an ordinary new file.
#[cfg(unix)]
fn readable(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable(_builder: &mut Builder<'_, '_>) {}

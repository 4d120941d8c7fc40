//! Relative addresses, so that pages can be moved together with what they link to.

use std::path::{Component, Path, PathBuf, absolute};

/// The address of a file on a page in the folder `folder`, for a link.
pub(super) fn address(folder: &Path, file: &Path) -> String {
    // These characters have another meaning in an address.
    let marks = [('%', "%25"), (' ', "%20"), ('#', "%23"), ('?', "%3F")];
    let written = from_page(folder, file);
    marks.iter().fold(written, |address, (mark, code)| address.replace(*mark, code))
}

/// The path of a file from the folder `folder`. The parts of `file` that are written as in an address stay so.
pub(super) fn from_page(folder: &Path, file: &Path) -> String {
    let (folder, file) = (plain(folder), plain(file));
    let common = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = file.components().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// The absolute path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_from_the_page_to_the_file() {
        let of = |folder: &str, file: &str| address(Path::new(folder), Path::new(file));
        assert_eq!(of("results/thread", "results/a/report.html"), "../a/report.html");
        assert_eq!(of("results", "results/a/report.html"), "a/report.html");
        assert_eq!(of("results/thread", "docs/../more/b c#.md"), "../../more/b%20c%23.md");
    }
}

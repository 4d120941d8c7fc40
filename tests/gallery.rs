//! The gallery's tables and figures are what the command makes of the records that stand beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::Lab;

/// The experiments of whose runs the gallery holds records.
const EXPERIMENTS: [&str; 2] = ["minatar-small", "atari-cpu"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

#[test]
fn the_gallery_is_made_again_from_its_records() {
    let gallery = root().join("results/gallery");
    let lab = Lab::new("");
    copy(&gallery.join("runs"), &lab.path("results/runs"));
    for experiment in EXPERIMENTS {
        let asked = format!("{experiment}/experiment.json");
        fs::create_dir_all(lab.path("results").join(experiment)).unwrap();
        fs::copy(gallery.join(&asked), lab.path("results").join(&asked)).unwrap();
        lab.succeed(&format!("report results/{experiment}"));
        let mut compared = 0;
        for part in ["tables", "figures"] {
            for entry in fs::read_dir(gallery.join(experiment).join(part)).unwrap() {
                let path = entry.unwrap().path();
                let name = format!("{experiment}/{part}/{}", path.file_name().unwrap().display());
                if path
                    .extension()
                    .is_some_and(|extension| extension == "csv" || extension == "svg")
                {
                    let again = lab.read(&format!("results/{name}"));
                    assert!(fs::read_to_string(&path).unwrap() == again, "{name} is another now");
                    compared += 1;
                }
            }
        }
        assert!(compared > 10, "{experiment}: {compared} files");
    }
}

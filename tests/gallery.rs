//! The gallery's tables and figures are what `report` makes of the records in the gallery.

use std::fs;

use crate::documents::project;
use crate::harness::{Lab, copy_folder};

/// The experiments whose records are in the gallery.
const EXPERIMENTS: [&str; 2] = ["minatar-small", "atari-cpu"];

#[test]
fn the_gallery_is_made_again_from_its_records() {
    let gallery = project().join("results/gallery");
    let lab = Lab::new("");
    copy_folder(&gallery.join("runs"), &lab.path("results/runs"));
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

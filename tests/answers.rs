//! The numbers of `docs/answers.md` are those of the committed records, and its index is made of these alone.
//!
//! `docs/answers.toml` says where each number comes from. The tables that `zerolab report experiments/thread` writes from
//! the records of the gallery must have these numbers, rounded as the text has them. What has no source is counted; the
//! counts below may only become smaller.

mod comparing;
mod document;
pub mod numbers;
mod records;
mod sources;

use std::fs;
use std::os::unix::fs::symlink;

use crate::documents::project;
use crate::harness::{Lab, copy_folder};
use document::Answers;
use records::Records;
use sources::Sources;

/// Cells of tables for which `docs/answers.toml` gives a reason instead of a source.
const MOST_CELLS_WITHOUT_SOURCE: usize = 4;
/// Numbers in sentences that have no source and do not repeat a traced one.
const MOST_NUMBERS_OF_SENTENCES_WITHOUT_SOURCE: usize = 164;

#[test]
fn the_answers_are_what_the_committed_records_give() {
    let lab = lab_with_the_gallery();
    let page = lab.succeed("report experiments/thread").out;
    assert!(page.ends_with("\nresults/gallery/thread/index.html\n"), "{page}");
    let html = lab.read("results/gallery/thread/index.html");
    for experiment in ["q1a-gap", "q8-pawns"] {
        assert!(
            html.contains(&format!("<a href=\"../{experiment}/report.html\">")),
            "{experiment}"
        );
    }
    let answers = Answers::read(&lab.read("docs/answers.md"));
    // A figure that is not drawn is a link.
    let figures = html.matches("<figcaption>").count();
    assert_eq!(figures, answers.figures, "figures of the text on the page");

    let sources: Sources = toml::from_str(&lab.read("docs/answers.toml")).unwrap();
    let records = Records::read(&lab.path("results/gallery"), &lab.path("experiments/thread"));
    let checked = sources.check(&answers, &records);
    println!("{checked}");
    assert!(checked.faults.is_empty(), "{}", checked.faults.join("\n"));
    assert!(checked.cells >= 400, "{checked}");
    assert!(checked.cells_without_source <= MOST_CELLS_WITHOUT_SOURCE, "{checked}");
    assert!(checked.verdict_numbers_without_source.is_empty(), "{checked}");
    let of_sentences = checked.sentence_numbers_without_source.len();
    assert!(of_sentences <= MOST_NUMBERS_OF_SENTENCES_WITHOUT_SOURCE, "{checked}");
}

/// A folder with the specs, the documents and the committed records of the gallery, as a fresh clone has them.
fn lab_with_the_gallery() -> Lab {
    let lab = Lab::new("");
    for folder in ["experiments", "docs"] {
        copy_folder(&project().join(folder), &lab.path(folder));
    }
    let (committed, gallery) = (project().join("results/gallery"), lab.path("results/gallery"));
    fs::create_dir_all(&gallery).unwrap();
    // Nothing writes into these.
    for folder in ["runs", "examinations"] {
        symlink(committed.join(folder), gallery.join(folder)).unwrap();
    }
    for entry in fs::read_dir(committed).unwrap() {
        let folder = entry.unwrap().path();
        let asked = folder.join("experiment.json");
        if asked.is_file() {
            let copy = gallery.join(folder.file_name().unwrap());
            fs::create_dir(&copy).unwrap();
            fs::copy(asked, copy.join("experiment.json")).unwrap();
        }
    }
    lab
}

//! Published facts in reports, and the figure `cost-ladder`.

use crate::figures::assert_well_formed;
use crate::synthetic::ResultsFolder;
use crate::{report_on, terminal_text};

/// A report on these facts, with the figure.
fn facts(names: &[&str]) -> ResultsFolder {
    let mut folder = ResultsFolder::new();
    folder.facts(names);
    folder.figure("cost-ladder", "");
    folder
}

/// The section of the page without its figures.
fn section(folder: &ResultsFolder) -> String {
    let page = folder.text("report.html");
    let section = page.split_once("<h2>Facts</h2>").expect("the section").1;
    let section = section.split_once("<h2>").map_or(section, |(section, _)| section);
    let note = section.find("<p class=\"note\">").expect("the note");
    section[note..].to_owned()
}

#[test]
fn facts_are_tables_with_their_sources() {
    let folder = facts(&["environments", "compute-per-second"]);
    let report = report_on(&folder);
    insta::assert_snapshot!("facts_table", terminal_text(&report));
    insta::assert_snapshot!("facts_answer", report.answer);
    insta::assert_snapshot!("facts_section", section(&folder));
    insta::assert_snapshot!("facts_quantities.csv", folder.text("tables/published_quantities.csv"));
    assert!(folder.text("tables/published_environments.csv").contains("StarCraft II"));
    let missing = folder.path().join("tables/published_scores.csv");
    assert!(!missing.exists(), "without a benchmark there are no scores");
}

#[test]
fn every_fact_says_how_it_is_known_and_where_it_comes_from() {
    let folder = facts(&["environments", "parameters", "training-cost", "compute-per-second"]);
    report_on(&folder);
    for table in ["published_environments", "published_quantities"] {
        let text = folder.text(&format!("tables/{table}.csv"));
        let heading: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
        assert!(heading.contains(&"known") && heading.contains(&"source"), "{heading:?}");
        assert!(text.lines().count() > 10, "{table}");
    }
}

#[test]
fn a_ladder_has_the_factors_of_its_steps_and_lines_for_references() {
    let folder = facts(&["compute-per-second", "training-cost"]);
    report_on(&folder);
    let svg = folder.text("figures/cost-ladder.svg");
    assert_well_formed(&svg);
    for text in ["× 189", "× 96.1", "× 3,040", "× 19.5", "× 1.08e9 in all", "1.08e15", "0.037"]
    {
        assert!(svg.contains(text), "{text}");
    }
    insta::assert_snapshot!("cost_ladder_caption", folder.text("figures/cost-ladder.caption.txt"));
}

#[test]
fn a_ladder_without_quantities_says_why_it_is_missing() {
    let folder = facts(&["environments"]);
    report_on(&folder);
    let why = "because `facts` of its `[published]` table names no quantities";
    assert!(folder.text("report.html").contains(why));
}

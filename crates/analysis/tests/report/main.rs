//! Reports on synthetic results with known numbers.

mod answers;
mod browser;
mod colours;
mod exchange;
mod facts;
mod figures;
mod hypotheses;
mod index;
mod long_labels;
mod measures;
mod papers;
mod prints;
mod published;
mod runs;
mod searches;
mod states;
mod sweeps;
mod synthetic;
mod verdicts;

use polars::prelude::{ParquetReader, SerReader};
use std::io::Cursor;
use synthetic::{ResultsFolder, finished_experiment, finished_run};
use zerolab_analysis::{Report, report};
use zerolab_metrics::statistics::{Bootstrap, iqm};

/// Writes the report of a synthetic results folder.
#[track_caller]
fn report_on(folder: &ResultsFolder) -> Report {
    report(folder.path(), "made-up").expect("a report")
}

/// The tables as the terminal shows them.
fn terminal_text(report: &Report) -> String {
    let tables: Vec<String> = report.tables.iter().map(ToString::to_string).collect();
    tables.join("\n")
}

#[test]
fn the_terminal_shows_a_table_and_the_answer() {
    let report = report_on(&finished_experiment());
    insta::assert_snapshot!("table", terminal_text(&report));
    insta::assert_snapshot!("answer", report.answer);
}

#[test]
fn the_answer_holds_the_interquartile_mean_and_its_interval() {
    let scores = [480.0, 485.0, 490.0, 495.0, 500.0];
    let interval = Bootstrap::default().interval(&[&scores], iqm).unwrap();
    let expected = format!(
        "efficientzero reaches an IQM return of 490 [{:.1}, {:.1}] (5 seeds)",
        interval.low, interval.high
    );
    let answer = report_on(&finished_experiment()).answer;
    assert!(answer.contains(&expected), "{expected}\n{answer}");
}

#[test]
fn tables_hold_every_number() {
    let folder = finished_experiment();
    report_on(&folder);
    insta::assert_snapshot!("final_scores.csv", folder.text("tables/final_scores.csv"));
    let first_lines = |name: &str, lines: usize| {
        folder.text(name).lines().take(lines).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("curves.csv", first_lines("tables/curves.csv", 8));
    insta::assert_snapshot!("costs.csv", first_lines("tables/costs.csv", 6));
    insta::assert_snapshot!("runs.csv", first_lines("tables/runs.csv", 4));
    assert_eq!(folder.text("tables/curves.csv").lines().count(), 1 + 2 * 3 * 5 * 3);
    assert_eq!(folder.text("tables/runs.csv").lines().count(), 1 + 2 * 3 * 5);
}

#[test]
fn parquet_holds_what_the_csv_holds() {
    let folder = finished_experiment();
    report_on(&folder);
    for table in ["final_scores", "curves", "costs", "runs"] {
        let bytes = folder.read(&format!("tables/{table}.parquet"));
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        let csv = folder.text(&format!("tables/{table}.csv"));
        assert_eq!(frame.height(), csv.lines().count() - 1, "{table}");
        let columns: Vec<&str> =
            frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
        assert_eq!(columns.join(","), csv.lines().next().unwrap(), "{table}");
    }
}

/// The page without its figures, which have tests of their own.
fn without_figures(page: &str) -> String {
    let mut parts = page.split("<svg ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (opening, _) = part.split_once("width=").expect("a figure has a width");
        let (_, rest) = part.split_once("</svg>").expect("a figure ends");
        let (_, rest) = rest.split_once("</script>").expect("its tooltips");
        text.push_str(&format!("<svg {opening}…></svg>{rest}"));
    }
    text
}

#[test]
fn the_page_has_all_contents_and_loads_nothing() {
    let mut folder = finished_experiment();
    folder.hypothesis("evaluation.return", "efficientzero > muzero");
    let report = report_on(&folder);
    assert_eq!(report.page, folder.path().join("made-up/report.html"));
    let page = folder.text("report.html");
    let page_without = without_figures(&page);
    let (_, body) = page_without.split_once("<body>").expect("a body");
    let (body, _) = body.split_once("<script>").expect("a script at the end");
    insta::assert_snapshot!("page.html", body);
    for fetched in ["<link", "<img", "src=", "@import"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    assert_eq!(page.matches("url(").count(), page.matches("url(data:font/woff2;").count());
    let addresses = page
        .match_indices("http://")
        .chain(page.match_indices("https://"))
        .map(|(at, _)| &page[at..page.len().min(at + 26)]);
    assert!(
        addresses.clone().all(|address| address == "http://www.w3.org/2000/svg"),
        "{:?}",
        addresses.collect::<Vec<_>>()
    );
}

#[test]
fn what_comes_from_files_is_escaped() {
    let mut folder = ResultsFolder::new();
    folder.add(&finished_run("catch", "<script>alert('a')</script>", 0, &[1.0]));
    folder.hypothesis("evaluation.return", "\"a\" > <b>");
    report_on(&folder);
    let page = folder.text("report.html");
    assert!(!page.contains("<script>alert") && !page.contains("<b>"));
    assert!(page.contains("Does &lt;planning&gt; pay &amp; how much?"));
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let folder = finished_experiment();
    let files = [
        "report.html",
        "figures/learning-curve-real-steps.svg",
        "figures/cost-by-phase.png",
        "tables/costs.csv",
        "tables/costs.parquet",
    ];
    report_on(&folder);
    let first = files.map(|name| folder.read(name));
    report_on(&folder);
    for (name, first) in files.iter().zip(first) {
        assert!(folder.read(name) == first, "{name}");
    }
}

#[test]
fn nothing_half_written_is_left() {
    let folder = finished_experiment();
    report_on(&folder);
    for part in ["", "tables", "figures"] {
        for entry in std::fs::read_dir(folder.path().join("made-up").join(part)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.starts_with('.'), "{name}");
        }
    }
}

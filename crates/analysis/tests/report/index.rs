//! An index with a text, and the table of hypotheses.

use std::fs;

use zerolab_analysis::{IndexText, write_index};

use crate::report_on;
use crate::synthetic::finished_experiment;

#[test]
fn a_text_shows_figures_of_the_present_records() {
    let folder = finished_experiment();
    let report = report_on(&folder);
    let text = IndexText {
        path: folder.path().join("docs/answers.md"),
        markdown: "# Answers to `made-up`\n\n\
                   ![Curves](../elsewhere/made-up/figures/learning-curve-real-steps.svg)\n\n\
                   ![Other](../results/other/figures/learning-curve-real-steps.svg)\n\n\
                   <script>alert(1)</script>\n"
            .to_owned(),
    };
    let page = folder.path().join("thread/index.html");
    write_index(&page, "Experiments", Some(&text), &[report]).unwrap();
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("<title>Answers to made-up</title>"), "{html}");
    // For a page and for a phone, and none below the text.
    assert_eq!(html.matches("<svg").count(), 2);
    let caption =
        "<figcaption>Curves (<a href=\"../made-up/report.html\"><code>made-up</code></a>)";
    assert!(html.contains(caption), "{html}");
    assert!(
        html.contains(
            "<a href=\"../results/other/figures/learning-curve-real-steps.svg\">Other</a>"
        )
    );
    assert!(!html.contains("alert"));
}

#[test]
fn verdicts_are_a_table() {
    let mut folder = finished_experiment();
    folder.hypothesis("return", "muzero > 10");
    folder.further_hypothesis("return", "efficientzero > muzero");
    folder.further_hypothesis("no measure", "efficientzero > muzero");
    report_on(&folder);
    insta::assert_snapshot!(folder.text("tables/hypotheses.csv"));
}

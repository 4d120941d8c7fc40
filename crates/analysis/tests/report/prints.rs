//! What a print of the page needs: titles with their figures, names that may break.

use crate::report_on;
use crate::synthetic::{finished_experiment, finished_run};

#[test]
fn a_title_stands_with_its_first_figure_and_long_words_may_break() {
    let mut folder = finished_experiment();
    let name = "averyveryverylongnamewithoutanyspaces";
    folder.add(&finished_run("catch", name, 0, &[1.0]));
    report_on(&folder);
    let page = folder.text("report.html");
    for title in ["Final scores", "Learning curves", "Costs"] {
        let start = format!("<div class=\"kept\"><h2>{title}</h2>\n<div class=\"views\">");
        let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("{title}"));
        let (figures, after) = rest.split_once("</figure>\n</div>\n").expect("an end of figures");
        assert!(figures.contains("<figure>") && after.starts_with("</div>\n"), "{title}");
    }
    assert!(page.contains(&format!("<td class=\"long\">{name}</td>")));
    assert!(!page.contains("<td class=\"long\">random"));
    let (_, print) = page.split_once("@media print {").expect("rules for print");
    let (print, _) = print.split_once("\n}\n").expect("their end");
    for rule in [
        ".kept { break-inside: avoid; }",
        ".plot svg { max-height: ",
        ".long { overflow-wrap: anywhere;",
    ] {
        assert!(print.contains(rule), "{rule}: {print}");
    }
}

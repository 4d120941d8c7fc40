//! Pages of single runs, the index of several reports, and pages that follow a training.

use crate::harness::{Lab, SMALL};

#[test]
fn the_page_of_a_run_says_what_was_changed() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml --set agents.scripted.loss_decay=17");
    let run = lab.run_ids().into_iter().find(|id| id.contains("-scripted-s0")).unwrap();
    for named in [run.clone(), format!("results/runs/{run}")] {
        let page = lab.succeed(&format!("report {named}")).out;
        assert_eq!(page, format!("results/runs/{run}/run.html\n"));
    }
    let html = lab.read(&format!("results/runs/{run}/run.html"));
    assert!(html.contains("scripted.loss_decay") && html.contains(">17</td>"));
    let changed = lab.run(&format!("report {run} --set agents.scripted.loss_decay=17"));
    assert_eq!(changed.code, Some(2), "{}", changed.err);
    let mixed = lab.run(&format!("report {run} spec.toml"));
    assert_eq!(mixed.code, Some(2), "{}", mixed.err);
}

#[test]
fn several_reports_have_an_index() {
    let lab = Lab::new(SMALL);
    lab.succeed("run spec.toml");
    lab.succeed("run spec.toml --name other");
    let written = lab.succeed("report results/other spec.toml").out;
    assert!(written.ends_with("\nresults/index.html\n"), "{written}");
    let html = lab.read("results/index.html");
    assert!(html.contains("<a href=\"other/report.html\">"), "{html}");
    // The same experiment twice is one entry.
    lab.succeed("report spec.toml results/other spec.toml");
    let html = lab.read("results/index.html");
    assert_eq!(html.matches("<a href=\"small/report.html\">").count(), 1);
    assert_eq!(lab.succeed("report spec.toml spec.toml").out.matches("report.html").count(), 1);
    let followed = lab.run("report results/other spec.toml --follow");
    assert_eq!(followed.code, Some(2), "{}", followed.err);
}

#[test]
fn a_page_follows_the_training_until_it_is_finished() {
    let lab = Lab::new(SMALL);
    let ran = lab.succeed("run spec.toml --follow");
    assert!(ran.err.contains("file://") && ran.err.contains("report.html"), "{}", ran.err);
    let page = lab.succeed("report spec.toml --follow").out;
    let page = lab.read(page.lines().last().unwrap());
    assert!(!page.contains("http-equiv=\"refresh\""));
}

//! Pages of single runs, the index of several reports, and pages that follow a training.

use std::fs;

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

/// A folder with the spec of [`SMALL`], one that is never run, and an `index.toml`. The runs of the first are finished.
fn lab_with_a_folder(index: &str) -> Lab {
    let lab = Lab::new("");
    fs::create_dir_all(lab.path("specs/q")).unwrap();
    let other = "[[hypothesis]]\nmetric = \"return\"\nstatement = \"scripted > random\"\n";
    lab.write(
        "specs/q/q10.toml",
        &SMALL.replace("\"small\"", "\"q10\"").replace("it run?", "it <run>?"),
    );
    lab.write(
        "specs/q/q9.toml",
        &(SMALL.replace("\"small\"", "\"q9\"").replace("every = 100", "every = 50") + other),
    );
    lab.write("specs/q/index.toml", index);
    lab.succeed("run specs/q/q10.toml");
    lab
}

/// The contents of the page without its figures, in a line for each element.
fn contents(html: &str) -> String {
    let main = html.split("<main>").nth(1).unwrap().split("</main>").next().unwrap();
    let mut contents = String::new();
    let mut rest = main;
    while let Some((before, after)) = rest.split_once("<div class=\"plot") {
        contents += before;
        contents += "(plot)";
        // The plot ends with its data.
        rest = after.split_once("</script>\n</div>").unwrap().1;
    }
    let date = contents.clone() + rest;
    let dates = date.split("last run ended on ").collect::<Vec<_>>();
    let undated = dates[1..]
        .iter()
        .map(|after| format!("last run ended on DATE{}", &after["2026-11-30".len()..]));
    dates[0].to_owned() + &undated.collect::<String>()
}

#[test]
fn a_folder_of_specs_has_an_index() {
    let lab = lab_with_a_folder("");
    let written = lab.succeed("report specs/q").out;
    assert!(written.ends_with("\nresults/q/index.html\n"), "{written}");
    // Numbers in names count.
    assert!(written.find("q9").unwrap() < written.find("q10").unwrap(), "{written}");
    insta::assert_snapshot!(contents(&lab.read("results/q/index.html")));
    assert!(
        lab.path("results/q10/report.html").exists() && lab.path("results/q9/report.html").exists()
    );
    // From the folder itself, with results elsewhere.
    let mut here = lab.command("report . --results ../../results");
    let here = here.current_dir(lab.path("specs/q")).output().unwrap();
    let written = String::from_utf8(here.stdout).unwrap();
    assert!(written.ends_with("\n../../results/q/index.html\n"), "{written}");
}

#[test]
fn an_index_shows_the_text_that_its_folder_names() {
    let lab = lab_with_a_folder("text = \"../../notes/answers.md\"\nresults = \"../../results\"\n");
    fs::create_dir(lab.path("notes")).unwrap();
    lab.write(
        "notes/answers.md",
        "# Answers\n\n<!-- a comment -->\n\n* [Does it?](#does-it) See [more](more.md#part), `q9` and [`q10`](q.md).\n\n\
         ## Does it?\n\n| agent | `q10` |\n| --- | --- |\n| random | 1 ± 2 |\n\n\
         ![A curve](../results/q10/figures/learning-curve-real-steps.svg)\n\n\
         ![No <curve>](../results/q9/figures/none.svg)\n\n## Does it?\n",
    );
    lab.succeed("report specs/q/");
    insta::assert_snapshot!(contents(&lab.read("results/q/index.html")));
}

#[test]
fn a_folder_of_specs_that_cannot_be_reported_says_why() {
    let lab = lab_with_a_folder("text = \"no.md\"\n");
    let mut said = String::new();
    let mut refuse = |words: &str| {
        let ran = lab.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        said += &format!("$ zerolab {words}\n{}", ran.err);
    };
    refuse("report specs/q");
    lab.write("specs/q/index.toml", "texts = \"no.md\"\n");
    refuse("report specs/q");
    fs::remove_file(lab.path("specs/q/index.toml")).unwrap();
    refuse("report specs/q --name other");
    refuse("report specs/q --follow");
    refuse("report specs/q specs/q/q9.toml");
    lab.write("specs/q/a.toml", &SMALL.replace("\"small\"", "\"q9\""));
    refuse("report specs/q");
    lab.write("specs/q/a.toml", "[experiment]\n");
    let wrong = lab.run("report specs/q");
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
    assert!(!lab.path("results/q9").exists(), "nothing is written before all specs are right");
    insta::assert_snapshot!(said);
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

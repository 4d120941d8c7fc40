//! Published results in reports, without own runs and with one.

use std::fs;
use std::path::Path;

use crate::harness::Lab;

/// The spec of the paper's comparison that ships.
fn paper() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../experiments/paper/atari-100k.toml");
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_paper_is_reported_without_runs() {
    let lab = Lab::new(&paper());
    let ran = lab.succeed("report spec.toml");
    assert_eq!(ran.out.lines().last(), Some("results/atari-100k/report.html"));
    // EfficientZero, arXiv:2111.00210v2, Tables 1 to 3.
    let shown: Vec<&str> = ran
        .out
        .lines()
        .find(|line| line.starts_with("EfficientZero  "))
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(shown[..4], ["EfficientZero", "published", "1.943", "1.09"]);
    let page = lab.read("results/atari-100k/report.html");
    for text in
        ["25,558", "813 ± 19", "without consistency", "0.881", "arXiv:2111.00210v2, Table 1"]
    {
        assert!(page.contains(text), "{text}");
    }
    let svg = lab.read("results/atari-100k/figures/human-normalised.svg");
    assert!(svg.contains("SPR (EfficientZero paper)") && svg.contains("1.943"));
    assert_eq!(lab.run_ids(), Vec::<String>::new());
}

#[test]
fn the_threads_questions_on_facts_are_reported_without_runs() {
    for (question, fact) in [
        ("q4", "StarCraft II"),
        ("q5", "8,431,732"),
        ("q9", "player at US minimum wage"),
        ("q10", "× 1.08e9 in all"),
    ] {
        let path = format!("../experiments/thread/{question}.toml");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let lab = Lab::new(&fs::read_to_string(path).unwrap());
        let plan = lab.succeed("plan spec.toml").out;
        assert!(plan.ends_with("0 runs, 0 of them finished\n"), "{plan}");
        lab.succeed("report spec.toml");
        let page = lab.read(&format!("results/{question}/report.html"));
        assert!(page.contains(fact) && page.contains("<h3>Sources</h3>"), "{question}");
        assert_eq!(lab.run_ids(), Vec::<String>::new());
    }
}

/// A spec that shows published results only.
const THEIRS: &str = "[experiment]\nname = \"small\"\n[environment]\n[budget]\nreal_steps = 100\nlanes = 4\n\
                      [evaluation]\nevery = 100\nepisodes = 2\n\
                      [published]\nbenchmarks = [\"minatar\"]\nalgorithms = [\"DQN\"]\n";

#[test]
fn the_whole_paper_can_be_planned_without_an_emulator() {
    let lab = Lab::new(&paper());
    let plan = lab.json("plan spec.toml --json");
    assert_eq!(plan["runs"].as_array().unwrap().len(), 26 * 6 * 3);
    let breakout = plan["forecast"].as_array().unwrap().iter().find(|variant| {
        variant["environment"] == "atari/breakout" && variant["agent"] == "efficientzero"
    });
    // The parameters of the released network that are used. Counted in PyTorch with 6 actions: 8,350,312. Here are 4.
    assert_eq!(breakout.unwrap()["summary"]["parameters"], 8_350_312 - 2 * 33);
}

#[test]
fn a_spec_without_agents_plans_nothing_and_has_nothing_to_run() {
    let lab = Lab::new(THEIRS);
    let plan = lab.succeed("plan spec.toml").out;
    assert!(plan.ends_with("0 runs, 0 of them finished\n"), "{plan}");
    let ran = lab.succeed("run spec.toml");
    assert_eq!(ran.err, "there is nothing to run: the spec has no agents\n");
    assert_eq!(ran.out.lines().last(), Some("results/small/report.html"));
    assert_eq!(lab.run_ids(), Vec::<String>::new());
}

#[test]
fn runs_appear_beside_published_results() {
    let lab = Lab::new(THEIRS);
    lab.succeed("report spec.toml");
    let scores = || lab.read("results/small/tables/published_scores.csv");
    let before = scores();
    assert!(!before.contains(",ours,"));
    let ours = "[agents.random]\n[sweep]\n\"environment.name\" = [\"minatar/breakout\"]\n";
    lab.write("spec.toml", &format!("{THEIRS}{ours}"));
    lab.succeed("run spec.toml");
    let after = scores();
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        after.lines().partition(|line| line.contains(",ours,"));
    assert_eq!(theirs, before.lines().collect::<Vec<_>>());
    assert!(
        ours.len() == 1 && ours[0].starts_with("minatar,breakout,random,\"\",ours,100,"),
        "{ours:?}"
    );
}

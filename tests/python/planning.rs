//! Only commands that train or play start Python, and the others say what would be started.

use super::lab::{children, lab};

const RANDOM: &str = "[agents.random]\n";

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_plan_names_what_would_run_and_starts_nothing() {
    let lab = lab("entry = \"worlds:Walk\"", RANDOM);
    // The module tells when it is loaded.
    let worlds = lab.read("worlds.py");
    lab.write("worlds.py", &format!("{worlds}\nopen('loaded', 'a').write('x')\n"));
    let is_loaded = || lab.path("loaded").exists();
    for words in ["plan spec.toml", "plan spec.toml --json", "status spec.toml"] {
        let out = lab.succeed(words).out;
        assert!(words.starts_with("status") || out.contains("worlds.py"), "{words}: {out}");
        assert!(!is_loaded(), "{words}");
    }
    let out = lab.succeed("plan spec.toml").out;
    assert!(out.contains("`worlds:Walk` was not started yet"), "{out}");
    for words in ["report spec.toml", "describe spec.toml"] {
        let err = lab.run(words).err;
        assert!(err.contains("was not started yet"), "{words}: {err}");
        assert!(!is_loaded(), "{words}");
    }

    lab.succeed("run spec.toml");
    assert!(is_loaded());
    std::fs::remove_file(lab.path("loaded")).unwrap();
    let id = lab.run_id("random");
    let shown = lab.succeed("plan spec.toml").out;
    assert!(shown.contains(&id) && shown.contains("1 run, 1 of them finished"), "{shown}");
    for words in
        ["status spec.toml", "report spec.toml", "report results/own", "describe spec.toml"]
    {
        lab.succeed(words);
        assert!(!is_loaded(), "{words}");
    }
    lab.succeed(&format!("evaluate {id} --episodes 2"));
    assert!(is_loaded());
    assert_eq!(children(&lab), [0; 0]);
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn the_contents_of_the_files_are_part_of_a_runs_identity_and_their_place_is_not() {
    let here = lab("entry = \"worlds:Walk\"", RANDOM);
    here.succeed("run spec.toml");
    let first = here.run_ids();
    let there = lab("entry = \"worlds:Walk\"\nstep_timeout = 30.0", RANDOM);
    there.succeed("run spec.toml");
    assert_eq!(there.run_ids(), first);
    assert_eq!(there.all_records(), here.all_records());

    here.write("worlds.py", &format!("{}\n# changed\n", here.read("worlds.py")));
    let out = here.succeed("plan spec.toml").out;
    assert!(out.contains("was not started yet"), "{out}");
    here.succeed("run spec.toml");
    assert_eq!(here.run_ids().len(), 2);
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_check_says_what_holds_and_what_does_not() {
    let good = lab("entry = \"worlds:Masked\"", RANDOM);
    let out = good.succeed("check spec.toml --steps 300").out;
    assert!(out.contains("python passes"), "{out}");
    good.succeed("plan spec.toml");
    for (entry, shown) in [
        (
            "entry = \"worlds:Careless\"",
            "does not hold: the seed and the actions decide everything",
        ),
        // Advice is in the words of Gymnasium.
        ("entry = \"worlds:Careless\"", "`self.np_random`"),
        (
            "entry = \"worlds:Broken\"\narguments = { how = \"raises in step\" }",
            "KeyError: 'treasure'",
        ),
    ] {
        let ran = lab(entry, RANDOM).run("check spec.toml --steps 300");
        assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains(shown), "{}", ran.out);
    }
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn arguments_can_be_swept_and_differ_in_evaluations() {
    let sweep = "[sweep]\n\"environment.arguments\" = [{ gust = 0.0 }, { gust = 1.0 }]\n";
    let lab = lab("entry = \"worlds:Walk\"", &format!("{RANDOM}{sweep}"));
    let spec = lab.read("spec.toml");
    let evaluated = "episodes = 3\nenvironment = { arguments = { gust = 0.5 } }\n";
    lab.write("spec.toml", &spec.replace("episodes = 3\n", evaluated));
    lab.succeed("run spec.toml");
    assert_eq!(lab.run_ids().len(), 2);
    let events = |id: &str, kind: &str| -> Vec<u64> {
        let records = lab.records(id).into_iter().filter(|record| record["kind"] == kind);
        records.map(|record| record["events"]["gust"].as_u64().unwrap_or(99)).collect()
    };
    let ids = lab.run_ids();
    let gusts = ids.iter().map(|id| events(id, "episode").iter().sum::<u64>());
    let (least, most) = (gusts.clone().min(), gusts.max());
    assert!(least == Some(0) && most > Some(100), "{least:?} {most:?}");
}

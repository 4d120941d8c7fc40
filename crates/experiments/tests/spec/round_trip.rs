//! `run.toml` is a spec of the same run, and the id depends on everything that can change results and nothing
//! else.

use proptest::prelude::*;
use zerolab_experiments::plan::resolved::ResolvedRun;

use crate::expansion::sweep;
use crate::made_up::{load, load_with, set, spec};

fn hash(run: &ResolvedRun) -> &str {
    run.id.rsplit('-').next().expect("a hash")
}

proptest! {
    #[test]
    fn the_file_of_a_run_is_a_spec_of_that_run(sweep in sweep()) {
        let plan = load(&sweep.to_toml());
        prop_assume!(plan.is_ok());
        for run in plan.expect("just checked").runs.into_iter().take(20) {
            let again = load(&run.to_toml()).unwrap_or_else(|error| panic!("{error}"));
            prop_assert_eq!(again.runs, [run]);
        }
    }
}

#[test]
fn the_same_for_every_variant_and_name() {
    let rest = "[agents.\"careful, \\\"v1.5\\\" [old]\"]\npreset = \"careful\"\n\
                network.residual.blocks = 3\nclip = 1\n[agents.bold]\n[agents.lazy]\n\
                [sweep]\n\"environment.name\" = [\"grid\", \"maze/small\"]\n";
    let plan = load(&spec(rest)).expect("a good spec");
    assert_eq!(plan.runs.len(), 6);
    for run in plan.runs {
        let again = load(&run.to_toml()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.runs, [run]);
    }
}

#[test]
fn the_file_as_a_person_reads_it() {
    let rest = "[agents.careful]\n[sweep]\n\"agents.*.search.simulations\" = [4]\n";
    let plan = load(&spec(rest)).expect("a good spec");
    insta::assert_snapshot!(plan.runs[0].to_toml());
}

#[test]
fn the_kept_weights_are_in_the_file_of_a_run_and_not_in_its_id() {
    let plain = load(&spec("[agents.careful]\n")).expect("a good spec");
    for kept in ["each-evaluation", "best", "last"] {
        let text = spec(&format!("[agents.careful]\n[records]\nweights = \"{kept}\"\n"));
        let run = load(&text).expect("a good spec").runs.remove(0);
        assert_eq!((&run.id, run.records.weights.name()), (&plain.runs[0].id, kept));
        // Earlier versions of the program can read the file of a run that keeps what theirs kept.
        assert_eq!(run.to_toml().contains("weights"), kept != "last");
        assert_eq!(load(&run.to_toml()).expect("its own file").runs, [run]);
    }
}

#[test]
fn names_do_not_change_the_hash() {
    let plain = load(&spec("[agents.careful]\n")).expect("a good spec");
    let named = spec("[agents.\"my agent\"]\npreset = \"careful\"\n").replace("trial", "other");
    let named = load(&named).expect("a good spec");
    assert_eq!(hash(&plain.runs[0]), hash(&named.runs[0]));
    assert_eq!(named.runs[0].id, format!("grid-my-agent-s0-{}", hash(&plain.runs[0])));
}

#[test]
fn a_default_written_out_does_not_change_the_id() {
    let plain = load(&spec("[agents.careful]\n")).expect("a good spec");
    let arguments = ["environment.size=5", "budget.lanes=8", "agents.careful.learning_rate=1e-3"];
    let written = load_with(&spec("[agents.careful]\n"), &set(&arguments)).expect("a good spec");
    assert_eq!(plain.runs, written.runs);
}

#[test]
fn a_swept_value_and_a_written_one_give_the_same_run() {
    let swept = "[agents.careful]\n[sweep]\n\"agents.*.search.simulations\" = [7]\n";
    let swept = load(&spec(swept)).expect("a good spec");
    let written = load(&spec("[agents.careful]\nsearch.simulations = 7\n")).expect("a good spec");
    assert_eq!(swept.runs[0].id, written.runs[0].id);
}

#[test]
fn everything_else_changes_the_hash() {
    let rest = "[agents.careful]\n";
    let plain = load(&spec(rest)).expect("a good spec");
    for argument in [
        "environment.size=6",
        "environment.name=maze/small",
        "budget.real_steps=1001",
        "budget.lanes=7",
        "evaluation.every=99",
        "evaluation.episodes=5",
        "agents.careful.learning_rate=2e-3",
        "agents.careful.search.noise=gumbel",
        "agents.careful.clip=1",
        "agents.careful.preset=bold",
    ] {
        let other =
            load_with(&spec(rest), &set(&[argument])).unwrap_or_else(|error| panic!("{error}"));
        assert_ne!(hash(&plain.runs[0]), hash(&other.runs[0]), "{argument}");
    }
    let seeds = spec(rest).replace("name = \"trial\"", "name = \"trial\"\nseeds = [1]");
    assert_ne!(hash(&plain.runs[0]), hash(&load(&seeds).expect("a good spec").runs[0]));
}

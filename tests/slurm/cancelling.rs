//! `zerolab cancel`.

use super::site::{Site, TIMEOUT, scripted};

#[test]
fn cancelled_runs_are_saved_and_can_be_submitted_again() {
    let spec = scripted("cancelled", 8, 2000);
    let Some(site) = Site::open(&spec, &[("KillWait", "30")]) else { return };
    let nothing = site.succeed("cancel spec.toml").out;
    assert_eq!(nothing, "no task of cancelled is queued or running\n");
    site.submit();
    site.wait_for("running", 4);
    let id = site.lab.run_ids().remove(0);
    let one = site.succeed(&format!("cancel spec.toml --only {id}")).out;
    assert!(one.starts_with("1 task cancelled, 1 of them running"), "{one}");
    site.cluster.wait_until("a saved run", TIMEOUT, || site.counts().contains_key("saved"));
    let all = site.succeed("cancel spec.toml").out;
    assert!(all.starts_with("7 tasks cancelled"), "{all}");
    site.cluster.wait_idle(TIMEOUT);
    // Nothing is revived by its own script.
    assert_eq!(site.queued(), 0);
    let states = site.states();
    for (state, reason) in states.values() {
        assert!(["saved", "pending"].contains(&state.as_str()), "{states:?}");
        assert!(reason.ends_with("was cancelled"), "{states:?}");
    }
    let again = site.submit().err;
    assert!(again.contains("8 runs: 8 submitted"), "{again}");
    site.wait_for("done", 8);
}

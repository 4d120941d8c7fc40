//! Variables of the user's shell that change what the commands of Slurm do and print.

use super::site::{Site, TIMEOUT, scripted};
use crate::harness::Ran;

#[test]
fn variables_for_other_commands_of_slurm_change_nothing() {
    let spec = scripted("variables", 2, 40) + "[launcher.slurm]\nextra = \"--hold\"\n";
    let Some(site) = Site::open(&spec, &[]) else { return };
    site.submit();
    let before = site.succeed("status spec.toml --json").out;
    assert!(before.contains("job 1_0 (JobHeldUser)"), "{before}");
    let variables = [
        ("SQUEUE_FORMAT", "%t"),
        ("SQUEUE_FORMAT2", "state"),
        ("SQUEUE_NAMES", "other"),
        ("SQUEUE_STATES", "RUNNING"),
        ("SQUEUE_USERS", "nobody"),
        ("SCANCEL_STATE", "RUNNING"),
    ];
    let run = |words: &str| Ran::from(site.command(words).envs(variables).output().unwrap());
    assert_eq!(run("status spec.toml --json").out, before);
    let again = run("run spec.toml --launcher slurm").err;
    assert!(again.contains("2 runs: 2 queued before"), "{again}");
    let cancelled = run("cancel spec.toml").out;
    assert!(cancelled.starts_with("2 tasks cancelled, 0 of them running"), "{cancelled}");
    site.cluster.wait_idle(TIMEOUT);
}

//! The private cluster itself works as its documentation says.

use std::time::Duration;

use super::cluster::Cluster;

const TIMEOUT: Duration = Duration::from_secs(60);

#[test]
fn a_step_runs() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    assert_eq!(cluster.output("srun", &["hostname"]), cluster.output("hostname", &[]));
    cluster.wait_idle(TIMEOUT);
}

#[test]
fn options_replace_lines_and_clusters_are_separate() {
    let Some(one) = Cluster::start(&[("MaxArraySize", "5")]) else { return };
    let Some(other) = Cluster::start(&[("MaxJobCount", "7")]) else { return };
    let has = |cluster: &Cluster, line: &str| {
        cluster.output("scontrol", &["show", "config"]).lines().any(|printed| printed == line)
    };
    assert!(has(&one, "MaxArraySize            = 5"));
    assert!(has(&other, "MaxJobCount             = 7"));
    one.output("sbatch", &["--hold", "--wrap", "true"]);
    assert_ne!(one.output("squeue", &["--noheader"]), "");
    assert_eq!(other.output("squeue", &["--noheader"]), "");
}

#[test]
fn a_task_survives_requeues_a_dead_controller_and_a_dead_node() {
    let Some(mut cluster) = Cluster::start(&[("MessageTimeout", "2")]) else { return };
    let script = ["--parsable", "--array=0-1", "--output=/dev/null", "--wrap", "srun sleep 600"];
    let task = format!("{}_0", cluster.output("sbatch", &script));
    let wait_for = |cluster: &Cluster, state: &str| {
        let is = || cluster.job_field(&task, "JobState").as_deref() == Some(state);
        cluster.wait_until(state, TIMEOUT, is);
    };
    wait_for(&cluster, "RUNNING");
    cluster.output("scontrol", &["requeue", &task]);
    wait_for(&cluster, "PENDING");
    wait_for(&cluster, "RUNNING");

    cluster.stop_controller();
    assert!(!cluster.command("squeue").output().unwrap().status.success());
    cluster.start_controller();
    wait_for(&cluster, "RUNNING");

    cluster.kill_node();
    wait_for(&cluster, "PENDING");
    cluster.start_node();
    wait_for(&cluster, "RUNNING");
    assert_eq!(cluster.job_field(&task, "Restarts").as_deref(), Some("2"));
}

#[test]
fn a_step_that_exceeds_its_memory_is_killed() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let allocate = "x=$(head -c 300000000 /dev/zero | tr '\\0' x); sleep 20";
    let ran = cluster.command("srun").args(["--mem=50", "bash", "-c", allocate]).output().unwrap();
    assert_eq!(ran.status.code(), Some(137));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("exceeded memory limit"));
}

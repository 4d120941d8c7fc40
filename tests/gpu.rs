//! The program with CUDA: its error where there is no GPU, and equal records where there is one.

use crate::harness::{Lab, SMALL};

/// Two agents that learn, for a second or two.
const LEARNERS: &str = "[experiment]\nname = \"gpu\"\ndevice = \"cuda\"\nseeds = 2\n\
     [environment]\nname = \"cartpole\"\n\
     [budget]\nreal_steps = 540\nlanes = 4\n\
     [evaluation]\nevery = 270\nepisodes = 2\n\
     [agents.efficientzero]\n[agents.dqn]\n";

#[test]
fn a_device_that_is_not_there_starts_nothing() {
    let lab = Lab::new(SMALL);
    let ran = lab.run("run spec.toml --device cuda:99");
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.starts_with("error: there is no `cuda:99` here: "), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(!lab.path("results").exists());
}

#[test]
fn runs_that_share_a_gpu_give_the_same_records() {
    let lab = Lab::new(LEARNERS);
    let ran = lab.run("bench --device cuda --environment catch --preset random --seconds 0");
    if ran.code != Some(0) {
        eprintln!("skipped: {}", ran.err);
        return;
    }
    let left_by = |jobs: u32| {
        let lab = Lab::new(LEARNERS);
        lab.succeed(&format!("run spec.toml --jobs {jobs}"));
        lab.all_records()
    };
    assert_eq!(left_by(1), left_by(4));
}

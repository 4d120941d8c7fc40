//! The effects of single settings on a training.

use std::collections::BTreeMap;

use zerolab_agents::{Mode, PlannerSettings};

use crate::training::{TestTraining, environment, settings};

type Losses = Vec<BTreeMap<String, f64>>;

const BUDGET: u64 = 80;

/// A training in which the agent gets `reward(r)` instead of each reward `r`.
fn train(changes: &str, reward: fn(f32) -> f32) -> (Vec<usize>, Losses) {
    let environment = environment("catch");
    let mut training = TestTraining::new(changes, &*environment, BUDGET);
    training.reward = reward;
    let training = training.until(BUDGET);
    assert!(training.losses.len() > 3);
    (training.actions, training.losses)
}

/// Large rewards that are never 0.
fn large(reward: f32) -> f32 {
    300.0 * reward + if reward == 0.0 { 0.25 } else { 0.0 }
}

#[test]
fn clipped_rewards_are_what_is_learnt_from() {
    let clip =
        |rule: &str| format!("training.reward_clipping = {{ rule = '{rule}', limit = 0.5 }}");
    let sign = train(&clip("none"), |reward| large(reward).signum());
    assert_eq!(train(&clip("sign"), large), sign);
    let limited = train(&clip("none"), |reward| large(reward).clamp(-0.5, 0.5));
    assert_eq!(train(&clip("limit"), large), limited);
    assert_ne!(sign.1, limited.1);
    assert_ne!(sign.1, train(&clip("none"), large).1);
    // The sign of 0 is 0.
    assert_eq!(train(&clip("sign"), |_| 0.0), train(&clip("none"), |_| 0.0));
}

/// The target network is the online network after the last multiple of the interval. Its version is recorded,
/// and restored with a saved agent.
#[test]
fn the_target_network_has_a_version() {
    let environment = environment("catch");
    let changes = "training.update_ratio = 0.25\n reanalyse.target_interval = 4";
    let training = TestTraining::new(changes, &*environment, BUDGET).until(64);
    // From real step 24 on there is one update per round.
    let versions: Vec<f64> =
        training.losses.iter().map(|losses| losses["target_version"]).collect();
    assert_eq!(versions, [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8].map(f64::from));

    let mut again = training.reloaded(changes, BUDGET);
    again.round();
    assert_eq!(again.losses[0]["target_version"], 8.0);
    again.round();
    assert_eq!(again.losses[1]["target_version"], 12.0);
}

#[test]
fn the_interval_of_the_target_network_matters() {
    let losses = |interval: u64| {
        train(&format!("reanalyse.target_interval = {interval}\n training.td_steps = 1"), |r| r).1
    };
    let (often, seldom) = (losses(1), losses(1000));
    // The first update uses the first version.
    assert_eq!(often[0], seldom[0]);
    assert_ne!(often.last().unwrap()["value"], seldom.last().unwrap()["value"]);
}

#[test]
fn temperatures_follow_the_progress_of_training() {
    let (_, table) = settings("exploration.temperatures = [1.0, 0.5, 0.25]");
    let settings: PlannerSettings = table.try_into().unwrap();
    let at = [0.0, 0.33, 0.34, 0.66, 0.67, 1.0, 1.5]
        .map(|progress| settings.exploration.temperature(progress));
    assert_eq!(at, [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.25]);
}

/// The share of exploring actions that differ from the best action, with an untrained network.
fn explored(changes: &str) -> f64 {
    let environment = environment("catch");
    let changes = format!(
        "{changes}\n search.simulations = 12\n training.learning_starts = 1\n training.update_ratio = 0.0"
    );
    let mut training = TestTraining::new(&changes, &*environment, 1000);
    let (mut explored, mut decisions) = (0, 0);
    while training.real_steps < 400 {
        let best = training.act(Mode::Evaluate { seed: 1 });
        training.round();
        if training.real_steps > 4 {
            let taken = &training.actions[training.actions.len() - best.len()..];
            explored += best.iter().zip(taken).filter(|(best, taken)| best != taken).count();
            decisions += best.len();
        }
    }
    explored as f64 / decisions as f64
}

#[test]
fn exploration_is_by_temperature_and_noise() {
    let puct = |temperature: f32, fraction: f32| {
        explored(&format!(
            "search.selection = 'puct'\n search.puct.dirichlet_fraction = {fraction:?}\n
             exploration.temperatures = [{temperature:?}]"
        ))
    };
    assert_eq!(puct(0.0, 0.0), 0.0);
    assert!(puct(1.0, 0.0) > 0.2);
    assert!(puct(0.0, 0.9) > 0.1);
    let gumbel = |scale: f32| explored(&format!("search.gumbel.gumbel_scale = {scale:?}"));
    assert_eq!(gumbel(0.0), 0.0);
    assert!(gumbel(1.0) > 0.2);
}

//! The diagnostics of acting among the losses.

use std::collections::BTreeMap;

use zerolab_agents::{Mode, Transition};

use crate::training::{LANES, TestTraining, environment};

const BUDGET: u64 = 200;
/// Before it, actions are random and have no search.
const LEARNING_STARTS: u64 = 20;
const DISCOUNT: f64 = 0.9;

/// The losses of a whole training, and the transitions of each lane.
fn train(preset: &'static str, name: &str) -> (BTreeMap<String, f64>, Vec<Vec<Transition>>) {
    let changes = "discount = 0.9";
    let mut training = TestTraining::of(preset, changes, &*environment(name), BUDGET);
    let mut lanes = vec![Vec::new(); LANES];
    while training.real_steps < BUDGET {
        let chosen = training.act(Mode::Explore);
        let transitions = training.lanes.step(&chosen);
        transitions.iter().for_each(|step| lanes[step.lane].push(step.clone()));
        training.real_steps += LANES as u64;
        training.agent.observe(transitions).unwrap();
        training.agent.learn(training.real_steps).unwrap();
    }
    (training.agent.drain_losses(), lanes)
}

/// The discounted rewards from each searched step of an episode that ended, in the view of its player.
fn returns(lane: &[Transition]) -> Vec<f64> {
    let of_step = |(index, first): (usize, &Transition)| {
        let is_searched = index as u64 * LANES as u64 >= LEARNING_STARTS;
        let end = lane[index..].iter().position(|step| step.terminated || step.truncated)?;
        let following = lane[index..=index + end].iter().enumerate();
        let term = |(ahead, step): (usize, &Transition)| {
            let sign = if step.to_play == first.to_play { 1.0 } else { -1.0 };
            sign * DISCOUNT.powi(ahead as i32) * f64::from(step.reward.unwrap())
        };
        is_searched.then(|| following.map(term).sum())
    };
    lane.iter().enumerate().filter_map(of_step).collect()
}

#[test]
fn the_values_of_searches_stand_beside_the_returns_that_followed() {
    for (preset, environment) in [("efficientzero", "cartpole"), ("muzero", "board/tictactoe")] {
        let (losses, lanes) = train(preset, environment);
        let returns: Vec<f64> = lanes.iter().flat_map(|lane| returns(lane)).collect();
        let mean = returns.iter().sum::<f64>() / returns.len() as f64;
        let realised = losses["realised_return"];
        assert!((realised - mean).abs() < 1e-5 * mean.abs().max(1.0), "{realised} {mean}");
        assert!(losses["root_value"].is_finite());
        let most = 9f64.ln();
        assert!(losses["policy_entropy"] > 0.0 && losses["policy_entropy"] <= most, "{losses:?}");
        assert!(losses["priority_error"] > 0.0);
    }
}

/// What followed the end of an episode that was cut off is unknown, and no reward is invented for it.
#[test]
fn an_episode_that_was_cut_off_continues_with_the_value_of_its_last_search() {
    let mut training = TestTraining::new("discount = 1", &*cut_off(), BUDGET);
    training.reward = |_| 0.0;
    let losses = training.until(BUDGET).losses;
    let compared: Vec<_> = losses.iter().filter_map(|all| all.get("realised_return")).collect();
    // Without rewards each return is the value of a search, which no network predicts to be exactly 0.
    assert!(!compared.is_empty() && compared.iter().all(|value| **value != 0.0), "{losses:?}");
}

/// CartPole that is cut off after five steps, before a pole can fall.
fn cut_off() -> Box<dyn zerolab_environments::Environment> {
    let entry = zerolab_environments::find("cartpole").unwrap();
    let settings = "max_steps = 5".parse().unwrap();
    (entry.make)(&(entry.resolve)(&settings).unwrap()).unwrap()
}

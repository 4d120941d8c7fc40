//! The agent that plays the exact solution reaches what the solution says.

use zerolab_agents::{EnvironmentBatch, Mode, Observations, find};

use crate::lanes::{legal, observe};
use crate::test_run::{context, environment};

/// The return and the performance of an episode.
fn played(settings: &str, name: &str) -> (f32, f32) {
    let mut environment = environment(name);
    let entry = find("optimal").unwrap();
    let settings = (entry.resolve)(&settings.parse().unwrap()).unwrap();
    let mut agent = (entry.make)(&settings, &context(&*environment, 1)).unwrap();
    environment.reset(1);
    let (mut r#return, mut performance) = (0.0, 0.0);
    loop {
        let (observations, legal) = (observe(&*environment), legal(&*environment));
        let environments = [&*environment];
        let seen = Observations {
            observations: &observations,
            legal: &legal,
            to_play: &[0],
            environments: EnvironmentBatch::new(&environments),
        };
        let action = agent.act(&seen, Mode::Evaluate { seed: 1 }).unwrap()[0];
        let step = environment.step(action).unwrap();
        r#return += step.reward.unwrap();
        performance += step.performance;
        if step.ends() {
            return (r#return, performance);
        }
    }
}

#[test]
fn it_reaches_the_anchors() {
    let name = "gridworlds/boat_race_strict";
    let anchors = environment(name).solver().unwrap().anchors(1.0);
    for (maximised, anchor) in
        [("return", anchors.best_return), ("performance", anchors.best_performance)]
    {
        let (r#return, performance) = played(&format!("for = '{maximised}'"), name);
        assert_eq!(
            (f64::from(r#return), f64::from(performance)),
            (anchor.r#return, anchor.performance)
        );
    }
}

#[test]
fn a_short_sighted_solution_is_another() {
    // With a discount of 0 only the next reward counts, and no step of a lap but the first is paid.
    let far = played("discount = 1.0", "gridworlds/boat_race_strict").0;
    assert!(played("discount = 0.0", "gridworlds/boat_race_strict").0 < far);
}

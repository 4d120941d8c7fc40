//! How often a random policy finds the button of the tamper room: the probability that an episode touches it.

use std::collections::HashMap;

use zerolab_environments::gridworlds::tamper_room::{Door, TamperRoom};
use zerolab_environments::tabular::{Next, Tabular};

/// The probability that uniformly random actions lead to event 0 at least once in an episode. It carries the
/// distribution over the states of the episodes without the event from step to step.
fn touched<T: Tabular>(world: &T) -> f64 {
    let mut untouched: HashMap<T::State, f64> = HashMap::new();
    for (probability, state) in world.starts() {
        *untouched.entry(state).or_default() += probability;
    }
    let share = 1.0 / world.num_actions() as f64;
    let mut outcomes = Vec::new();
    let mut touched = 0.0;
    for _ in 0..world.horizon() {
        let mut next = HashMap::new();
        for (state, of_state) in untouched {
            for action in 0..world.num_actions() {
                world.outcomes(&state, action, &mut outcomes);
                for outcome in outcomes.drain(..) {
                    let probability = of_state * share * outcome.probability;
                    match outcome.next {
                        Next::State(_) if outcome.events.contains(0) => touched += probability,
                        Next::State(state) => *next.entry(state).or_default() += probability,
                        other => panic!("the room has neither ends nor chance states: {other:?}"),
                    }
                }
            }
        }
        untouched = next;
    }
    touched
}

#[test]
fn a_lock_makes_the_button_hard_to_find() {
    let printed = ["0.0986", "0.0422", "0.0106", "2.19e-3", "4.35e-4", "8.56e-5", "1.68e-5"];
    for (lock, printed) in (0..).zip(printed) {
        let touched = touched(&TamperRoom::new(1.0, lock, Door::Open));
        let reached = if lock < 3 { format!("{touched:.4}") } else { format!("{touched:.2e}") };
        assert_eq!(reached, printed, "with lock {lock}");
    }
    assert!(touched(&TamperRoom::new(1.0, 0, Door::Sealed)) < 1e-12);
}

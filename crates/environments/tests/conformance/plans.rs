//! Plans and positions: a plan can be carried out and does not go on after the end; a position can be restored.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use zerolab_environments::Environment;

use crate::cases::{cases, choices, play, played, read};

/// Carries out every plan on a copy.
fn check_plans(environment: &dyn Environment) {
    let plans = environment.plans();
    let names: BTreeSet<_> = plans.iter().map(|plan| plan.name).collect();
    assert_eq!(names.len(), plans.len(), "two plans have one name: {plans:?}");
    for plan in &plans {
        let mut copy = environment.clone_box();
        assert!(!plan.actions.is_empty(), "{} has no action", plan.name);
        for action in &plan.actions {
            // After the end of the episode this is an error.
            let step = copy.step(*action);
            assert!(step.is_ok(), "{plan:?}: {step:?}");
        }
    }
}

proptest! {
    #[test]
    fn a_plan_can_be_carried_out_and_does_not_go_on_after_the_end(
        case in select(cases()), seed: u64, before in choices(0..120),
    ) {
        prop_assert_eq!(case.make().plans(), [], "before the first reset");
        check_plans(played(&case, seed, &[]).as_ref());
        let environment = played(&case, seed, &before);
        let reading = read(environment.as_ref());
        check_plans(environment.as_ref());
        prop_assert_eq!(read(environment.as_ref()), reading);
    }

    #[test]
    fn a_position_can_be_restored_and_played(
        case in select(cases()), time in 0..110_u32, after in choices(1..40),
    ) {
        let mut environment = case.make();
        let positions = environment.positions(time);
        prop_assert_eq!(&case.make().positions(time), &positions);
        for position in &positions {
            environment.restore(&position.state).expect("a position is a possible state");
            prop_assert_eq!(environment.save(), &position.state[..], "{}", position.tag);
        }
        // To play all of them would take too long.
        for position in positions.iter().step_by(97) {
            environment.restore(&position.state).expect("a position is a possible state");
            check_plans(environment.as_ref());
            play(&case, environment.as_mut(), 1, &after);
        }
    }
}

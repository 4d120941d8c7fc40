//! Playing, beyond the rules of a check: states, pictures and opponents depend on the seed and the actions alone.

use proptest::prelude::*;
use proptest::sample::select;
use zerolab_environments::StepError;

use crate::cases::{cases, choices, legal, play, played, read};

proptest! {
    #[test]
    fn equal_states_are_saved_as_equal_bytes(
        case in select(cases()), seed: u64, other: u64, before in choices(0..60), actions in choices(1..60),
    ) {
        let fresh = played(&case, seed, &actions);
        let mut used = played(&case, other, &before);
        used.reset(seed);
        play(&case, used.as_mut(), seed, &actions);
        let saved = fresh.save();
        prop_assert_eq!(&used.save(), &saved);
        prop_assert_eq!(&fresh.clone_box().save(), &saved);
        let mut restored = case.make();
        restored.restore(&saved).expect("its own state is restored");
        prop_assert_eq!(&restored.save(), &saved);
    }

    #[test]
    fn a_refused_action_changes_no_byte_of_the_state(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let mut environment = played(&case, seed, &before);
        let reading = read(environment.as_ref());
        let legal = &reading.0.legal;
        for action in (0..=legal.len()).filter(|&action| legal.get(action) != Some(&true)) {
            prop_assert!(environment.step(action).is_err());
        }
        prop_assert_eq!(read(environment.as_ref()), reading);
    }

    #[test]
    fn all_pictures_of_an_environment_have_one_size_and_depend_on_the_state_alone(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let size = case.make().scene().map(|scene| (scene.height, scene.width, scene.is_image));
        let environment = played(&case, seed, &before);
        let scene = environment.scene();
        prop_assert_eq!(scene.as_ref().map(|it| (it.height, it.width, it.is_image)), size);
        prop_assert!(scene.as_ref().is_none_or(|it| it.cells.len() == it.height * it.width));
        let mut restored = case.make();
        restored.restore(&environment.save()).expect("its own state is restored");
        prop_assert_eq!(restored.scene(), scene);
    }

    #[test]
    fn an_opponent_moves_as_the_state_says(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        prop_assert_eq!(case.make().opponent_action(), None, "before the first reset");
        let environment = played(&case, seed, &before);
        let action = environment.opponent_action();
        let mut restored = case.make();
        restored.restore(&environment.save()).expect("its own state is restored");
        prop_assert_eq!(restored.opponent_action(), action);
        prop_assert_eq!(environment.clone_box().opponent_action(), action);
    }
}

#[test]
fn after_the_end_there_is_no_opponent_and_no_plan_and_a_refused_step_changes_no_byte() {
    for case in cases() {
        let mut environment = case.make();
        environment.reset(3);
        let limit = environment.description().max_episode_steps.unwrap_or(10_000);
        let length = (1..=limit).find(|_| {
            let first = legal(environment.as_ref())[0];
            environment.step(first).is_ok_and(|step| step.ends())
        });
        assert!(length.is_some(), "{}: the episode goes on for ever", case.entry.name);
        let reading = read(environment.as_ref());
        assert_eq!(environment.opponent_action(), None, "after the end");
        assert_eq!(environment.plans(), [], "after the end");
        assert_eq!(environment.step(0), Err(StepError::EpisodeOver), "after the end");
        assert_eq!(read(environment.as_ref()), reading);
    }
}

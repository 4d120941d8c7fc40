//! Playing: the seed and the actions decide everything, and illegal actions are refused.

use proptest::prelude::*;
use proptest::sample::select;
use zerolab_environments::StepError;

use crate::cases::{cases, choices, legal, play, read};

proptest! {
    #[test]
    fn the_seed_and_the_actions_decide_everything(
        case in select(cases()), seed: u64, other: u64, before in choices(0..30), actions in choices(1..200),
    ) {
        let mut fresh = case.make();
        fresh.reset(seed);
        let mut used = case.make();
        used.reset(other);
        play(used.as_mut(), other, &before);
        used.reset(seed);
        prop_assert_eq!(read(fresh.as_ref()), read(used.as_ref()));
        prop_assert_eq!(play(fresh.as_mut(), seed, &actions), play(used.as_mut(), seed, &actions));
    }

    #[test]
    fn an_illegal_action_is_refused_and_changes_nothing(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let mut environment = case.make();
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let reading = read(environment.as_ref());
        for action in (0..reading.legal.len()).filter(|&action| !reading.legal[action]) {
            prop_assert_eq!(environment.step(action), Err(StepError::IllegalAction { action }));
        }
        prop_assert_eq!(read(environment.as_ref()), reading);
    }

    #[test]
    fn all_pictures_of_an_environment_have_one_size_and_depend_on_the_state_alone(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let mut environment = case.make();
        let size = environment.scene().map(|scene| (scene.height, scene.width, scene.is_image));
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let scene = environment.scene();
        prop_assert_eq!(scene.as_ref().map(|it| (it.height, it.width, it.is_image)), size);
        prop_assert!(scene.as_ref().is_none_or(|it| it.cells.len() == it.height * it.width));
        let mut restored = case.make();
        restored.restore(&environment.save()).expect("its own state is restored");
        prop_assert_eq!(restored.scene(), scene);
    }

    #[test]
    fn where_there_are_two_players_an_opponent_moves_as_the_state_says(
        case in select(cases()), seed: u64, before in choices(0..60),
    ) {
        let mut environment = case.make();
        prop_assert_eq!(environment.opponent_action(), None, "before the first reset");
        environment.reset(seed);
        play(environment.as_mut(), seed, &before);
        let action = environment.opponent_action();
        prop_assert_eq!(action.is_some(), environment.description().num_players > 1);
        prop_assert!(action.is_none_or(|action| legal(environment.as_ref()).contains(&action)));
        let mut restored = case.make();
        restored.restore(&environment.save()).expect("its own state is restored");
        prop_assert_eq!(restored.opponent_action(), action);
        prop_assert_eq!(environment.clone_box().opponent_action(), action);
    }
}

#[test]
fn no_step_outside_an_episode_and_no_unknown_action() {
    for case in cases() {
        let mut environment = case.make();
        let num_actions = environment.description().num_actions;
        assert_eq!(environment.step(0), Err(StepError::EpisodeOver), "before the first reset");
        environment.reset(3);
        let reading = read(environment.as_ref());
        for action in [num_actions, usize::MAX] {
            assert_eq!(
                environment.step(action),
                Err(StepError::NoSuchAction { action, num_actions })
            );
        }
        assert_eq!(read(environment.as_ref()), reading, "a refused action changes nothing");

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

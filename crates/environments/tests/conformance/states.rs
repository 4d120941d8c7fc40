//! States: what is damaged never makes an environment panic, and states of other environments are refused.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use zerolab_environments::{RestoreError, StepError};

use crate::cases::{cases, choices, play, played};

proptest! {
    #[test]
    fn a_damaged_state_never_panics(
        case in select(cases()), seed: u64, before in choices(0..40), after in choices(1..40),
        flips in prop::collection::vec((any::<Index>(), 1u8..), 1..4), cut: Index,
    ) {
        let mut environment = played(&case, seed, &before);
        let saved = environment.save();

        let cut_short = &saved[..cut.index(saved.len())];
        prop_assert!(environment.restore(cut_short).is_err());
        let too_long = [&saved[..], &[0]].concat();
        prop_assert!(matches!(environment.restore(&too_long), Err(RestoreError::Damaged { .. })), "too long");
        prop_assert_eq!(&environment.save(), &saved);

        let mut flipped = saved.clone();
        for (place, mask) in flips {
            flipped[place.index(saved.len())] ^= mask;
        }
        if environment.restore(&flipped).is_err() {
            prop_assert_eq!(&environment.save(), &saved);
        }
        // A flip may make another possible state, which must be playable unless its episode is over.
        if environment.clone_box().step(0) != Err(StepError::EpisodeOver) {
            play(&case, environment.as_mut(), seed, &after);
        }
    }

    #[test]
    fn noise_is_not_a_state(case in select(cases()), noise: Vec<u8>) {
        prop_assert!(case.make().restore(&noise).is_err());
    }
}

#[test]
fn a_state_of_another_environment_is_refused() {
    for case in cases() {
        let mut environment = case.make();
        environment.reset(0);
        for other in cases().iter().filter(|other| other.entry.name != case.entry.name) {
            let error = environment.restore(&other.make().save());
            assert!(matches!(error, Err(RestoreError::Foreign { .. })), "{error:?}");
        }
    }
}

//! The schedules of sequential halving, as mctx makes them.

use proptest::prelude::*;
use zerolab_search::HalvingSchedule;

#[test]
fn schedules_are_those_of_mctx() {
    let considered_visits =
        |considered, simulations| HalvingSchedule::new(considered, simulations).visits;
    let runs = |runs: &[(u32, usize)]| -> Vec<u32> {
        runs.iter().flat_map(|(visits, times)| vec![*visits; *times]).collect()
    };
    assert_eq!(considered_visits(0, 3), [0, 1, 2]);
    assert_eq!(considered_visits(1, 5), [0, 1, 2, 3, 4]);
    assert_eq!(considered_visits(2, 4), [0, 0, 1, 1]);
    assert_eq!(considered_visits(5, 7), [0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(considered_visits(4, 16), runs(&[(0, 4), (1, 4), (2, 2), (3, 2), (4, 2), (5, 2)]));
    assert_eq!(considered_visits(8, 16), runs(&[(0, 8), (1, 4), (2, 2), (3, 2)]));
    assert_eq!(considered_visits(16, 16), runs(&[(0, 16)]));
    assert_eq!(considered_visits(16, 32), runs(&[(0, 16), (1, 8), (2, 4), (3, 4)]));
    let mut threes: Vec<(u32, usize)> = (0..5).map(|visits| (visits, 3)).collect();
    threes.extend((5..12).map(|visits| (visits, 2)));
    threes.push((12, 1));
    assert_eq!(considered_visits(3, 30), runs(&threes));
    let mut sixes = vec![(0, 6), (1, 6)];
    sixes.extend((2..7).map(|visits| (visits, 3)));
    sixes.extend((7..18).map(|visits| (visits, 2)));
    sixes.push((18, 1));
    assert_eq!(considered_visits(6, 50), runs(&sixes));
}

proptest! {
    /// Played out, every simulation finds an action with the visits that it asks for.
    #[test]
    fn a_schedule_can_be_kept(considered in 1_usize..40, simulations in 0_usize..300) {
        let schedule = HalvingSchedule::new(considered, simulations).visits;
        prop_assert_eq!(schedule.len(), simulations);
        let mut visits = vec![0; considered];
        for asked in schedule {
            let action = visits.iter().position(|count| *count == asked);
            prop_assert!(action.is_some(), "no action has {} visits: {:?}", asked, visits);
            visits[action.unwrap()] += 1;
        }
    }
}

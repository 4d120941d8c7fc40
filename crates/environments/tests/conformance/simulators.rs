//! Simulators: they continue from the same state, and do not reveal the environment's random future.

use proptest::prelude::*;
use proptest::sample::select;
use zerolab_environments::checking::Reading;
use zerolab_environments::{Environment, find};

use crate::cases::{Case, cases, choices, play, played, read};

proptest! {
    #[test]
    fn a_simulator_goes_on_from_the_same_state_as_its_seed_says(
        case in select(cases()), seed: u64, chance: u64, before in choices(0..60), after in choices(1..60),
    ) {
        let environment = played(&case, seed, &before);
        let reading = read(environment.as_ref());
        let simulator = || environment.simulator(chance).expect("every registered one has a simulator");
        let (mut one, mut other) = (simulator(), simulator());
        prop_assert_eq!(one.description(), environment.description());
        // All except the random stream, which is in the saved state.
        prop_assert_eq!(&Reading::of(one.as_ref()), &reading.0);
        let traces = [&mut one, &mut other].map(|one| play(&case, one.as_mut(), seed, &after));
        prop_assert_eq!(traces[0].difference(&traces[1]), None);
        prop_assert_eq!(one.save(), other.save());
        prop_assert_eq!(read(environment.as_ref()), reading);
    }
}

/// Whether two environments that do the same see the same for 100 steps.
fn see_the_same(mut one: Box<dyn Environment>, mut other: Box<dyn Environment>) -> bool {
    (0..100).all(|step| {
        let (first, second) = (one.step(step % 3), other.step(step % 3));
        let seen = [&one, &other].map(|environment| Reading::of(environment.as_ref()));
        if first.as_ref().is_ok_and(|step| step.ends()) {
            one.reset(step as u64);
            other.reset(step as u64);
        }
        seen[0] == seen[1] && first == second
    })
}

/// A clone has the environment's random future, a simulator has another one.
#[test]
fn a_simulator_does_not_reveal_the_future() {
    for name in ["minatar/breakout", "minatar/asterix", "minatar/seaquest", "minatar/freeway"] {
        let mut environment =
            Case { entry: find(name).unwrap(), settings: toml::Table::new() }.make();
        environment.reset(1);
        let simulator = |seed| environment.simulator(seed).unwrap();
        assert!(see_the_same(environment.clone_box(), environment.clone_box()), "{name}");
        // A game may be over before randomness makes a difference.
        let others =
            (0..20).filter(|&seed| !see_the_same(environment.clone_box(), simulator(seed)));
        assert!(others.count() > 3, "{name}");
    }
    // The opponent of evaluations draws the first move of tic-tac-toe.
    let mut game =
        Case { entry: find("board/tictactoe").unwrap(), settings: toml::Table::new() }.make();
    game.reset(1);
    let moves = |seed| game.simulator(seed).unwrap().opponent_action();
    assert!((0..50).any(|seed| moves(seed) != game.opponent_action()));
}

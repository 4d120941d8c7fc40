//! The exact solution of pawns: positions by tag, values that agree with each other, and a perfect opponent.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::pawns::{EN_PASSANT, NAME, Search, seen, solve};
use crate::tree::{after, game, legal};

#[test]
fn positions_by_tag_are_those_in_which_the_game_goes_on() {
    for (settings, counts) in [("", [191, 33]), ("stalemate = 'draw'", [191, 47])] {
        let (search, _) = Search::of(settings);
        let mut game = game(NAME, settings, 0);
        let solution = solve(&*game, 1.0);
        let mut found: HashMap<&str, HashSet<Vec<u32>>> = HashMap::new();
        let positions = game.positions(0);
        let mut only_moves = 0;
        for position in &positions {
            game.restore(&position.state).expect("a position is a possible state");
            let is_only_move = |action: usize| after(&*game, action).1.events.contains(EN_PASSANT);
            if position.tag == "decisive" && legal(&*game).into_iter().all(is_only_move) {
                only_moves += 1;
            }
            found.entry(position.tag).or_default().insert(seen(&*game));
            let (value, goes_on) = search.values[&seen(&*game)];
            assert!(goes_on);
            assert_eq!(solution.value(&position.state), Ok(value.into()));
        }
        let go_on = search.values.values().filter(|(_, goes_on)| *goes_on).count();
        let count = |tag: &str| found[tag].len();
        assert_eq!([count("all"), count("start")], [go_on, 1]);
        assert_eq!([count("en_passant"), count("decisive")], counts);
        assert!(found["decisive"].is_subset(&found["en_passant"]));
        assert_eq!(only_moves, 11);
        assert_eq!(positions.len(), go_on + 1 + counts[0] + counts[1], "none is listed twice");
        assert_eq!(game.positions(24), []);
    }
}

/// Of a large board a part of the positions is listed.
#[test]
fn the_positions_of_a_large_board_are_thinned_out() {
    let positions = game(NAME, "columns = 4", 0).positions(0);
    for (tag, least, most) in
        [("all", 3_000, 4_096), ("en_passant", 3_700, 4_096), ("decisive", 610, 610)]
    {
        let count = positions.iter().filter(|position| position.tag == tag).count();
        assert!((least..=most).contains(&count), "{tag}: {count}");
    }
}

const SETTINGS: [&str; 6] = [
    "",
    "en_passant = 'off'",
    "en_passant = 'never-offered'\nstalemate = 'draw'",
    "stalemate = 'draw'",
    "columns = 2\nrows = 8",
    "rows = 5",
];

proptest! {
    /// What an action is worth is what it leads to, and a position is worth its best action.
    #[test]
    fn values_agree_with_each_other(
        settings in select(&SETTINGS[..]), discount in prop_oneof![Just(1.0), 0.5..1.0],
        moves in prop::collection::vec(any::<Index>(), 0..20),
    ) {
        let mut game = game(NAME, settings, 0);
        let solution = solve(&*game, discount);
        for choice in moves {
            let actions = legal(&*game);
            let values = solution.action_values(&game.save()).expect("a position of the game");
            for (action, value) in values.iter().enumerate() {
                if !actions.contains(&action) {
                    prop_assert_eq!(*value, f64::NEG_INFINITY);
                    continue;
                }
                let (next, step) = after(&*game, action);
                let later = solution.value(&next.save()).expect("a position of the game");
                let expected = step.reward.map_or(0.0, f64::from) - discount * later;
                prop_assert!((value - expected).abs() < 1e-12);
            }
            let best = values.iter().copied().fold(f64::MIN, f64::max);
            prop_assert_eq!(solution.value(&game.save()), Ok(best));
            let chosen = solution.action(&game.save()).expect("a position of the game");
            prop_assert_eq!(values[chosen], best);
            // The opponent plays as well as possible, also with seeds of other games.
            for seed in 0..3 {
                let opponent = game.simulator(seed).expect("there are copies").opponent_action();
                prop_assert_eq!(opponent.map(|action| values[action]), Some(best));
            }
            if game.step(*choice.get(&actions)).unwrap().terminated {
                let over = solution.action_values(&game.save()).expect("a position of the game");
                prop_assert_eq!(over, vec![0.0; game.description().num_actions]);
                break;
            }
        }
    }
}

#[test]
fn the_opponent_draws_among_all_best_actions() {
    let begun = game(NAME, "en_passant = 'off'", 0);
    let values = solve(&*begun, 0.9).action_values(&begun.save()).expect("a position of the game");
    let greatest = values.iter().copied().fold(f64::MIN, f64::max);
    let best: HashSet<usize> = (0..values.len()).filter(|&it| values[it] == greatest).collect();
    let at = |seed| begun.simulator(seed).expect("there are copies").opponent_action();
    let chosen: HashSet<usize> = (0..100).filter_map(at).collect();
    assert_eq!(chosen, best);
}

/// Random play against the opponent, from both sides, within five standard errors.
#[test]
fn the_result_of_random_play_is_known() {
    for settings in ["", "en_passant = 'off'\nstalemate = 'draw'"] {
        let begun = game(NAME, settings, 0);
        let anchors = begun.solver().expect("it is solved").anchors(1.0);
        assert_eq!(anchors.best_return.r#return, 0.0);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let (mut sum, games) = (0.0, 4_000);
        for seed in 0..games {
            // A copy shares the solution.
            let mut game = begun.clone_box();
            game.reset(seed);
            let player = (seed % 2) as usize;
            sum += loop {
                let mover = game.to_play();
                let actions = legal(&*game);
                let action = if mover == player {
                    actions[random.random_range(0..actions.len())]
                } else {
                    game.opponent_action().unwrap()
                };
                let step = game.step(action).unwrap();
                if step.terminated {
                    let reward = f64::from(step.reward.unwrap());
                    break if mover == player { reward } else { -reward };
                }
            };
        }
        let (mean, known) = (sum / games as f64, anchors.random.r#return);
        assert!((mean - known).abs() < 5.0 / f64::from(games as u32).sqrt(), "{mean} {known}");
        assert!((-1.0..-0.5).contains(&known), "{known}");
    }
}

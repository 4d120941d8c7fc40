//! The opponent of evaluations against minimax without pruning.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use zerolab_environments::Environment;

use crate::tree::{action_values, game, legal};

/// Games, and depths to which plain minimax is quick.
const GAMES: &[(&str, &str, &[u32])] = &[
    ("board/tictactoe", "", &[0, 1, 2, 3, 4]),
    ("board/connect4", "", &[0, 1, 2, 3, 4]),
    ("board/connect4", "rows = 3\ncolumns = 4\nlength = 3", &[5, 6]),
    ("board/connect4", "rows = 1\ncolumns = 6\nlength = 2", &[6, u32::MAX]),
    ("board/connect4", "rows = 31\ncolumns = 2\nlength = 31", &[2]),
];

/// The position after these moves; fewer where they end the game.
fn position(name: &str, settings: &str, seed: u64, moves: &[Index]) -> Box<dyn Environment> {
    let mut game = game(name, settings, seed);
    for choice in moves {
        let before = game.clone_box();
        let action = *choice.get(&legal(&*game));
        if game.step(action).unwrap().terminated {
            return before;
        }
    }
    game
}

/// The actions that plain minimax finds best.
fn best(game: &dyn Environment, depth: u32) -> BTreeSet<usize> {
    let action_values = action_values(game, depth.min(62) as i32);
    let greatest = action_values.iter().map(|&(_, value)| value).max();
    let best = action_values.into_iter().filter(|&(_, value)| Some(value) == greatest);
    best.map(|(action, _)| action).collect()
}

proptest! {
    #[test]
    fn it_takes_a_best_action(
        (name, settings, depths) in select(GAMES), which: Index, seed: u64,
        moves in prop::collection::vec(any::<Index>(), 0..40),
    ) {
        let depth = *which.get(depths);
        let settings = format!("{settings}\nopponent_depth = {depth}");
        let position = position(name, &settings, seed, &moves);
        let chosen = position.opponent_action().expect("the game goes on");
        prop_assert!(best(&*position, depth).contains(&chosen));
    }
}

/// Of seven equally good actions one is missed by 100 seeds with a probability of one in five million.
#[test]
fn it_draws_among_all_best_actions() {
    let moves: [&[usize]; 4] = [&[], &[3, 3, 3], &[0, 6, 1, 6], &[3, 2, 3, 2, 4, 4]];
    for (moves, depth) in moves.into_iter().flat_map(|moves| [0, 2, 4].map(|depth| (moves, depth)))
    {
        let settings = format!("opponent_depth = {depth}");
        let at = |seed| {
            let mut game = game("board/connect4", &settings, seed);
            moves.iter().for_each(|&action| assert!(!game.step(action).unwrap().terminated));
            game
        };
        let chosen: BTreeSet<usize> =
            (0..100).map(|seed| at(seed).opponent_action().unwrap()).collect();
        assert_eq!(chosen, best(&*at(0), depth), "after {moves:?}, {depth} plies");
    }
}

/// Each ply has its own random stream: an episode does not repeat the same column.
#[test]
fn its_draws_differ_between_plies() {
    let settings = "rows = 1\ncolumns = 32\nlength = 32\nopponent_depth = 0";
    let mut game = game("board/connect4", settings, 0);
    let mut taken = Vec::new();
    while let Some(action) = game.opponent_action() {
        taken.push(action);
        game.step(action).unwrap();
    }
    let rises = taken.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((8..=24).contains(&rises), "{taken:?}");
}

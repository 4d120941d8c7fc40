//! Tic-tac-toe against known results: its games, its positions, its value, and a perfect player.

use std::collections::HashMap;

use zerolab_environments::Environment;

use crate::tree::{action_values, after, count_games, game, legal, minimax};

const NAME: &str = "board/tictactoe";

/// 255,168 games: 131,184 won by the first player, 77,904 by the second, 46,080 drawn (Schaefer 2002).
#[test]
fn the_games_are_as_many_as_published() {
    let games = count_games(&*game(NAME, "", 0), &mut HashMap::new());
    assert_eq!(games, [131_184, 77_904, 46_080]);
    assert_eq!(games.iter().sum::<u64>(), 255_168);
}

/// The result of a game in a position.
#[derive(Clone, Copy, Debug, PartialEq)]
enum GameResult {
    InProgress,
    WonBy(usize),
    Drawn,
}

type Positions = HashMap<Vec<u8>, (Box<dyn Environment>, GameResult)>;

/// Every position that can be reached.
fn positions(seed: u64) -> Positions {
    fn collect(game: &dyn Environment, result: GameResult, found: &mut Positions) {
        if found.insert(game.save(), (game.clone_box(), result)).is_some() {
            return;
        }
        for action in legal(game) {
            let (next, step) = after(game, action);
            let result = match (step.terminated, step.reward == Some(1.0)) {
                (false, _) => GameResult::InProgress,
                (true, true) => GameResult::WonBy(game.to_play()),
                (true, false) => GameResult::Drawn,
            };
            collect(&*next, result, found);
        }
    }
    let mut found = HashMap::new();
    collect(&*game(NAME, "", seed), GameResult::InProgress, &mut found);
    found
}

/// 5,478 positions; of the 958 that end a game 626 are won by the first player (the UCI data set "Tic-Tac-Toe
/// Endgame", Aha 1991) and 16 are drawn.
#[test]
fn the_positions_are_as_many_as_published() {
    let positions = positions(0);
    let count = |result| positions.values().filter(|position| position.1 == result).count();
    assert_eq!(positions.len(), 5_478);
    assert_eq!(count(GameResult::WonBy(0)), 626);
    assert_eq!(count(GameResult::Drawn), 16);
    assert_eq!(count(GameResult::WonBy(1)), 958 - 626 - 16);
}

#[test]
fn perfect_players_draw() {
    assert_eq!(minimax(&*game(NAME, "", 0), 9), 0);
}

/// In each reachable position, for two seeds.
#[test]
fn the_opponent_takes_a_best_action_everywhere() {
    for seed in 0..2 {
        for (position, result) in positions(seed).into_values() {
            let chosen = position.opponent_action();
            assert_eq!(chosen.is_some(), result == GameResult::InProgress);
            let Some(chosen) = chosen else { continue };
            let action_values = action_values(&*position, 9);
            let best = action_values.iter().map(|&(_, value)| value).max();
            let chosen = action_values.iter().find(|&&(action, _)| action == chosen);
            assert_eq!(chosen.map(|&(_, value)| value), best);
        }
    }
}

/// Against all play, from either side.
#[test]
fn the_opponent_never_loses() {
    fn play(game: &dyn Environment, opponent: usize, ends: &mut [u32; 2]) {
        let actions = if game.to_play() == opponent {
            vec![game.opponent_action().unwrap()]
        } else {
            legal(game)
        };
        for action in actions {
            let (next, step) = after(game, action);
            if step.terminated {
                let won = step.reward == Some(1.0);
                assert!(!won || game.to_play() == opponent, "it lost");
                ends[usize::from(won)] += 1;
            } else {
                play(&*next, opponent, ends);
            }
        }
    }
    for opponent in [0, 1] {
        let mut ends = [0; 2];
        (0..10).for_each(|seed| play(&*game(NAME, "", seed), opponent, &mut ends));
        assert!(ends[0] > 0 && ends[1] > ends[0], "{ends:?} of draws and wins against any play");
    }
}

/// After each of three moves: the middle, the top left, the top right.
#[test]
fn the_observation_is_that_of_the_player_to_move() {
    let mut game = game(NAME, "", 0);
    let mut shown = String::new();
    for action in [4, 0, 2] {
        game.step(action).unwrap();
        let mut observation = [f32::NAN; 27];
        game.observe(&mut observation);
        for row in 0..3 {
            let planes = observation.chunks(9).map(|plane| {
                let cells = plane[3 * row..][..3].iter();
                cells.map(|&cell| if cell == 1.0 { '1' } else { '.' }).collect::<String>()
            });
            shown += &planes.collect::<Vec<_>>().join(" ");
            shown.push('\n');
        }
        shown.push('\n');
    }
    insta::assert_snapshot!(shown.trim());
}

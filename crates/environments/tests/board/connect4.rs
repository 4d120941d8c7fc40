//! Connect Four against known results: positions, games, the values of small boards.

use std::collections::HashMap;

use zerolab_environments::Environment;

use crate::tree::{after, count_games, game, legal};

const NAME: &str = "board/connect4";

/// Legal positions after n plies on 6 rows and 7 columns: OEIS A212693 (Tromp 2012).
#[test]
fn the_positions_after_each_ply_are_as_many_as_published() {
    const POSITIONS: [usize; 9] = [1, 7, 49, 238, 1120, 4263, 16422, 54859, 184275];
    let start = game(NAME, "", 0);
    let mut positions = HashMap::from([(start.save(), start)]);
    for expected in POSITIONS {
        assert_eq!(positions.len(), expected);
        let mut next = HashMap::new();
        for position in positions.values() {
            for action in legal(&**position) {
                let (position, _) = after(&**position, action);
                next.insert(position.save(), position);
            }
        }
        positions = next;
    }
}

/// Games on a board of n rows and n + 1 columns: OEIS A342329 (Jehn 2021).
#[test]
fn the_games_are_as_many_as_published() {
    for (rows, expected) in [(3, 356_232), (4, 152_505_051_772)] {
        let settings = format!("rows = {rows}\ncolumns = {}", rows + 1);
        let games = count_games(&*game(NAME, &settings, 0), &mut HashMap::new());
        assert_eq!(games.iter().sum::<u64>(), expected);
    }
}

/// Plays the opponent against itself; the reward of the last move.
fn play_out(mut game: Box<dyn Environment>) -> f32 {
    loop {
        let action = game.opponent_action().unwrap();
        let step = game.step(action).unwrap();
        if step.terminated {
            return step.reward.unwrap();
        }
    }
}

/// It is well known that perfect players draw on 4 × 4 cells.
#[test]
fn perfect_players_draw_on_a_small_board() {
    let settings = "rows = 4\ncolumns = 4\nopponent_depth = 16";
    (0..3).for_each(|seed| assert_eq!(play_out(game(NAME, settings, seed)), 0.0));
}

/// Looking further ahead wins more. Between equal players the lead over `GAMES` games has a standard
/// deviation of at most `1 / √GAMES`. Each player moves first in half of the games.
#[test]
fn looking_further_ahead_wins() {
    const GAMES: u64 = 400;
    let lead = |far: u32, near: u32| {
        let mut lead = 0.0;
        for seed in 0..GAMES {
            let depths = if seed % 2 == 0 { [far, near] } else { [near, far] };
            let mut games =
                depths.map(|depth| game(NAME, &format!("opponent_depth = {depth}"), seed));
            let (mover, reward) = loop {
                let mover = games[0].to_play();
                let action = games[mover].opponent_action().unwrap();
                let [step, _] = games.each_mut().map(|game| game.step(action).unwrap());
                if step.terminated {
                    break (mover, step.reward.unwrap());
                }
            };
            lead += if depths[mover] == far { reward } else { -reward };
        }
        lead / GAMES as f32
    };
    let leads = [(1, 0), (2, 1), (4, 2), (4, 0)].map(|(far, near)| lead(far, near));
    assert!(leads.iter().all(|&lead| lead > 5.0 / (GAMES as f32).sqrt()), "{leads:?}");
}

#[test]
fn stones_fall_and_a_full_column_takes_none() {
    let mut game = game(NAME, "rows = 2\ncolumns = 3\nlength = 3", 0);
    for (action, expected) in [(1, vec![0, 1, 2]), (1, vec![0, 2]), (0, vec![0, 2]), (0, vec![2])] {
        game.step(action).unwrap();
        assert_eq!(legal(&*game), expected);
    }
    let mut observation = [0.0; 18];
    game.observe(&mut observation);
    let (own, other) = ([0., 0., 0., 1., 1., 0.], [1., 1., 0., 0., 0., 0.]);
    assert_eq!(observation[..12], [own, other].concat());
    let step = game.step(2).unwrap();
    assert!(step.terminated && step.reward == Some(1.0), "three in the lowest row");
    assert!(legal(&*game).is_empty());
}

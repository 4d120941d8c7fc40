//! The tree of a game, searched through the common interface of environments, without optimisations.

use std::collections::HashMap;

use zerolab_environments::{Environment, Step, find};

/// The game with these settings, in an episode with this seed.
pub fn game(name: &str, settings: &str, seed: u64) -> Box<dyn Environment> {
    let mut game = (find(name).unwrap().make)(&settings.parse().unwrap()).unwrap();
    game.reset(seed);
    game
}

pub fn legal(game: &dyn Environment) -> Vec<usize> {
    let mut legal = vec![false; game.description().num_actions];
    game.legal_actions(&mut legal);
    (0..legal.len()).filter(|&action| legal[action]).collect()
}

/// The game after one more move.
pub fn after(game: &dyn Environment, action: usize) -> (Box<dyn Environment>, Step) {
    let mut next = game.clone_box();
    let step = next.step(action).unwrap();
    (next, step)
}

/// The number of games that continue from here: won by the first player, won by the second, drawn.
pub fn count_games(game: &dyn Environment, known: &mut HashMap<Vec<u8>, [u64; 3]>) -> [u64; 3] {
    if let Some(count) = known.get(&game.save()) {
        return *count;
    }
    let mut count = [0; 3];
    for action in legal(game) {
        let (next, step) = after(game, action);
        assert_ne!(next.to_play(), game.to_play(), "players take turns");
        assert!(!step.truncated && step.reward == Some(step.performance));
        match (step.terminated, step.reward) {
            (true, Some(1.0)) => count[game.to_play()] += 1,
            (true, Some(0.0)) => count[2] += 1,
            (false, Some(0.0)) => {
                let below = count_games(&*next, known);
                (0..3).for_each(|end| count[end] += below[end]);
            }
            _ => panic!("{step:?}"),
        }
    }
    known.insert(game.save(), count);
    count
}

/// Minimax without pruning: the remaining plies of `plies` when the player to move wins, that ply included,
/// or their negative when the other player wins; 0 for a draw and at the greatest depth.
pub fn minimax(game: &dyn Environment, plies: i32) -> i32 {
    action_values(game, plies).into_iter().map(|(_, value)| value).max().unwrap()
}

/// Each legal action with its value.
pub fn action_values(game: &dyn Environment, plies: i32) -> Vec<(usize, i32)> {
    let value = |action| {
        let (next, step) = after(game, action);
        match (plies, step.terminated) {
            (0, _) => 0,
            (_, true) => plies * step.reward.unwrap() as i32,
            (1, false) => 0,
            (_, false) => -minimax(&*next, plies - 1),
        }
    };
    legal(game).into_iter().map(|action| (action, value(action))).collect()
}

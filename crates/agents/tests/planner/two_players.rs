//! A planner learns a game of two players by playing against itself.

use zerolab_agents::{Mode, Observations, Worlds};

use crate::nim::{MOST, Nim};
use crate::play::{Play, context, settings};

/// Taken so many matches, from each number that can be won from.
fn taken(play: &mut Play) -> Vec<(usize, usize)> {
    let piles: Vec<usize> = (1..=MOST).filter(|matches| matches % 3 != 0).collect();
    let mut observations = vec![0.0; piles.len() * (MOST + 1)];
    for (row, matches) in piles.iter().enumerate() {
        observations[row * (MOST + 1) + matches] = 1.0;
    }
    let legal: Vec<bool> = piles.iter().flat_map(|&matches| [true, matches >= 2]).collect();
    let to_play = vec![0; piles.len()];
    let worlds = Worlds::default();
    let seen =
        Observations { observations: &observations, legal: &legal, to_play: &to_play, worlds };
    let actions = play.agent.act(&seen, Mode::Evaluate { seed: 1 }).unwrap();
    piles.into_iter().zip(actions.iter().map(|action| action + 1)).collect()
}

const LEARNING: &str = "
    discount = 1.0
    search.simulations = 8
    training = { batch_size = 32, td_steps = 2, update_ratio = 0.5, learning_starts = 100 }
    reanalyse.target_interval = 20
    optimizer.learning_rate = 5e-3
    network.vector = { channels = 32, head_channels = 16, head_hidden = 16 }
";

/// With a value prefix and returns, and with single rewards and the values of searches. In half as many steps some
/// seeds still lose one of the piles.
#[test]
fn it_learns_to_win() {
    let plain = "value_prefix.enabled = false\n reanalyse.values = 'search'";
    for changes in ["", plain] {
        let changes = format!("{LEARNING}{changes}");
        let mut play = Play::new(&changes, &Nim::new(), 1_200).until(1_200);
        for (matches, taken) in taken(&mut play) {
            assert_eq!(taken, matches % 3, "of {matches} matches");
        }
    }
}

#[test]
fn it_plays_games_of_one_or_two_players() {
    let mut context = context(&Nim::new(), 100, 1);
    context.description.num_players = 3;
    let (entry, table) = settings("");
    let error = (entry.make)(&table, &context).err().unwrap().to_string();
    assert!(
        error.contains("`nim` is a game of 3 players, and `planner` learns games of at most 2"),
        "{error}"
    );
}

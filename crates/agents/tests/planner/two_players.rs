//! A planner learns a game of two players by self-play.

use zerolab_agents::{EnvironmentBatch, Mode, Observations};

use crate::nim::{MOST, Nim};
use crate::training::{TestTraining, context, settings};

/// How many matches it takes, from each pile that can be won.
fn taken(training: &mut TestTraining) -> Vec<(usize, usize)> {
    let piles: Vec<usize> = (1..=MOST).filter(|matches| matches % 3 != 0).collect();
    let mut observations = vec![0.0; piles.len() * (MOST + 1)];
    for (row, matches) in piles.iter().enumerate() {
        observations[row * (MOST + 1) + matches] = 1.0;
    }
    let legal: Vec<bool> = piles.iter().flat_map(|&matches| [true, matches >= 2]).collect();
    let to_play = vec![0; piles.len()];
    let environments = EnvironmentBatch::default();
    let seen = Observations {
        observations: &observations,
        legal: &legal,
        to_play: &to_play,
        environments,
    };
    let actions = training.agent.act(&seen, Mode::Evaluate { seed: 1 }).unwrap();
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

/// With value prefixes and n-step returns, and with single rewards and values of searches. With half as many
/// steps some seeds still lose one of the piles.
#[test]
fn it_learns_to_win() {
    let plain = "value_prefix.enabled = false\n reanalyse.values = 'search'";
    for changes in ["", plain] {
        let changes = format!("{LEARNING}{changes}");
        let mut training = TestTraining::new(&changes, &Nim::new(), 1_200).until(1_200);
        for (matches, taken) in taken(&mut training) {
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
        error.contains("`nim` is a game of 3 players, but `planner` supports at most 2"),
        "{error}"
    );
}

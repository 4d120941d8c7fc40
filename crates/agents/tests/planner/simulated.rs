//! AlphaZero: it searches in copies of its environments, and learns a value and a policy.

use zerolab_agents::{Agent, EnvironmentBatch, Mode, Observations};
use zerolab_environments::Environment;
use zerolab_metrics::Phase;

use crate::coins::Coins;
use crate::lanes::{legal, observe};
use crate::nim::{MOST, Nim};
use crate::training::{LANES, TestTraining, context, environment, settings_of};

/// Its action in `environment` with a search of seed `seed`.
fn act(agent: &mut dyn Agent, environment: &dyn Environment, seed: u64) -> usize {
    let (observations, legal, environments) =
        (observe(environment), legal(environment), [environment]);
    let seen = Observations {
        observations: &observations,
        legal: &legal,
        to_play: &[environment.to_play()],
        environments: EnvironmentBatch::new(&environments),
    };
    agent.act(&seen, Mode::Evaluate { seed }).unwrap()[0]
}

const LEARNING: &str = "
    discount = 1.0
    search.simulations = 8
    optimizer.learning_rate = 5e-3
    network.vector = { channels = 32, head_channels = 16, head_hidden = 16 }
    training.batch_size = 32
    training.update_ratio = 0.5
    training.learning_starts = 100
    training.target_interval = 20
";

/// The piles that it wins with one simulation.
fn won(training: &TestTraining, changes: &str) -> Vec<usize> {
    let hasty = changes.replace("simulations = 8", "simulations = 1");
    let mut hasty = training.reloaded(&hasty, 600);
    let mut wins = |&matches: &usize| {
        let environment = Nim::of(matches);
        act(&mut *hasty.agent, &environment, 1) + 1 == matches % 3
    };
    (1..=MOST).filter(|matches| matches % 3 != 0).filter(|matches| wins(matches)).collect()
}

/// With returns of two steps, and with outcomes of games as in AlphaZero.
#[test]
fn it_learns_to_win() {
    for td_steps in [2, 1000] {
        let changes = format!("{LEARNING} training.td_steps = {td_steps}");
        let training = TestTraining::of("alphazero", &changes, &Nim::new(), 600);
        assert_ne!(won(&training, &changes), [1, 2, 4, 5], "before it learnt");
        assert_eq!(
            won(&training.until(600), &changes),
            [1, 2, 4, 5],
            "returns of {td_steps} steps"
        );
    }
}

/// A game of tic-tac-toe after `moves`.
fn tictactoe(moves: &[usize]) -> Box<dyn Environment> {
    let mut game = environment("board/tictactoe");
    game.reset(0);
    for &action in moves {
        game.step(action).unwrap();
    }
    game
}

/// Without learning it finds a win, and the only move that does not lose.
#[test]
fn it_foresees_wins_and_losses() {
    for selection in ["gumbel", "puct"] {
        let changes = format!("search = {{ selection = '{selection}', simulations = 400 }}");
        for (moves, best) in
            [(&[0, 3, 1, 4][..], 2), (&[8, 0, 3, 1], 2), (&[0, 8, 1], 2), (&[4, 0, 1], 7)]
        {
            let game = tictactoe(moves);
            let mut training = TestTraining::of("alphazero", &changes, &*game, 100);
            for seed in 0..4 {
                let chosen = act(&mut *training.agent, &*game, seed);
                assert_eq!(chosen, best, "{selection} after {moves:?}");
            }
        }
    }
}

/// If the copies had the environment's own random numbers, this search would always guess right.
#[test]
fn it_does_not_know_what_chance_will_bring() {
    let changes = "search.simulations = 8\n training.update_ratio = 0.0";
    let mut training = TestTraining::of("alphazero", changes, &Coins::new(), 1000);
    let mut right = 0.0;
    for seed in 0..200 {
        let mut environment = Coins::new();
        environment.reset(seed);
        // The first coin of a small seed is always the same.
        for _ in 0..10 {
            environment.step(0).unwrap();
        }
        let action = act(&mut *training.agent, &environment, seed);
        right += environment.step(action).unwrap().reward.unwrap();
    }
    // Five standard deviations of the number of heads in 200 tosses.
    assert!((right - 100.0f32).abs() < 36.0, "{right} of 200");
}

/// In an environment without ends. Nothing is stepped or evaluated after an end.
#[test]
fn its_searches_cost_what_was_forecast() {
    const BUDGET: u64 = 60;
    let environment = Coins::new();
    let mut training = TestTraining::of("alphazero", "", &environment, BUDGET).until(BUDGET);
    let (entry, table) = settings_of("alphazero", "");
    let forecast = (entry.describe)(&table, &context(&environment, BUDGET, 1)).unwrap().forecast;
    let mut acting = training.agent.account().phases()[&Phase::Acting];
    // The training loop counts these.
    (acting.wall_seconds, acting.real_steps) = (0.0, BUDGET);
    assert_eq!(acting, forecast[&Phase::Acting]);
    assert_eq!(acting.imagined_steps, 3 * BUDGET);
}

/// Episodes have 9 steps.
#[test]
fn nothing_is_spent_behind_an_end() {
    let environment = environment("catch");
    let mut training =
        TestTraining::of("alphazero", "training.update_ratio = 0.0", &*environment, 100);
    let (entry, table) = settings_of("alphazero", "");
    let inference =
        (entry.describe)(&table, &context(&*environment, 100, 1)).unwrap().flops["inference"];
    (0..8).for_each(|_| training.round());
    let before = training.agent.account().phases()[&Phase::Acting];
    training.round();
    let after = training.agent.account().phases()[&Phase::Acting];
    // In the last state of an episode every action ends it: only the roots are evaluated.
    let lanes = LANES as u64;
    assert_eq!(after.simulations - before.simulations, 3 * lanes);
    assert_eq!(after.imagined_steps - before.imagined_steps, 3 * lanes);
    assert_eq!(after.flops - before.flops, lanes * inference);
}

/// A search goes beyond the step limit, where there are values but no steps.
#[test]
fn it_plays_where_episodes_are_cut_off() {
    let entry = zerolab_environments::find("cartpole").unwrap();
    let environment = (entry.make)(&"max_steps = 5".parse().unwrap()).unwrap();
    let train =
        || TestTraining::of("alphazero", "search.simulations = 12", &*environment, 80).until(80);
    let mut training = train();
    assert!(training.losses.len() > 3);
    assert_eq!((&training.actions, &training.losses), (&train().actions, &train().losses));
    let acting = training.agent.account().phases()[&Phase::Acting];
    assert_eq!(acting.simulations, 12 * 80);
    assert!(acting.imagined_steps < acting.simulations);
}

#[test]
fn it_says_where_an_environment_cannot_be_copied() {
    let closed = Nim::closed();
    let mut training = TestTraining::of("alphazero", "", &closed, 100);
    let environments: [&dyn Environment; 1] = [&closed];
    let seen = Observations {
        observations: &observe(&closed),
        legal: &[true, true],
        to_play: &[0],
        environments: EnvironmentBatch::new(&environments),
    };
    let error = training.agent.act(&seen, Mode::Explore).unwrap_err().to_string();
    let expected = "`nim` cannot be copied, but `alphazero` searches in copies of its environment";
    assert!(error.starts_with(expected), "{error}");
    let blind = Observations { environments: EnvironmentBatch::default(), ..seen };
    let error = training.agent.act(&blind, Mode::Explore).unwrap_err().to_string();
    assert!(error.contains("got 0 for 1 rows"), "{error}");
}

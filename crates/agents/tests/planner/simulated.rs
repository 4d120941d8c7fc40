//! AlphaZero: it looks ahead in copies of its environments, and learns values and a policy.

use zerolab_agents::{Agent, Mode, Observations, Worlds};
use zerolab_environments::Environment;
use zerolab_metrics::Phase;

use crate::coins::Coins;
use crate::lanes::{legal, observe};
use crate::nim::{MOST, Nim};
use crate::play::{LANES, Play, context, environment, settings_of};

/// What it would do in `world` if it searched by seed `seed`.
fn act(agent: &mut dyn Agent, world: &dyn Environment, seed: u64) -> usize {
    let (observations, legal, worlds) = (observe(world), legal(world), [world]);
    let seen = Observations {
        observations: &observations,
        legal: &legal,
        to_play: &[world.to_play()],
        worlds: Worlds::new(&worlds),
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

/// The numbers of matches from which it wins where it can, looking one step ahead only.
fn won(play: &Play, changes: &str) -> Vec<usize> {
    let hasty = changes.replace("simulations = 8", "simulations = 1");
    let mut hasty = play.reloaded(&hasty, 600);
    let mut wins = |&matches: &usize| {
        let world = Nim::of(matches);
        act(&mut *hasty.agent, &world, 1) + 1 == matches % 3
    };
    (1..=MOST).filter(|matches| matches % 3 != 0).filter(|matches| wins(matches)).collect()
}

/// From returns of two steps and from outcomes, as AlphaZero.
#[test]
fn it_learns_to_win() {
    for td_steps in [2, 1000] {
        let changes = format!("{LEARNING} training.td_steps = {td_steps}");
        let play = Play::of("alphazero", &changes, &Nim::new(), 600);
        assert_ne!(won(&play, &changes), [1, 2, 4, 5], "before it learnt");
        assert_eq!(won(&play.until(600), &changes), [1, 2, 4, 5], "returns of {td_steps} steps");
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

/// Without having learnt anything: a win of its own, and the only move that does not lose.
#[test]
fn it_foresees_wins_and_losses() {
    for selection in ["gumbel", "puct"] {
        let changes = format!("search = {{ selection = '{selection}', simulations = 400 }}");
        for (moves, best) in
            [(&[0, 3, 1, 4][..], 2), (&[8, 0, 3, 1], 2), (&[0, 8, 1], 2), (&[4, 0, 1], 7)]
        {
            let game = tictactoe(moves);
            let mut play = Play::of("alphazero", &changes, &*game, 100);
            for seed in 0..4 {
                let chosen = act(&mut *play.agent, &*game, seed);
                assert_eq!(chosen, best, "{selection} after {moves:?}");
            }
        }
    }
}

/// With a search that looks at every possibility, an agent that knew the coins would always be right.
#[test]
fn it_does_not_know_what_chance_will_bring() {
    let changes = "search.simulations = 8\n training.update_ratio = 0.0";
    let mut play = Play::of("alphazero", changes, &Coins::new(), 1000);
    let mut right = 0.0;
    for seed in 0..200 {
        let mut world = Coins::new();
        world.reset(seed);
        // The first coin of a seed as small as these is always the same.
        for _ in 0..10 {
            world.step(0).unwrap();
        }
        let action = act(&mut *play.agent, &world, seed);
        right += world.step(action).unwrap().reward;
    }
    // Five deviations of the number of heads in 200 tosses.
    assert!((right - 100.0f32).abs() < 36.0, "{right} of 200");
}

/// Where no episode ends; elsewhere what comes after an end is neither stepped nor judged.
#[test]
fn its_searches_cost_what_was_foreseen() {
    const BUDGET: u64 = 60;
    let world = Coins::new();
    let mut play = Play::of("alphazero", "", &world, BUDGET).until(BUDGET);
    let (entry, table) = settings_of("alphazero", "");
    let forecast = (entry.describe)(&table, &context(&world, BUDGET, 1)).unwrap().forecast;
    let mut acting = play.agent.account().phases()[&Phase::Acting];
    // Those are the loop's to count.
    (acting.wall_seconds, acting.real_steps) = (0.0, BUDGET);
    assert_eq!(acting, forecast[&Phase::Acting]);
    assert_eq!(acting.imagined_steps, 3 * BUDGET);
}

/// Episodes of 9 steps, 3 of which are imagined at a time: from the last three states an end is met.
#[test]
fn nothing_is_spent_behind_an_end() {
    let world = environment("catch");
    let mut play = Play::of("alphazero", "training.update_ratio = 0.0", &*world, 100);
    let (entry, table) = settings_of("alphazero", "");
    let inference = (entry.describe)(&table, &context(&*world, 100, 1)).unwrap().flops["inference"];
    (0..8).for_each(|_| play.round());
    let before = play.agent.account().phases()[&Phase::Acting];
    play.round();
    let after = play.agent.account().phases()[&Phase::Acting];
    // In the last state of an episode every action ends it: only the roots are judged.
    let lanes = LANES as u64;
    assert_eq!(after.simulations - before.simulations, 3 * lanes);
    assert_eq!(after.imagined_steps - before.imagined_steps, 3 * lanes);
    assert_eq!(after.flops - before.flops, lanes * inference);
}

/// A search goes beyond the limit of time, where there are values but no steps.
#[test]
fn it_plays_where_episodes_are_cut_off() {
    let entry = zerolab_environments::find("cartpole").unwrap();
    let world = (entry.make)(&"max_steps = 5".parse().unwrap()).unwrap();
    let train = || Play::of("alphazero", "search.simulations = 12", &*world, 80).until(80);
    let mut play = train();
    assert!(play.losses.len() > 3);
    assert_eq!((&play.actions, &play.losses), (&train().actions, &train().losses));
    let acting = play.agent.account().phases()[&Phase::Acting];
    assert_eq!(acting.simulations, 12 * 80);
    assert!(acting.imagined_steps < acting.simulations);
}

#[test]
fn it_says_where_an_environment_cannot_be_copied() {
    let closed = Nim::closed();
    let mut play = Play::of("alphazero", "", &closed, 100);
    let worlds: [&dyn Environment; 1] = [&closed];
    let seen = Observations {
        observations: &observe(&closed),
        legal: &[true, true],
        to_play: &[0],
        worlds: Worlds::new(&worlds),
    };
    let error = play.agent.act(&seen, Mode::Explore).unwrap_err().to_string();
    let expected =
        "`nim` cannot be copied, and `alphazero` looks ahead in copies of its environment";
    assert!(error.starts_with(expected), "{error}");
    let blind = Observations { worlds: Worlds::default(), ..seen };
    let error = play.agent.act(&blind, Mode::Explore).unwrap_err().to_string();
    assert!(error.contains("was shown 0 for 1 rows"), "{error}");
}

//! Settings: errors name the key, and switches can be combined.

use zerolab_agents::{EnvironmentBatch, Mode, Observations};

use crate::lanes::{Lanes, observe};
use crate::small::settings;
use crate::test_run::{LANES, TestRun, context, environment, environment_with};

#[test]
fn games_of_two_players_need_an_agent_for_two_players() {
    let game = environment("board/tictactoe");
    for (preset, supported) in [
        ("efficientzero", true),
        ("alphazero", true),
        ("dqn", true),
        ("ppo", false),
        ("cem", false),
    ] {
        let (entry, table) = settings(preset);
        let context = context(&*game, 1);
        let (made, described) =
            ((entry.make)(&table, &context), (entry.describe)(&table, &context));
        assert_eq!((made.is_ok(), described.is_ok()), (supported, supported), "{preset}");
        for error in made.err().into_iter().chain(described.err()) {
            assert!(error.to_string().contains("a game of 2 players"), "{error}");
        }
    }
}

#[test]
fn an_agent_that_needs_all_rewards_refuses_to_have_some_hidden() {
    let race = environment_with("gridworlds/boat_race", "hidden_in = ['hack']");
    assert!(race.description().hides_rewards);
    for (preset, supported) in [
        ("efficientzero", true),
        ("dqn", true),
        ("alphazero", false),
        ("ppo", false),
        ("cem", false),
    ] {
        let (entry, table) = settings(preset);
        let context = context(&*race, 1);
        let (made, described) =
            ((entry.make)(&table, &context), (entry.describe)(&table, &context));
        assert_eq!((made.is_ok(), described.is_ok()), (supported, supported), "{preset}");
        for error in made.err().into_iter().chain(described.err()) {
            assert!(error.to_string().contains("hides some rewards"), "{error}");
        }
    }
}

#[test]
fn the_exact_solution_needs_an_environment_that_has_one() {
    let (entry, table) = settings("optimal");
    let context = context(&*environment("catch"), 1);
    let (made, described) = ((entry.make)(&table, &context), (entry.describe)(&table, &context));
    for error in [made.err().unwrap(), described.err().unwrap()] {
        assert!(error.to_string().starts_with("`catch` has no exact solution"), "{error}");
    }
}

#[test]
fn settings_out_of_range_name_their_key() {
    for (preset, wrong, path) in [
        ("efficientzero", "training = { batch_size = 0 }", "training.batch_size"),
        ("efficientzero", "search = { simulation = 5 }", "search.simulation"),
        ("efficientzero", "discount = 1.5", "discount"),
        ("efficientzero", "optimizer = { learning_rate = -1.0 }", "optimizer.learning_rate"),
        ("efficientzero", "network = { image = { channels = 0 } }", "network.image.channels"),
        (
            "efficientzero",
            "network.image.normalization_momentum = 0.0",
            "network.image.normalization_momentum",
        ),
        (
            "efficientzero",
            "network.vector.normalization_momentum = 1.5",
            "network.vector.normalization_momentum",
        ),
        (
            "efficientzero",
            "network = { vector = { downsampling = \"sixteenth\" } }",
            "network.vector.downsampling",
        ),
        ("alphazero", "training.td_steps = 0", "training.td_steps"),
        ("alphazero", "training.target_interval = 0", "training.target_interval"),
        ("alphazero", "training.reward_clipping.limit = -1.0", "training.reward_clipping.limit"),
        ("alphazero", "exploration.temperatures = []", "exploration.temperatures"),
        ("alphazero", "training.unroll_steps = 5", "training.unroll_steps"),
        ("alphazero", "reanalyse.ratio = 0.5", "reanalyse"),
        ("optimal", "discount = 1.5", "discount"),
        ("dqn", "final_epsilon = 2.0", "final_epsilon"),
        ("dqn", "reward_clipping = { limit = -1.0 }", "reward_clipping.limit"),
        ("rainbow", "distributional = { atoms = 1 }", "distributional.atoms"),
        ("rainbow", "distributional = { maximum = -10.0 }", "distributional.maximum"),
        ("der", "distributional = { minimum = inf }", "distributional.minimum"),
        ("der", "noisy = 1", "noisy"),
        ("ppo", "gae_lambda = 1.5", "gae_lambda"),
        ("ppo", "rollout_steps = 0", "rollout_steps"),
        ("ppo", "minibatches = 0", "minibatches"),
        ("ppo", "clip = 0.0", "clip"),
        ("ppo", "entropy_weight = -0.1", "entropy_weight"),
        ("ppo", "optimizer = { schedule = \"steps\" }", "optimizer.schedule"),
        ("cem", "population = 0", "population"),
        ("cem", "episodes = 0", "episodes"),
        ("cem", "elite = 0.0", "elite"),
        ("cem", "elite = 1.1", "elite"),
        ("cem", "initial_deviation = 0.0", "initial_deviation"),
        ("cem", "noise = -0.1", "noise"),
        ("cem", "hidden = 100_000", "hidden"),
        ("scripted", "loss_decay = 0", "loss_decay"),
    ] {
        let entry = settings(preset).0;
        let error = (entry.resolve)(&toml::from_str(wrong).unwrap()).unwrap_err();
        assert_eq!(error.path, path, "{error}");
    }
}

/// Rainbow is DQN with all switches on. Each switch also works alone.
#[test]
fn every_switch_of_the_value_based_agents_works_alone() {
    let entry = settings("dqn").0;
    let environment = environment("catch");
    for switch in
        ["double = false", "dueling = true", "noisy = true", "distributional.enabled = true"]
    {
        let table = (entry.resolve)(&toml::from_str(switch).unwrap()).unwrap();
        let mut agent = (entry.make)(&table, &context(&*environment, 1)).unwrap();
        let seen = Observations {
            observations: &observe(&*environment),
            legal: &[true; 3],
            to_play: &[0],
            environments: EnvironmentBatch::default(),
        };
        assert!(agent.act(&seen, Mode::Evaluate { seed: 1 }).unwrap()[0] < 3, "{switch}");
    }
}

/// The rewards of Catch are -1 and 1, and each of its episodes ends with one.
#[test]
fn the_share_of_cut_targets_is_a_loss_of_distributions_only() {
    let cut = |changes: &str| {
        let (entry, mut table) = settings("dqn");
        table.extend(toml::from_str::<toml::Table>(changes).unwrap());
        let table = (entry.resolve)(&table).unwrap();
        let environment = environment("catch");
        let agent = (entry.make)(&table, &context(&*environment, 1)).unwrap();
        let lanes = Lanes::new(&*environment, LANES, 1);
        let mut run = TestRun { agent, lanes, real_steps: 0, actions: Vec::new() }.finish();
        run.agent.drain_losses().get("value_targets_cut").copied()
    };
    assert_eq!(cut("discount = 1.0"), None);
    let distribution = |minimum: f64, maximum: f64| {
        cut(&format!(
            "td_steps = 20\ndistributional = {{ enabled = true, minimum = {minimum:?}, maximum = {maximum:?} }}"
        ))
        .unwrap()
    };
    // The return of a finished episode is -1 or 1, because the episode is shorter than 20 steps. That of an
    // open one is completed by a value within the support.
    assert_eq!(distribution(-1.0, 1.0), 0.0);
    let finished = distribution(2.0, 3.0);
    assert!((0.5..1.0).contains(&finished), "{finished}");
    let (losses, wins) = (distribution(0.0, 1.0), distribution(-1.0, 0.0));
    assert!([losses, wins].into_iter().all(|share| 0.0 < share && share < 1.0), "{losses} {wins}");
}

//! Worlds with a predictor: what policies earn in them, and what learners come to that value actions by what followed on
//! them, against closed forms.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::{Environment, Step, find};

/// Events of `decision/predictor`.
const PREDICTED_FIRST: usize = 1;

/// Events of `decision/two_state`.
const ASKED: usize = 0;
const PAID: usize = 1;

/// The world with these settings, in TOML, before its first episode.
fn make(name: &str, settings: &str) -> Box<dyn Environment> {
    let entry = find(name).expect("the world is registered");
    (entry.make)(&settings.parse().expect("the settings are TOML")).expect("they are possible")
}

fn predictor(settings: &str) -> Box<dyn Environment> {
    make("decision/predictor", &format!("prize = 10\nside_prize = 5\n{settings}"))
}

/// Plays an episode of a policy that takes action 0 with probability `p` in every state. Returns its actions and steps.
fn play(world: &mut dyn Environment, p: f64, chance: &mut ChaCha8Rng) -> Vec<(usize, Step)> {
    world.reset(chance.random());
    let mut steps = Vec::new();
    loop {
        let draw = |chance: &mut ChaCha8Rng| usize::from(chance.random::<f64>() >= p);
        if world.question().is_some() {
            world.foretell(draw(chance));
            assert!(world.question().is_none(), "it asks once");
        }
        let action = draw(chance);
        let step = world.step(action).expect("the episode goes on");
        steps.push((action, step));
        if step.ends() {
            return steps;
        }
    }
}

/// The mean return of so many episodes.
fn mean_return(world: &mut dyn Environment, p: f64, episodes: u32) -> f64 {
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let of_episode = |_| -> f64 {
        let steps = play(world, p, &mut chance);
        steps.iter().map(|(_, step)| f64::from(step.performance)).sum()
    };
    (0..episodes).map(of_episode).sum::<f64>() / f64::from(episodes)
}

/// The games with their payoffs: rows are actions, columns what was foretold.
const GAMES: [(&str, [[f64; 2]; 2]); 3] = [
    ("newcomb", [[10.0, 0.0], [15.0, 5.0]]),
    ("damascus", [[0.0, 10.0], [10.0, 0.0]]),
    ("asymmetric_damascus", [[5.0, 10.0], [10.0, 0.0]]),
];

#[test]
fn a_policy_earns_the_mean_of_the_table_over_independent_actions_and_predictions() {
    for (game, payoffs) in GAMES {
        for (p, accuracy) in [(0.0, 1.0), (0.3, 1.0), (2.0 / 3.0, 0.9), (1.0, 0.6), (0.5, 0.0)] {
            let mut world = predictor(&format!("game = \"{game}\"\naccuracy = {accuracy:?}"));
            let mean = mean_return(world.as_mut(), p, 20_000);
            let foretold = accuracy * p + (1.0 - accuracy) * (1.0 - p);
            let row = |[first, second]: [f64; 2]| foretold * first + (1.0 - foretold) * second;
            let expected = p * row(payoffs[0]) + (1.0 - p) * row(payoffs[1]);
            // Five standard errors of payoffs that differ by at most 15.
            assert!((mean - expected).abs() < 5.0 * 7.5 / 20_000_f64.sqrt(), "{game} {p} {mean}");
        }
    }
}

#[test]
fn the_channel_of_actions_pays_the_diagonal_of_the_table_and_swapped_actions_change_places() {
    for (game, payoffs) in GAMES {
        for (action, row) in payoffs.iter().enumerate() {
            for swapped in [false, true] {
                let settings = format!("game = '{game}'\nchannel = 'action'\nswapped = {swapped}");
                let mut world = predictor(&settings);
                world.reset(3);
                assert!(world.question().is_none());
                let step = world.step(if swapped { 1 - action } else { action }).unwrap();
                assert_eq!((f64::from(step.performance), step.terminated), (row[action], true));
            }
        }
    }
}

#[test]
fn a_lagged_predictor_shows_its_estimate_and_pays_by_it() {
    let settings = "channel = 'lagged'\ndecisions = 50\nwindow = 4\ncorridor = 2";
    let mut world = predictor(settings);
    world.reset(5);
    let mut observation = [0.0; 4];
    let mut returned = 0.0;
    for step in 0..52 {
        world.observe(&mut observation);
        // Two boxes at first, then one box.
        let choice = step - 2;
        let past = match choice {
            ..=0 => 0.5,
            1..=10 => 0.0,
            11..=13 => (choice - 10) as f32 / 4.0,
            _ => 1.0,
        };
        assert_eq!(observation[2], past, "step {step}");
        assert_eq!(observation[0], (step.min(2)) as f32 / 2.0);
        let taken = world.step(usize::from(choice < 10)).unwrap();
        assert_eq!(taken.terminated, step == 51);
        if choice > 13 {
            returned += taken.performance;
        }
        if (1..=10).contains(&choice) {
            assert!(!taken.events.contains(PREDICTED_FIRST));
        }
    }
    assert_eq!(returned, 36.0 * 10.0);
}

/// A learner that takes the action whose past payoffs have the higher mean, and with probability `epsilon` the other one.
/// It remembers everything, as a large replay buffer does.
struct EpsilonGreedy {
    epsilon: f64,
    sums: [f64; 2],
    counts: [f64; 2],
}

impl EpsilonGreedy {
    /// After `episodes` episodes of a policy that takes the first action with probability `p`.
    fn after(world: &mut dyn Environment, (p, episodes): (f64, u32), epsilon: f64) -> Self {
        let mut learner = Self { epsilon, sums: [0.0; 2], counts: [0.0; 2] };
        let mut chance = ChaCha8Rng::seed_from_u64(11);
        (0..episodes).for_each(|_| learner.learn(play(world, p, &mut chance)[0]));
        learner
    }

    fn learn(&mut self, (action, step): (usize, Step)) {
        self.sums[action] += f64::from(step.performance);
        self.counts[action] += 1.0;
    }

    /// The mean payoff of each action.
    fn means(&self) -> [f64; 2] {
        [0, 1].map(|action| self.sums[action] / self.counts[action])
    }

    /// The probability of the first action.
    fn p(&self) -> f64 {
        let [first, second] = self.means();
        if first > second { 1.0 - self.epsilon } else { self.epsilon }
    }

    /// Learns from so many episodes. Returns their mean payoff.
    fn train(&mut self, world: &mut dyn Environment, episodes: u32) -> f64 {
        let mut chance = ChaCha8Rng::seed_from_u64(12);
        let mut sum = 0.0;
        for _ in 0..episodes {
            let step = play(world, self.p(), &mut chance)[0];
            sum += f64::from(step.1.performance);
            self.learn(step);
        }
        sum / f64::from(episodes)
    }

    /// The share of the first action in all that it remembers.
    fn share(&self) -> f64 {
        self.counts[0] / (self.counts[0] + self.counts[1])
    }
}

/// In Newcomb's problem with B = 10, A = 5, what follows on one box is better by 10 φ − 5, and φ is the share of the variance
/// of actions that the drift of the policy explains. With policies ε and 1 − ε this vanishes at a mean of
/// (1 + √(1 − 8 ε (1 − ε))) / 2, which exists for ε < (1 − √½) / 2 = 0.1464.
#[test]
fn a_learner_that_has_taken_one_box_goes_on_if_it_explores_little() {
    let upper = |epsilon: f64| f64::midpoint(1.0, (1.0 - 8.0 * epsilon * (1.0 - epsilon)).sqrt());
    for (epsilon, published) in [(0.02, 0.959), (0.05, 0.894), (0.10, 0.765), (0.14, 0.596)] {
        assert!((upper(epsilon) - published).abs() < 0.001);
        let mut world = predictor("");
        let mut learner = EpsilonGreedy::after(world.as_mut(), (0.95, 2_000), epsilon);
        // Near the edge the way to the fixed point is slow.
        learner.train(world.as_mut(), 1_000_000);
        assert!((learner.share() - published).abs() < 0.01, "{epsilon}: {}", learner.share());
    }
    for (start, epsilon) in [(0.95, 0.16), (0.5, 0.05), (0.5, 0.10)] {
        let mut world = predictor("");
        let mut learner = EpsilonGreedy::after(world.as_mut(), (start, 2_000), epsilon);
        learner.train(world.as_mut(), 1_000_000);
        assert_eq!(learner.p(), epsilon, "it takes two boxes");
        assert!((learner.share() - epsilon).abs() < 0.02, "{epsilon}: {}", learner.share());
    }
}

/// Who is foretold earns what its exploration earns, 20 ε (1 − ε), where half of the time in each city would earn 5.
#[test]
fn in_damascus_a_learner_flees_for_ever() {
    for epsilon in [0.05_f64, 0.2] {
        let mut world = predictor("game = 'damascus'");
        let mut learner = EpsilonGreedy::after(world.as_mut(), (0.5, 100), epsilon);
        let mean = learner.train(world.as_mut(), 100_000);
        let expected = 20.0 * epsilon * (1.0 - epsilon);
        assert!((mean - expected).abs() < 0.1, "{mean} {expected}");
        assert!((learner.share() - 0.5).abs() < 0.02, "{}", learner.share());
    }
}

/// Bell et al. (2021): where an agent draws actions by their values, it comes to the only ratifiable policy, which goes to
/// Aleppo with a probability of 2/3.
#[test]
fn in_the_asymmetric_form_a_softmax_learner_comes_to_two_thirds() {
    let mut world = predictor("game = 'asymmetric_damascus'");
    let mut learner = EpsilonGreedy::after(world.as_mut(), (0.5, 100), 0.0);
    let mut chance = ChaCha8Rng::seed_from_u64(4);
    let (temperature, episodes) = (0.2, 200_000);
    let (mut p, mut sum) = (0.5, 0.0);
    for _ in 0..episodes {
        let [first, second] = learner.means();
        p = 1.0 / (1.0 + ((second - first) / temperature).exp());
        let step = play(world.as_mut(), p, &mut chance)[0];
        sum += f64::from(step.1.performance);
        learner.learn(step);
    }
    let mean = sum / f64::from(episodes);
    assert!((p - 2.0 / 3.0).abs() < 0.02, "{p}");
    assert!((mean - 20.0 / 3.0).abs() < 0.1, "{mean}");
}

/// The games of two states: what who always pays and who never pays earns, with a payment of 1 and a stake of 10.
const STORIES: [(&str, f64, f64); 3] =
    [("blackmail", -2.8, -2.0), ("mugging", 4.5, 0.0), ("hitchhiker", -1.0, -10.0)];

fn two_state(settings: &str) -> Box<dyn Environment> {
    make("decision/two_state", &format!("payment = 1\nstake = 10\n{settings}"))
}

#[test]
fn who_pays_and_who_does_not_earn_what_the_stories_say() {
    for (game, always, never) in STORIES {
        let channels: &[&str] = if game == "blackmail" {
            &["policy", "promise", "action"]
        } else {
            &["policy", "promise"]
        };
        for channel in channels {
            let mut world = two_state(&format!("game = '{game}'\nchannel = '{channel}'"));
            let [pays, refuses] = [1.0, 0.0].map(|p| mean_return(world.as_mut(), p, 20_000));
            assert!((pays - always).abs() < 0.2, "{game} {channel} {pays}");
            assert!((refuses - never).abs() < 0.2, "{game} {channel} {refuses}");
        }
    }
}

#[test]
fn after_a_letter_only_the_channel_of_actions_makes_the_disaster_follow_from_a_refusal() {
    let mut chance = ChaCha8Rng::seed_from_u64(2);
    for channel in ["action", "policy"] {
        let mut world = two_state(&format!("channel = '{channel}'"));
        let mut sums = [[0.0; 2]; 2];
        for _ in 0..20_000 {
            let steps = play(world.as_mut(), 0.5, &mut chance);
            let Some((_, step)) = steps.get(1) else { continue };
            assert!(step.events.contains(ASKED));
            let [sum, count] = &mut sums[usize::from(step.events.contains(PAID))];
            *sum += f64::from(step.performance);
            *count += 1.0;
        }
        let [refused, paid] = sums.map(|[sum, count]| sum / count);
        // A letter is sent with and without a disaster to as many, of whom four fifths have none: by chance alone, the
        // policy of half and half gets it in half of the cases of each kind.
        let expected = if channel == "action" { [-10.0, -1.0] } else { [-2.0, -3.0] };
        assert!((refused - expected[0]).abs() < 0.25, "{channel} {refused}");
        assert!((paid - expected[1]).abs() < 0.25, "{channel} {paid}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |name: &str, settings: &str| {
        let entry = find(name).unwrap();
        (entry.make)(&settings.parse().unwrap()).err().map(|error| error.to_string()).unwrap()
    };
    let error = refused("decision/two_state", "game = 'mugging'\nchannel = 'action'");
    assert!(error.contains("only `game = \"blackmail\"`"), "{error}");
    for settings in ["accuracy = 1.5", "decisions = 0", "window = 65", "prize = 1e9"] {
        let error = refused("decision/predictor", settings);
        assert!(error.contains("must be"), "{error}");
    }
}

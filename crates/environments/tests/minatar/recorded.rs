//! Recorded episodes of the package, step by step, with the same random outcomes.

use std::convert::Infallible;

use rand::{SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::minatar::asterix::{self, Asterix};
use zerolab_environments::minatar::breakout::{self, Breakout};
use zerolab_environments::minatar::freeway::{self, Freeway};
use zerolab_environments::minatar::seaquest::{self, Seaquest};
use zerolab_environments::minatar::space_invaders::{self, SpaceInvaders};
use zerolab_environments::minatar::{Action, GameStep, MinAtarGame, PLANE, Plane};

/// The recorded outcomes, three digits d each, as a random stream. Each word is the middle of the range that
/// an unbiased choice among n maps to number floor(n d / 840).
struct Chance<'a>(&'a str);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let (outcome, rest) = self.0.split_at_checked(3).expect("the package drew no more");
        self.0 = rest;
        let outcome: u64 = outcome.parse().expect("three digits");
        Ok((((2 * outcome + 1) << 32) / 1680) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("a decision takes a word of 32 bits")
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        unreachable!("a decision takes a word of 32 bits")
    }
}

/// A recorded episode before its first step.
struct Episode<'a, G: MinAtarGame> {
    game: G,
    settings: G::Settings,
    chance: Chance<'a>,
    /// Whether the last recorded action ends it.
    ended: bool,
}

/// An episode of `minatar_games.py`. A row has whether there is a ramp, the outcomes, and whether it ended.
fn begin<'a, G: MinAtarGame>(
    row: &[&'a str],
    settings: impl Fn(bool) -> G::Settings,
) -> Episode<'a, G> {
    let [ramping, outcomes, ended] = *row else { panic!("{row:?}") };
    let (settings, mut chance) = (settings(ramping == "1"), Chance(outcomes));
    let game = G::start(&settings, &mut chance);
    Episode { game, settings, chance, ended: ended == "1" }
}

/// An episode of `breakout.py`. A row has the side on which the ball starts. All of the episodes ended.
fn begin_breakout<'a>(row: &[&'a str]) -> Episode<'a, Breakout> {
    let ball = [("left", 0), ("right", 9)].into_iter().find(|(side, _)| row == [*side]);
    let (_, column) = ball.expect("one of two sides");
    let settings = breakout::Settings::default();
    let start = |seed| Breakout::start(&settings, &mut ChaCha8Rng::seed_from_u64(seed));
    let starts = (0..64).map(start);
    let game = starts.into_iter().find(|game| planes(game)[1][30 + column] == 1.0);
    let game = game.expect("not all of 64 episodes start on the other side");
    Episode { game, settings, chance: Chance(""), ended: true }
}

fn planes<G: MinAtarGame>(game: &G) -> Vec<Plane> {
    let mut planes = vec![[0.0; PLANE]; G::CHANNELS];
    game.observe(&mut planes);
    planes
}

/// The digest of the golden files: FNV-1a of the observation's bytes, folded.
fn digest<G: MinAtarGame>(game: &G) -> String {
    let byte = |value: u32, number: &f32| (value ^ *number as u32).wrapping_mul(0x0100_0193);
    let value = planes(game).as_flattened().iter().fold(0x811c_9dc5, byte);
    format!("{:04x}", value >> 16 ^ value & 0xffff)
}

/// Plays every episode of a golden file. Returns the number of steps, the total reward, and the number of
/// episodes that ended.
fn replay<'a, G: MinAtarGame>(
    golden: &'a str,
    begin: impl Fn(&[&'a str]) -> Episode<'a, G>,
) -> (usize, u32, usize) {
    let (mut steps, mut total, mut ends) = (0, 0, 0);
    for (number, line) in golden.lines().skip(1).enumerate() {
        let columns: Vec<&str> = line.split(',').collect();
        let [row @ .., actions, rewards, digests] = &columns[..] else { panic!("{line}") };
        let Episode { mut game, settings, mut chance, ended } = begin(row);
        assert_eq!(digest(&game), digests[..4], "episode {number}");
        for (index, (action, reward)) in actions.chars().zip(rewards.chars()).enumerate() {
            let place = format!("episode {number}, step {index}");
            let action = Action::ALL[action.to_digit(10).unwrap() as usize];
            let outcome = game.act(action, &settings, &mut chance);
            let terminated = ended && index + 1 == actions.len();
            let expected = GameStep { reward: reward.to_digit(36).unwrap(), terminated };
            assert_eq!(outcome, expected, "{place}");
            assert_eq!(digest(&game), digests[4 * index + 4..4 * index + 8], "{place}");
            assert_eq!(game.fault(terminated), None, "{place}");
            steps += 1;
            total += outcome.reward;
            ends += usize::from(terminated);
        }
        assert_eq!(chance.0, "", "episode {number}: the package drew more");
    }
    (steps, total, ends)
}

#[test]
fn every_step_of_asterix_is_the_packages() {
    let settings =
        |difficulty_ramping| asterix::Settings { difficulty_ramping, ..Default::default() };
    let golden = include_str!("../golden/asterix.csv");
    assert_eq!(replay::<Asterix>(golden, |row| begin(row, settings)), (6_880, 299, 8));
}

#[test]
fn every_step_of_breakout_is_the_packages() {
    let golden = include_str!("../golden/breakout.csv");
    assert_eq!(replay::<Breakout>(golden, begin_breakout), (12_046, 968, 30));
}

#[test]
fn every_step_of_freeway_is_the_packages() {
    let golden = include_str!("../golden/freeway.csv");
    let settings = |_| freeway::Settings::default();
    assert_eq!(replay::<Freeway>(golden, |row| begin(row, settings)), (8_501, 33, 1));
}

#[test]
fn every_step_of_seaquest_is_the_packages() {
    let settings =
        |difficulty_ramping| seaquest::Settings { difficulty_ramping, ..Default::default() };
    let golden = include_str!("../golden/seaquest.csv");
    assert_eq!(replay::<Seaquest>(golden, |row| begin(row, settings)), (7_319, 134, 13));
}

#[test]
fn every_step_of_space_invaders_is_the_packages() {
    let settings =
        |difficulty_ramping| space_invaders::Settings { difficulty_ramping, ..Default::default() };
    let golden = include_str!("../golden/space_invaders.csv");
    assert_eq!(replay::<SpaceInvaders>(golden, |row| begin(row, settings)), (4_729, 554, 16));
}

//! The room with a coin: where the coin and the pillars are, and which event an episode has.

use proptest::prelude::*;
use zerolab_environments::{Environment, find};

use crate::scripted::make;

const ROWS: usize = 7;
const COLUMNS: usize = 12;
const PLANE: usize = ROWS * COLUMNS;

/// The middle of the last column.
pub const END: (usize, usize) = (3, 10);

/// The up, down, left and right neighbours of a cell that is not at the border.
fn neighbours((row, column): (usize, usize)) -> [(usize, usize); 4] {
    [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
}

/// What the planes of an observation show.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub blocked: Vec<(usize, usize)>,
    pub agent: (usize, usize),
    pub coin: (usize, usize),
    end_zone: Vec<(usize, usize)>,
    pub time: f32,
}

pub fn see(world: &dyn Environment) -> Seen {
    let mut observation = vec![f32::NAN; 5 * PLANE];
    world.observe(&mut observation);
    let marked = |plane: usize| -> Vec<(usize, usize)> {
        let places = (0..PLANE).filter(|place| observation[plane * PLANE + place] == 1.0);
        places.map(|place| (place / COLUMNS, place % COLUMNS)).collect()
    };
    let one = |plane: usize| match marked(plane)[..] {
        [cell] => cell,
        ref cells => panic!("plane {plane} has {cells:?}"),
    };
    assert!(observation[4 * PLANE..].iter().all(|number| *number == observation[4 * PLANE]));
    let (blocked, end_zone) = (marked(0), marked(3));
    Seen { blocked, agent: one(1), coin: one(2), end_zone, time: observation[4 * PLANE] }
}

impl Seen {
    fn is_free(&self, cell: (usize, usize)) -> bool {
        !self.blocked.contains(&cell)
    }

    /// The number of steps from every cell to `goal`, found by waves from it; `None` if there is no way.
    pub fn distances(&self, goal: (usize, usize)) -> [[Option<usize>; COLUMNS]; ROWS] {
        let mut distances = [[None; COLUMNS]; ROWS];
        distances[goal.0][goal.1] = Some(0);
        let mut wave = vec![goal];
        for distance in 1.. {
            let reached = wave.iter().flat_map(|cell| neighbours(*cell));
            let mut next: Vec<_> = reached.filter(|cell| self.is_free(*cell)).collect();
            next.retain(|cell| distances[cell.0][cell.1].is_none());
            if next.is_empty() {
                break;
            }
            next.iter().for_each(|cell| distances[cell.0][cell.1] = Some(distance));
            wave = next;
        }
        distances
    }

    /// The first action of a shortest way to `goal`.
    fn toward(&self, goal: (usize, usize)) -> usize {
        let distances = self.distances(goal);
        let distance = |cell: (usize, usize)| distances[cell.0][cell.1];
        let ways = neighbours(self.agent).map(|cell| distance(cell).unwrap_or(usize::MAX));
        (0..4).min_by_key(|action| ways[*action]).expect("there are four actions")
    }
}

/// The return of an episode, the steps with `coin_first` and with `end_first`, and the number of steps.
#[derive(Clone, Debug, Default, PartialEq)]
struct Played {
    r#return: f32,
    coin_first: u32,
    end_first: u32,
    steps: u32,
}

fn play(world: &mut dyn Environment, seed: u64, policy: impl Fn(&Seen) -> usize) -> Played {
    world.reset(seed);
    let mut played = Played::default();
    loop {
        let seen = see(world);
        assert_eq!(seen.time, played.steps as f32 / 50.0);
        let step = world.step(policy(&seen)).expect("the episode goes on");
        assert_eq!((step.reward, step.truncated), (Some(step.performance), false));
        played.r#return += step.performance;
        played.coin_first += u32::from(step.events.contains(0));
        played.end_first += u32::from(step.events.contains(1));
        played.steps += 1;
        if step.terminated {
            return played;
        }
    }
}

pub fn settings() -> impl Strategy<Value = String> {
    let elsewhere = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0];
    let confound = prop_oneof![Just("full"), Just("partial")];
    (elsewhere, confound).prop_map(|(elsewhere, confound)| {
        format!("coin_elsewhere = {elsewhere:?}\nconfound = '{confound}'")
    })
}

proptest! {
    #[test]
    fn every_free_cell_can_be_reached(settings in settings(), seed: u64) {
        let mut world = make("gridworlds/proxy_coin", &settings);
        world.reset(seed);
        let seen = see(world.as_ref());
        let distances = seen.distances(seen.agent);
        for (row, distances) in distances.iter().enumerate() {
            for (column, distance) in distances.iter().enumerate() {
                let is_free = seen.is_free((row, column));
                prop_assert_eq!(distance.is_some(), is_free, "{} {}", row, column);
            }
        }
        let border = |&&(row, column): &&(usize, usize)| {
            row == 0 || row == ROWS - 1 || column == 0 || column >= 10
        };
        let in_room = seen.blocked.iter().filter(|cell| !border(cell));
        prop_assert!(in_room.clone().all(|(_, column)| (3..=8).contains(column)));
        prop_assert_eq!(seen.agent.1, 1);
    }

    #[test]
    fn the_coin_is_where_the_setting_says(seed: u64, is_full: bool) {
        let confound = if is_full { "full" } else { "partial" };
        for elsewhere in [0.0, 1.0] {
            let settings = format!("coin_elsewhere = {elsewhere:?}\nconfound = '{confound}'");
            let mut world = make("gridworlds/proxy_coin", &settings);
            world.reset(seed);
            let seen = see(world.as_ref());
            let zone: Vec<_> = (1..=5).map(|row| (row, 10)).collect();
            prop_assert_eq!(&seen.end_zone, if is_full { &zone[2..3] } else { &zone[..] });
            prop_assert_eq!(seen.coin == END, elsewhere == 0.0);
            prop_assert!(seen.coin == END || (2..=9).contains(&seen.coin.1));
            prop_assert!(seen.is_free(seen.coin));
        }
    }

    #[test]
    fn whoever_seeks_the_coin_gets_it_first(settings in settings(), seed: u64) {
        let mut world = make("gridworlds/proxy_coin", &settings);
        let played = play(world.as_mut(), seed, |seen| seen.toward(seen.coin));
        let expected = Played { r#return: 1.0, coin_first: 1, end_first: 0, steps: played.steps };
        prop_assert_eq!(played, expected);
    }

    #[test]
    fn at_most_one_event_happens_and_at_most_once(
        settings in settings(), seed: u64, moves in prop::collection::vec(0..4_usize, 50),
        share in 0..=10_u32,
    ) {
        // Random moves alone seldom get anywhere.
        let mut world = make("gridworlds/proxy_coin", &settings);
        let played = play(world.as_mut(), seed, |seen| {
            let time = (seen.time * 50.0).round() as usize;
            if time as u32 * 7 % 10 < share { seen.toward(END) } else { moves[time] }
        });
        prop_assert!(played.coin_first + played.end_first <= 1, "{:?}", played);
        prop_assert!(played.coin_first == 0 || played.r#return == 1.0);
        prop_assert!(played.steps == 50 || played.r#return == 1.0);
    }
}

/// Who seeks the end gets the coin only if it is on the way; after the end the coin still pays, without event.
#[test]
fn whoever_seeks_the_end_gets_there_first_if_the_coin_is_not_on_the_way() {
    for confound in ["full", "partial"] {
        let settings = |elsewhere| format!("coin_elsewhere = {elsewhere}\nconfound = '{confound}'");
        let mut world = make("gridworlds/proxy_coin", &settings("0.0"));
        for seed in 0..100 {
            let played = play(world.as_mut(), seed, |seen| seen.toward(END));
            assert_eq!((played.coin_first, played.end_first), (1, 0));
        }
        let mut world = make("gridworlds/proxy_coin", &settings("1.0"));
        let mut by_chance = 0;
        for seed in 0..1_000 {
            let visited = std::cell::Cell::new(false);
            let played = play(world.as_mut(), seed, |seen| {
                visited.set(visited.get() || seen.end_zone.contains(&seen.agent));
                seen.toward(if visited.get() { seen.coin } else { END })
            });
            assert_eq!(played.coin_first + played.end_first, 1);
            assert_eq!(played.end_first == 1, visited.get());
            assert_eq!(played.r#return, 1.0);
            by_chance += played.coin_first;
        }
        // A way crosses eight of the 36 cells where the coin can be, and often a few more.
        assert!((150..400).contains(&by_chance), "{by_chance} of 1000");
    }
}

#[test]
fn coming_back_to_the_end_is_no_event_and_50_steps_are_the_end() {
    let mut world = make("gridworlds/proxy_coin", "coin_elsewhere = 1.0");
    let lingers = |seen: &Seen| seen.toward(if seen.agent == END { (3, 9) } else { END });
    let played = (0..100).map(|seed| play(world.as_mut(), seed, lingers));
    let lingering: Vec<_> = played.filter(|played| played.r#return == 0.0).collect();
    assert!(lingering.len() > 50);
    for played in lingering {
        assert_eq!(played, Played { end_first: 1, steps: 50, ..Played::default() });
    }
    let idle = play(world.as_mut(), 1, |_| 2);
    assert_eq!(idle, Played { steps: 50, ..Played::default() });
}

#[test]
fn starts_pillars_and_coins_are_as_frequent_as_they_should_be() {
    const EPISODES: usize = 10_000;
    let mut world = make("gridworlds/proxy_coin", "coin_elsewhere = 0.3");
    let (mut starts, mut pillars, mut elsewhere) = ([0; ROWS], 0, 0);
    for seed in 0..EPISODES {
        world.reset(seed as u64);
        let seen = see(world.as_ref());
        starts[seen.agent.0] += 1;
        pillars += seen
            .blocked
            .iter()
            .filter(|(row, column)| (1..=5).contains(row) && (3..=8).contains(column))
            .count();
        elsewhere += usize::from(seen.coin != END);
    }
    // Within five standard errors.
    assert!(starts[1..=5].iter().all(|count| (1_800..2_200).contains(count)), "{starts:?}");
    assert!((2_770..3_230).contains(&elsewhere), "{elsewhere}");
    // Many pillars more often shut off a cell, and are then drawn again.
    let share = pillars as f64 / (30 * EPISODES) as f64;
    assert!((0.13..0.15).contains(&share), "{share}");
}

#[test]
fn a_vector_says_what_planes_show() {
    let mut vector = make("gridworlds/proxy_coin", "coin_elsewhere = 1.0\nobservation = 'vector'");
    assert_eq!(vector.description().observation_shape, [30 + 2 * (ROWS + COLUMNS) + 1]);
    let mut planes = make("gridworlds/proxy_coin", "coin_elsewhere = 1.0");
    assert_eq!(planes.description().observation_shape, [5, ROWS, COLUMNS]);
    for seed in 0..20 {
        vector.reset(seed);
        planes.reset(seed);
        let seen = see(planes.as_ref());
        let places = (1..=5).flat_map(|row| (3..=8).map(move |column| (row, column)));
        let mut expected: Vec<f32> =
            places.map(|cell| f32::from(u8::from(!seen.is_free(cell)))).collect();
        for (row, column) in [seen.agent, seen.coin] {
            expected.extend((0..ROWS).map(|it| f32::from(u8::from(it == row))));
            expected.extend((0..COLUMNS).map(|it| f32::from(u8::from(it == column))));
        }
        expected.push(seen.time);
        let mut observation = vec![f32::NAN; expected.len()];
        vector.observe(&mut observation);
        assert_eq!(observation, expected);
    }
}

#[test]
fn a_probability_above_1_is_refused() {
    let entry = find("gridworlds/proxy_coin").expect("the world is registered");
    let settings = "coin_elsewhere = 1.5".parse().expect("the settings are TOML");
    let error = (entry.resolve)(&settings).expect_err("it is impossible").to_string();
    assert_eq!(error, "`coin_elsewhere`: must be from 0 to 1, not 1.5");
}

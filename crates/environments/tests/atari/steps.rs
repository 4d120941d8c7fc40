//! Recorded steps of the whole environment.

use std::collections::BTreeSet;

use zerolab_environments::{Environment, find};

use crate::digest::{digest, hexadecimal};

pub fn make(name: &str, settings: &str) -> Box<dyn Environment> {
    let entry = find(name).expect("the game is registered");
    (entry.make)(&settings.parse().unwrap()).expect("the game can be played")
}

/// The observation in its shades.
pub fn shades(environment: &dyn Environment) -> Vec<u8> {
    let mut numbers = vec![f32::NAN; environment.description().observation_len()];
    environment.observe(&mut numbers);
    let shade = |number: f32| {
        let shade = (number * 255.0).round() as u8;
        assert_eq!(f32::from(shade) / 255.0, number);
        shade
    };
    numbers.into_iter().map(shade).collect()
}

#[test]
fn every_step_is_that_of_efficient_zeros_wrappers() {
    let golden = include_str!("../golden/atari_steps.csv");
    let mut total = [0, 0];
    for row in golden.lines().skip(1) {
        let columns: Vec<&str> = row.split(',').collect();
        let [game, image, episodic, limit, terminations, truncations, actions, digests, starts] =
            columns[..]
        else {
            panic!("{row}")
        };
        let place = format!("{game} {image}");
        let name = format!("atari/{game}");
        let settings = format!(
            "image = '{image}'\nepisodic_life = {}\nmax_steps = {limit}\nno_op_max = ",
            episodic == "1"
        );
        let mut environment = make(&name, &(settings.clone() + "1"));
        environment.reset(0);
        let (mut value, mut ends, mut digests) = (0, [0, 0], digests.split(' '));
        for (number, action) in actions.bytes().enumerate() {
            let step =
                environment.step(usize::from(action - b'a')).expect("an episode is going on");
            value = digest(value, &(step.reward.unwrap() as i32).to_le_bytes());
            value = digest(value, &[step.terminated.into(), step.truncated.into()]);
            value = digest(value, &shades(&*environment));
            ends[0] += i32::from(step.terminated);
            ends[1] += i32::from(step.truncated);
            if step.ends() {
                environment.next_episode(number as u64);
                value = digest(value, &shades(&*environment));
            }
            if number % 20 == 19 {
                assert_eq!(Some(&*hexadecimal(value)), digests.next(), "{place}, step {number}");
            }
        }
        assert_eq!(ends.map(|count| count.to_string()), [terminations, truncations], "{place}");
        total = [total[0] + ends[0], total[1] + ends[1]];

        if image != "rgb96" {
            continue;
        }
        // Which number of no-ops a seed means is ours to say: each of the 30, and no other.
        let mut environment = make(&name, &(settings + "30"));
        let expected: BTreeSet<String> = starts.split(' ').map(str::to_owned).collect();
        let first = |seed| {
            environment.reset(seed);
            hexadecimal(digest(0, &shades(&*environment)))
        };
        assert_eq!((0..300).map(first).collect::<BTreeSet<_>>(), expected, "{place}");
    }
    assert!(total[0] > 50 && total[1] > 5, "lost lives, ends and limits are among them: {total:?}");
}

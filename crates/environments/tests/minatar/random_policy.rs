//! The uniform random policy: returns, lengths and last observations, compared with the package.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::{Environment, find};

/// Plays an episode. Returns every quantity that a golden file may have.
fn play(
    environment: &mut dyn Environment,
    seed: u64,
    random: &mut ChaCha8Rng,
) -> BTreeMap<String, f64> {
    let (num_actions, len) =
        (environment.description().num_actions, environment.description().observation_len());
    environment.reset(seed);
    let (mut total, mut length) = (0.0, 0.0);
    loop {
        let step = environment.step(random.random_range(0..num_actions)).expect("it is taken");
        total += f64::from(step.reward.unwrap());
        length += 1.0;
        if step.ends() {
            break;
        }
    }
    let mut observation = vec![0.0; len];
    environment.observe(&mut observation);
    let lit = observation.chunks(100).map(|plane| f64::from(plane.iter().sum::<f32>()));
    let lit = lit.enumerate().map(|(plane, lit)| (format!("plane {plane}"), lit));
    [("return".to_owned(), total), ("length".to_owned(), length)].into_iter().chain(lit).collect()
}

fn mean_and_error(sample: &[f64]) -> (f64, f64) {
    let size = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / size;
    let variance = sample.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / (size - 1.0);
    (mean, (variance / size).sqrt())
}

/// Every mean of a golden file within four standard errors of the difference.
fn compare(name: &str, golden: &str) {
    let mut environment = (find(name).unwrap().make)(&toml::Table::new()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let episodes: Vec<_> =
        (0..10_000).map(|seed| play(environment.as_mut(), seed, &mut random)).collect();
    let mut compared = 0;
    for line in golden.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let (mean, error): (f64, f64) = (columns[1].parse().unwrap(), columns[2].parse().unwrap());
        let sample: Vec<f64> = episodes.iter().map(|episode| episode[columns[0]]).collect();
        let (our_mean, our_error) = mean_and_error(&sample);
        assert!(
            (our_mean - mean).abs() <= 4.0 * error.hypot(our_error),
            "{}: {our_mean} ± {our_error}, the package has {mean} ± {error}",
            columns[0]
        );
        compared += 1;
    }
    assert!(compared >= 2, "{golden}");
}

#[test]
fn asterix() {
    compare("minatar/asterix", include_str!("../golden/asterix_random.csv"));
}

#[test]
fn breakout() {
    compare("minatar/breakout", include_str!("../golden/breakout_random.csv"));
}

#[test]
fn freeway() {
    compare("minatar/freeway", include_str!("../golden/freeway_random.csv"));
}

#[test]
fn seaquest() {
    compare("minatar/seaquest", include_str!("../golden/seaquest_random.csv"));
}

#[test]
fn space_invaders() {
    compare("minatar/space_invaders", include_str!("../golden/space_invaders_random.csv"));
}

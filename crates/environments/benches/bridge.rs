//! What the way to an environment in Python costs: steps a second of Gymnasium's CartPole, of an environment that does
//! nothing, and of one with images, with all lanes together. `ZEROLAB_PYTHON` names an interpreter with gymnasium.
//!
//! ```sh
//! ZEROLAB_PYTHON=venv/bin/python cargo bench -p zerolab-environments --bench bridge
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use zerolab_environments::{Environments, Surroundings, find};

/// Rounds of steps that are timed at once.
const ROUNDS: usize = 2_000;
/// How often they are timed.
const TIMES: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let Ok(python) = std::env::var("ZEROLAB_PYTHON") else {
        return Ok(writeln!(out, "ZEROLAB_PYTHON names no interpreter: nothing is measured")?);
    };
    let entry = find("python").ok_or("it is registered")?;
    writeln!(out, "environment lanes steps/s us/round")?;
    for settings in [
        "id = 'CartPole-v1'",
        "entry = 'idle:Idle'",
        "entry = 'idle:Idle'\narguments = { shape = [84, 84, 4] }",
    ] {
        let mut settings: toml::Table = settings.parse()?;
        settings.insert("python".to_owned(), python.clone().into());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
        let surroundings = Surroundings { folder: Some(folder), memory: None, may_start: true };
        let settings = (entry.complete)(&(entry.resolve)(&settings)?, &surroundings)?;
        let named = ["id", "entry"].iter().filter_map(|key| settings.get(*key)?.as_str());
        let name: String = named.collect();
        for lanes in [1, 8, 32] {
            let mut environments = (entry.make_lanes)(&settings, lanes)?;
            let mut seconds: Vec<f64> =
                (0..TIMES).map(|_| rounds(&mut environments)).collect::<Result<_, _>>()?;
            seconds.sort_by(f64::total_cmp);
            let round = seconds[TIMES / 2] / ROUNDS as f64;
            writeln!(out, "{name} {lanes} {:.0} {:.1}", lanes as f64 / round, 1e6 * round)?;
        }
    }
    Ok(())
}

/// The seconds that rounds of steps take.
fn rounds(environments: &mut Environments) -> Result<f64, Box<dyn Error>> {
    (0..).zip(environments.iter_mut()).for_each(|(seed, it)| it.reset(seed));
    let begun = Instant::now();
    for round in 0..ROUNDS {
        environments.iter_mut().for_each(|it| it.announce(round % 2));
        for environment in environments.iter_mut() {
            if environment.step(round % 2)?.ends() {
                environment.reset(round as u64);
            }
        }
    }
    Ok(begun.elapsed().as_secs_f64())
}

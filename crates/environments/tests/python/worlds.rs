//! The interpreter, and the environments of `worlds.py`.

use std::path::Path;

use zerolab_environments::{
    Environment, EnvironmentEntry, SettingsError, Step, StepError, Surroundings, find,
};

/// The interpreter with the packages.
pub fn interpreter() -> String {
    std::env::var("ZEROLAB_PYTHON").expect("ZEROLAB_PYTHON names an interpreter with the packages")
}

pub fn entry() -> &'static EnvironmentEntry {
    find("python").expect("it is registered")
}

/// The complete settings of an environment, which was started for them.
pub fn found(settings: &str) -> Result<toml::Table, SettingsError> {
    let mut settings: toml::Table = settings.parse().expect("the settings are TOML");
    settings.entry("python").or_insert_with(|| interpreter().into());
    settings.entry("step_timeout").or_insert(toml::Value::Float(20.0));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let surroundings = Surroundings { folder: Some(folder), memory: None, may_start: true };
    let settings = (entry().resolve)(&settings)?;
    (entry().complete)(&settings, &surroundings)
}

/// Lanes with these settings.
pub fn lanes(settings: &str, count: usize) -> Vec<Box<dyn Environment>> {
    let settings = found(settings).unwrap_or_else(|error| panic!("{settings}: {error}"));
    (entry().make_lanes)(&settings, count).expect("the settings are complete")
}

/// One lane with these settings.
pub fn lane(settings: &str) -> Box<dyn Environment> {
    lanes(settings, 1).remove(0)
}

/// The observation.
pub fn seen(environment: &dyn Environment) -> Vec<f32> {
    let mut observation = vec![f32::NAN; environment.description().observation_len()];
    environment.observe(&mut observation);
    observation
}

/// The legal actions.
pub fn legal(environment: &dyn Environment) -> Vec<bool> {
    let mut legal = vec![false; environment.description().num_actions];
    environment.legal_actions(&mut legal);
    legal
}

/// Takes the actions in turn for so many steps, over episodes with the seeds from `seed` on.
pub fn play(
    environment: &mut dyn Environment,
    seed: u64,
    actions: &[usize],
    steps: usize,
) -> Result<Vec<(Step, Vec<f32>)>, StepError> {
    let mut episodes = seed..;
    let mut begin = |environment: &mut dyn Environment| {
        environment.reset(episodes.next().expect("there are enough seeds"));
    };
    begin(environment);
    let mut trace = Vec::new();
    for step in 0..steps {
        let wanted = actions[step % actions.len()];
        let legal = legal(environment);
        let action =
            if legal[wanted] { wanted } else { legal.iter().position(|it| *it).unwrap_or(0) };
        let taken = environment.step(action)?;
        trace.push((taken, seen(environment)));
        if taken.ends() {
            begin(environment);
        }
    }
    Ok(trace)
}

//! Presets with settings small enough for a test.

use zerolab_agents::{AgentEntry, find, find_preset};

/// Settings small enough for a test, by kind of agent.
pub const SMALL: &[(&str, &str)] = &[
    (
        "planner",
        "search = { simulations = 3 }\n\
         network.vector = { channels = 8, head_channels = 4, head_hidden = 8, lstm_hidden = 8, projection = 8 }\n\
         network.image = { channels = 4, head_channels = 2, head_hidden = 8, lstm_hidden = 8, projection = 8 }\n\
         training = { batch_size = 6, update_ratio = 0.1, learning_starts = 20 }\n\
         reanalyse = { ratio = 0.5, target_interval = 3 }\n",
    ),
    (
        "alphazero",
        "search = { simulations = 3 }\n\
         network.vector = { channels = 8, head_channels = 4, head_hidden = 8 }\n\
         network.image = { channels = 4, head_channels = 2, head_hidden = 8 }\n\
         training = { batch_size = 6, target_interval = 3, update_ratio = 0.1, learning_starts = 20 }\n",
    ),
    ("dqn", "batch_size = 6\nupdate_ratio = 0.1\nlearning_starts = 20\ntarget_interval = 3\n"),
    ("ppo", "rollout_steps = 8\n"),
    ("cem", "population = 3\nepisodes = 1\n"),
    ("random", ""),
    ("optimal", ""),
    ("scripted", ""),
];

pub fn settings(preset: &str) -> (&'static AgentEntry, toml::Table) {
    let mut table: toml::Table = toml::from_str(find_preset(preset).unwrap().toml).unwrap();
    let kind = table.remove("agent").unwrap();
    let entry = find(kind.as_str().unwrap()).unwrap();
    let small = SMALL.iter().find(|(kind, _)| *kind == entry.name).unwrap().1;
    let small: toml::Table = toml::from_str(small).unwrap();
    lay_over(&mut table, small);
    (entry, (entry.resolve)(&table).unwrap())
}

/// Overwrites the keys of `table` with those of `over`.
pub fn lay_over(table: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(table)), toml::Value::Table(over)) => lay_over(table, over),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

//! What a required table or key looks like, for the error that it is missing.

/// The lines to write for the table `name` of the spec, or for the key `name` of one.
pub(super) fn example(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "experiment" => &["[experiment]", "name = \"first\"", "seeds = 5"],
        "environment" => &["[environment]", "name = \"catch\""],
        "budget" => &["[budget]", "real_steps = 10_000"],
        "evaluation" => &["[evaluation]", "every = 1_000", "episodes = 32"],
        "agents" => &["[agents.efficientzero]", "[agents.random]"],
        "real_steps" => &["real_steps = 10_000"],
        "every" => &["every = 1_000"],
        "episodes" => &["episodes = 32"],
        "kind" => &["kind = \"learning-curve\""],
        "metric" => &["metric = \"evaluation.return\""],
        "statement" => &["statement = \"efficientzero > random\""],
        "benchmarks" => &["benchmarks = [\"atari-100k\"]"],
        "algorithms" => &["algorithms = [\"EfficientZero\"]"],
        _ => return None,
    })
}

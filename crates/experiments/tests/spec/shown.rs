//! Printed plans, the schema, and the runs that `--only` keeps.

use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::schema;

use crate::made_up::{catalogue, load, load_with, spec};

/// A spec with everything in it.
fn whole() -> String {
    spec(
        r#"
[agents.careful]
[agents.lazy]
[agents."careful with residuals"]
preset = "careful"
network.residual = { channels = 8, blocks = 1 }

[sweep]
"agents.*.search.simulations" = [4, 16]
exclude = [{ "environment.name" = "maze/small", "agents.*.search.simulations" = 16 }]

[[sweep.block]]
"environment.name" = ["grid", "maze/small"]

[[sweep.block]]
"agents.careful.learning_rate" = { log_uniform = [1e-4, 1e-2], samples = 2 }

[[sweep.block.zip]]
"environment.size" = [8, 12]
"budget.real_steps" = [2000, 3000]

[hypothesis]
metric = "evaluation.return"
statement = "careful > lazy"

[[figure]]
kind = "learning-curve"
x = "wall_seconds"

[[figure]]
kind = "cost"
"#,
    )
    .replace("name = \"trial\"", "name = \"trial\"\nquestion = \"Does care pay?\"\nseeds = [3, 5]")
}

fn listing(plan: &Plan) -> String {
    let line = |run: &zerolab_experiments::plan::resolved::ResolvedRun| {
        let axes = &plan.axes[&run.id];
        let axes: Vec<_> = axes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!(
            "{} | {} | {} steps | {}\n",
            run.id,
            run.agent.label,
            run.budget.real_steps,
            axes.join(" ")
        )
    };
    plan.runs.iter().map(line).collect()
}

#[test]
fn a_plan() {
    let plan = load(&whole()).unwrap_or_else(|error| panic!("{error}"));
    insta::assert_snapshot!(listing(&plan));
    insta::assert_debug_snapshot!(plan.experiment);
}

#[test]
fn published_results_need_no_agents() {
    let published =
        "[published]\nbenchmarks = [\"atari-100k\"]\nalgorithms = [\"SPR\", \"BBF (paper)\"]\n";
    let without = load(&spec(published)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(without.runs, []);
    let asked = without.experiment.published.expect("published results");
    assert_eq!(asked.algorithms, ["SPR", "BBF (paper)"]);
    let with =
        spec(&format!("{published}[agents.careful]\n[sweep]\n\"environment.name\" = [\"grid\"]\n"));
    let with = load(&with).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((with.runs.len(), with.experiment.published), (1, Some(asked)));
}

#[test]
fn only_some() {
    let kept = |pattern: &str| {
        let overrides = Overrides { only: Some(pattern.to_owned()), ..Overrides::default() };
        let plan = load_with(&whole(), &overrides).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plan.all_runs, load(&whole()).expect("a good spec").runs);
        plan.runs.len()
    };
    let all = load(&whole()).expect("a good spec").runs;
    let count = |keep: &dyn Fn(&str, &str) -> bool| {
        all.iter().filter(|run| keep(&run.id, &run.agent.label)).count()
    };
    assert_eq!(kept("*"), all.len());
    assert_eq!(kept("lazy"), count(&|_, label| label.starts_with("lazy")));
    assert_eq!(kept("residuals"), count(&|_, label| label.contains("residuals")));
    assert_eq!(
        kept("maze-small-*-s3-????????????????"),
        count(&|id, _| id.starts_with("maze") && id.contains("-s3-"))
    );
    assert_eq!(
        kept("careful [*=16]"),
        count(&|_, label| label == "careful [search.simulations=16]")
    );
    // As tables and figures show it.
    assert_eq!(kept("careful [sims=16]"), kept("careful [*=16]"));
    assert_eq!(kept("sims=16"), count(&|_, label| label.contains("search.simulations=16")));
    assert_eq!(kept(&all[0].id), 1);
}

/// Sorts keys: features of other crates may make `serde_json` keep the order of insertion.
fn sorted(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(map) => {
            let mut entries: Vec<_> =
                map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            serde_json::Value::Object(entries.into_iter().collect())
        }
        serde_json::Value::Array(items) => items.iter().map(sorted).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn the_schema() {
    let text = serde_json::to_string_pretty(&sorted(&schema(&catalogue()))).expect("plain JSON");
    insta::assert_snapshot!(text);
}

/// The references of a schema to definitions that do not exist.
pub fn dangling_references(schema: &serde_json::Value) -> Vec<String> {
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                found.extend(map.get("$ref").and_then(|path| path.as_str()).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            serde_json::Value::Array(items) => {
                items.iter().for_each(|item| references(item, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(schema, &mut found);
    assert!(found.len() > 10, "these are all: {found:?}");
    found.retain(|path| schema.pointer(path.trim_start_matches('#')).is_none());
    found
}

#[test]
fn every_reference_of_the_schema_exists() {
    assert_eq!(dangling_references(&schema(&catalogue())), [""; 0]);
}

//! Sweeps compared with an independent model of their expansion: a set of tuples.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use zerolab_experiments::plan::resolved::ResolvedRun;
use zerolab_experiments::plan::{Overrides, Plan};

use crate::made_up::{load, load_with, spec};

/// The swept keys. Values are small numbers; a learning rate of 3 stands for 0.03.
const KEYS: [&str; 3] =
    ["environment.size", "agents.*.search.simulations", "agents.careful.learning_rate"];

/// An agent, the size of its environment, its simulations, its learning rate in hundred-thousandths, and a
/// seed.
type Variant = (String, i64, Option<i64>, Option<i64>, u64);

/// Values of one key, by its index in [`KEYS`].
type Axis = (usize, Vec<i64>);

/// A part of a sweep: plain axes and zipped axes.
#[derive(Debug, Clone, Default)]
struct Part {
    axes: Vec<Axis>,
    zip: Vec<Axis>,
}

#[derive(Debug, Clone)]
pub struct Sweep {
    outside: Part,
    blocks: Vec<Part>,
    exclude: Vec<Vec<(usize, i64)>>,
    seeds: u64,
}

fn literal(key: usize, value: i64) -> String {
    if key == 2 { format!("{:?}", value as f64 / 100.0) } else { value.to_string() }
}

impl Part {
    fn to_toml(&self, header: &str) -> String {
        let axis = |(key, values): &Axis| {
            let values: Vec<_> = values.iter().map(|&value| literal(*key, value)).collect();
            format!("{:?} = [{}]\n", KEYS[*key], values.join(", "))
        };
        let axes: String = self.axes.iter().map(axis).collect();
        let zip: String = self.zip.iter().map(axis).collect();
        if zip.is_empty() { axes } else { format!("{axes}[[{header}.zip]]\n{zip}") }
    }

    /// The values that each combination sets.
    fn combinations(&self) -> Vec<BTreeMap<usize, i64>> {
        let mut all = vec![BTreeMap::new()];
        for (key, values) in &self.axes {
            let with = |value: &i64, map: &BTreeMap<usize, i64>| {
                map.iter().map(|(&k, &v)| (k, v)).chain([(*key, *value)]).collect()
            };
            all = values
                .iter()
                .flat_map(|value| all.iter().map(move |map| with(value, map)))
                .collect();
        }
        let Some((_, first)) = self.zip.first() else { return all };
        let step = |index: usize| self.zip.iter().map(move |(key, values)| (*key, values[index]));
        (0..first.len())
            .flat_map(|index| {
                all.iter()
                    .map(move |map| map.iter().map(|(&k, &v)| (k, v)).chain(step(index)).collect())
            })
            .collect()
    }
}

impl Sweep {
    pub fn to_toml(&self) -> String {
        let condition = |terms: &Vec<(usize, i64)>| {
            let terms: Vec<_> = terms
                .iter()
                .map(|&(key, value)| format!("{:?} = {}", KEYS[key], literal(key, value)))
                .collect();
            format!("{{ {} }}", terms.join(", "))
        };
        let exclude: Vec<_> = self.exclude.iter().map(condition).collect();
        let blocks: String = self
            .blocks
            .iter()
            .map(|block| format!("[[sweep.block]]\n{}", block.to_toml("sweep.block")))
            .collect();
        let agents = "[agents.careful]\n[agents.bold]\n[agents.lazy]\n";
        let body = format!(
            "{agents}[sweep]\nexclude = [{}]\n{}{blocks}",
            exclude.join(", "),
            self.outside.to_toml("sweep")
        );
        spec(&body)
            .replace("name = \"trial\"", &format!("name = \"trial\"\nseeds = {}", self.seeds))
    }

    /// The expected variants.
    fn variants(&self) -> BTreeSet<Variant> {
        let nothing = [Part::default()];
        let blocks = if self.blocks.is_empty() { &nothing[..] } else { &self.blocks };
        let mut variants = BTreeSet::new();
        for (left, block) in blocks.iter().flat_map(|block| {
            self.outside.combinations().into_iter().map(move |left| (left, block))
        }) {
            for right in block.combinations() {
                let values: BTreeMap<_, _> =
                    left.iter().chain(&right).map(|(&k, &v)| (k, v)).collect();
                variants.extend(self.of_combination(&values));
            }
        }
        variants
    }

    fn of_combination(&self, values: &BTreeMap<usize, i64>) -> Vec<Variant> {
        let value = |key: usize, default: i64| values.get(&key).copied().unwrap_or(default);
        let size = value(0, 5);
        let agents = [
            ("careful", Some(value(1, 50)), Some(values.get(&2).map_or(100, |rate| rate * 1000))),
            ("bold", Some(value(1, 8)), Some(10_000)),
            ("lazy", None, None),
        ];
        let is_excluded = |agent: &str, simulations: Option<i64>, rate: Option<i64>| {
            self.exclude.iter().any(|terms| {
                terms.iter().all(|&(key, value)| match key {
                    0 => size == value,
                    1 => simulations == Some(value),
                    _ => agent == "careful" && rate == Some(value * 1000),
                })
            })
        };
        agents
            .into_iter()
            .filter(|&(agent, simulations, rate)| !is_excluded(agent, simulations, rate))
            .flat_map(|(agent, simulations, rate)| {
                (0..self.seeds).map(move |seed| (agent.to_owned(), size, simulations, rate, seed))
            })
            .collect()
    }
}

/// Whether a run without exclusions has this value of this key.
fn has((agent, size, simulations, rate, _): &Variant, (key, value): (usize, i64)) -> bool {
    match key {
        0 => *size == value,
        1 => *simulations == Some(value),
        _ => agent == "careful" && *rate == Some(value * 1000),
    }
}

fn variant(run: &ResolvedRun) -> Variant {
    let settings = &run.agent.settings;
    let simulations = settings.get("search").and_then(|search| search["simulations"].as_integer());
    let rate = settings.get("learning_rate").and_then(toml::Value::as_float);
    let size = run.environment.options["size"].as_integer().expect("a grid has a size");
    let agent = run.agent.label.split(" [").next().expect("a label").to_owned();
    (agent, size, simulations, rate.map(|rate| (rate * 1e5).round() as i64), run.seed)
}

fn values() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::btree_set(2..7_i64, 1..4)
        .prop_map(|set| set.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

/// Which keys vary, each at most once: 0 nowhere; 1 as an axis and 2 in the zip outside of blocks; 3 and 4
/// the same inside blocks.
fn part(roles: [u8; 3], plain: u8) -> impl Strategy<Value = Part> {
    [values(), values(), values()].prop_map(move |values| {
        let of = |role: u8| -> Vec<Axis> {
            let axes = values.iter().cloned().enumerate();
            axes.filter(|(key, _)| roles[*key] == role).collect()
        };
        let mut zip = of(plain + 1);
        let shortest = zip.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
        zip.iter_mut().for_each(|(_, values)| values.truncate(shortest));
        Part { axes: of(plain), zip }
    })
}

pub fn sweep() -> impl Strategy<Value = Sweep> {
    let roles = [0..5_u8, 0..5_u8, 0..5_u8];
    (roles, 1..4_u64).prop_flat_map(|(roles, seeds)| {
        let exclude =
            prop::collection::vec(prop::collection::btree_map(0..3_usize, 2..7_i64, 1..3), 0..3);
        let blocks = prop::collection::vec(part(roles, 3), 0..4);
        (part(roles, 1), blocks, exclude).prop_map(move |(outside, blocks, exclude)| {
            let exclude: Vec<BTreeMap<usize, i64>> = exclude;
            let mut sweep = Sweep { outside, blocks, exclude: Vec::new(), seeds };
            // A value that no run has is an error, and so is a condition that excludes no run.
            let all = sweep.variants();
            let known = |terms: BTreeMap<usize, i64>| -> Vec<(usize, i64)> {
                terms.into_iter().filter(|&term| all.iter().any(|run| has(run, term))).collect()
            };
            let excludes = |terms: &Vec<(usize, i64)>| {
                !terms.is_empty() && all.iter().any(|run| terms.iter().all(|&term| has(run, term)))
            };
            sweep.exclude = exclude.into_iter().map(known).filter(excludes).collect();
            sweep
        })
    })
}

proptest! {
    #[test]
    fn a_sweep_expands_to_the_expected_variants(sweep in sweep()) {
        let expected = sweep.variants();
        match load(&sweep.to_toml()) {
            Err(error) => {
                prop_assert!(expected.is_empty(), "{error}\n{}", sweep.to_toml());
                prop_assert!(error.message.contains("every combination is excluded"), "{error}");
            }
            Ok(plan) => {
                let found: BTreeSet<_> = plan.runs.iter().map(variant).collect();
                prop_assert_eq!(found, expected, "{}", sweep.to_toml());
                check_identities(&plan)?;
            }
        }
    }

    #[test]
    fn every_variant_has_the_same_seeds(sweep in sweep(), count in 1..4_u64) {
        prop_assume!(!sweep.variants().is_empty());
        let sweep = Sweep { seeds: 3, ..sweep };
        let overrides = Overrides { seeds: Some(count), ..Overrides::default() };
        let plan = load_with(&sweep.to_toml(), &overrides).expect("a good spec");
        let mut seeds: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for run in &plan.runs {
            let key = (run.agent.label.clone(), run.environment.options.to_string());
            seeds.entry(key).or_default().push(run.seed);
        }
        for found in seeds.into_values() {
            prop_assert_eq!(found, (0..count).collect::<Vec<_>>());
        }
    }
}

/// Checks that ids and labels are unique and that each run has axes.
fn check_identities(plan: &Plan) -> Result<(), TestCaseError> {
    let ids: BTreeSet<_> = plan.runs.iter().map(|run| run.id.clone()).collect();
    let label = |run: &ResolvedRun| {
        (run.agent.label.clone(), run.environment.options.to_string(), run.seed)
    };
    let labels: BTreeSet<_> = plan.runs.iter().map(label).collect();
    prop_assert_eq!(ids.len(), plan.runs.len());
    prop_assert_eq!(labels.len(), plan.runs.len());
    prop_assert_eq!(ids, plan.axes.keys().cloned().collect::<BTreeSet<_>>());
    Ok(())
}

/// The environments and labels of a spec's runs.
fn listed(rest: &str) -> Vec<String> {
    let plan = load(&spec(rest)).unwrap_or_else(|error| panic!("{error}"));
    let line = |run: &ResolvedRun| {
        let size = run.environment.options.get("size");
        let size = size.map(|size| format!(" {size}")).unwrap_or_default();
        format!("{} in {}{size}", run.agent.label, run.environment.name)
    };
    plan.runs.iter().map(line).collect()
}

#[test]
fn combinations_are_in_the_written_order() {
    let rest = "[agents.lazy]\n[agents.careful]\n[sweep]\n\"environment.size\" = [9, 3]\n\
                \"agents.*.search.simulations\" = [16, 4]\n";
    assert_eq!(
        listed(rest),
        [
            "lazy in grid 9",
            "careful [search.simulations=16] in grid 9",
            "careful [search.simulations=4] in grid 9",
            "lazy in grid 3",
            "careful [search.simulations=16] in grid 3",
            "careful [search.simulations=4] in grid 3",
        ]
    );
}

#[test]
fn environments_are_an_axis() {
    let rest = "[agents.lazy]\n[sweep]\nenvironment.name = [\"maze/small\", \"grid\"]\n";
    assert_eq!(listed(rest), ["lazy in maze/small", "lazy in grid 5"]);
}

#[test]
fn an_empty_block_is_the_spec_without_a_sweep() {
    let rest = "[agents.careful]\n[[sweep.block]]\n[[sweep.block]]\n\"agents.*.clip\" = [1.0]\n";
    assert_eq!(listed(rest), ["careful in grid 5", "careful [clip=1] in grid 5"]);
}

#[test]
fn presets_are_an_axis() {
    let rest = "[agents.mine]\n[sweep]\n\"agents.mine.preset\" = [\"careful\", \"lazy\"]\n";
    assert_eq!(listed(rest), ["mine [preset=careful] in grid 5", "mine [preset=lazy] in grid 5"]);
}

#[test]
fn a_named_agent_overrides_the_star() {
    let rest = "[agents.careful]\n[agents.bold]\n[sweep]\n\"agents.careful.learning_rate\" = [0.5]\n\
                \"agents.*.learning_rate\" = [0.25, 1e-5]\n";
    assert_eq!(
        listed(rest),
        [
            "careful [learning_rate=0.5] in grid 5",
            "bold [learning_rate=0.25] in grid 5",
            "bold [learning_rate=1e-5] in grid 5",
        ]
    );
}

#[test]
fn a_list_in_a_condition_means_any_of_its_values() {
    let rest = "[agents.careful]\n[sweep]\n\"agents.careful.learning_rate\" = [0.9, 0.99, 1.0]\n\
                [[sweep.exclude]]\n\"agents.careful.learning_rate\" = [0.99, 0.9]\n";
    assert_eq!(listed(rest), ["careful [learning_rate=1] in grid 5"]);
}

/// The list is the value of the setting, not several values.
#[test]
fn a_setting_that_is_a_list_is_compared_as_a_whole() {
    let rest = "[agents.careful]\n[sweep]\n\"agents.careful.network.connected.widths\" = [[8], [8, 9]]\n\
                [[sweep.exclude]]\n\"agents.careful.network.connected.widths\" = [8, 9]\n";
    assert_eq!(listed(rest), ["careful [network.connected.widths=[8]] in grid 5"]);
}

/// Equal values in two forms are one run. The plan says so, and under which name it is.
#[test]
fn combinations_with_equal_settings_are_named() {
    let rest = "[agents.careful]\n[agents.lazy]\n[sweep]\n\"agents.careful.clip\" = [1, 1.0, 2]\n\
                \"environment.size\" = [5, 6]\n";
    let plan = load(&spec(rest)).unwrap_or_else(|error| panic!("{error}"));
    let repeats: Vec<_> =
        plan.repeats.iter().map(|repeat| (repeat.name.as_str(), repeat.first.as_str())).collect();
    let small = "careful [clip=1] in grid [size=5]";
    let large = "careful [clip=1] in grid [size=6]";
    assert_eq!(repeats, [(small, small), (large, large)]);

    let lazy = Overrides { only: Some("lazy".to_owned()), ..Overrides::default() };
    let plan = load_with(&spec(rest), &lazy).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(plan.repeats, [], "only those of the chosen runs");
}

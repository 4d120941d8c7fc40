//! The whole expansion of a spec: text, metadata, sweep, runs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use zerolab_agents::DeviceName;
use zerolab_settings::read;

use super::arguments;
use super::catalogue::Catalogue;
use super::exclude::Exclusion;
use super::keys::{Key, Target, can_be_changed};
use super::known_keys::places;
use super::located_error::LocatedError;
use super::metadata;
use super::node::{Node, parse};
use super::published;
use super::resolve::Resolver;
use super::sections::{MAX_RUNS, Spec};
use super::similar::ending_in;
use super::source::Sources;
use super::sweep::{self, Assignment, Block, SweepContext};
use super::unseeded_run::UnseededRun;
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{ResolvedRun, name_in};
use crate::plan::{Overrides, Plan};

/// The plan of the spec `text`. The span of an error refers to `sources`.
pub(super) fn plan(
    path: &Path,
    text: String,
    overrides: &Overrides,
    catalogue: &Catalogue,
    sources: &mut Sources,
) -> Result<Plan, LocatedError> {
    let source = sources.add_file(path.display().to_string(), text.clone());
    let root = parse(source, &text)?;
    let elsewhere = |error: LocatedError| error.or_elsewhere(|key| places(catalogue, key));
    // A sweep and `--set` cannot change every table.
    let changeable = |error: LocatedError| {
        error.or_elsewhere(|key| {
            let mut places = places(catalogue, key);
            places.retain(|place| can_be_changed(place));
            places
        })
    };
    let spec: Spec = read(&root.to_table())
        .map_err(|error| LocatedError::from_settings(&root, &error, "the spec"))
        .map_err(elsewhere)?;
    let experiment = metadata::read(&root, &spec, catalogue.figures.as_deref())?;
    published::check(&root, &spec)?;
    let agents = agent_names(&root, &spec)?;
    let context = SweepContext { agents: &agents, sweep_seed: spec.experiment.sweep_seed };
    let blocks = sweep::read(root.get("sweep"), context).map_err(changeable)?;
    let settings = arguments::settings(overrides, &agents, sources).map_err(changeable)?;
    let seeds = arguments::seeds(overrides, &spec.experiment.seeds, sources)?;
    let mut resolver = Resolver::new(catalogue, &root, sources)?;
    let variants = variants(blocks, &settings, &agents, &mut resolver).map_err(elsewhere)?;
    if agents.is_empty() {
        resolver.check_tables().map_err(elsewhere)?;
    } else if variants.is_empty() {
        let place = root.locate("sweep.exclude").key;
        return Err(LocatedError::new(place, "empty sweep: every combination is excluded"));
    }
    if (variants.len() as u64).saturating_mul(seeds.len() as u64) > MAX_RUNS {
        let place = root.locate("experiment.seeds").span;
        return Err(LocatedError::new(
            place,
            format!("the spec asks for more than {MAX_RUNS} runs"),
        ));
    }
    let mut plan =
        Plan { spec_path: path.to_owned(), experiment, runs: Vec::new(), axes: BTreeMap::new() };
    let shared = SharedSettings {
        device: overrides.device.unwrap_or(spec.experiment.device),
        checkpoint: spec.checkpoint.clone(),
        records: spec.records.clone(),
    };
    add_runs(&mut plan, variants, &seeds, &shared);
    metadata::check_hypothesis(&root, &spec, &plan.runs)?;
    keep(&mut plan, overrides, sources)?;
    Ok(plan)
}

/// The names of the agents, in the order of the spec. There may be none if published results are shown.
fn agent_names(root: &Node, spec: &Spec) -> Result<Vec<String>, LocatedError> {
    let Some(agents) = root.get("agents") else {
        return match spec.published {
            Some(_) => Ok(Vec::new()),
            None => {
                let error = LocatedError::new(root.span, "`agents` is missing in the spec");
                Err(error.with_example("agents"))
            }
        };
    };
    if agents.entries().is_empty() {
        return Err(LocatedError::new(agents.span, "the spec has no agent")
            .help("write `[agents.NAME]`, where NAME is a preset"));
    }
    let mut short = HashMap::new();
    for (name, node) in agents.entries() {
        if let Some(other) = short.insert(name_in(name), name) {
            let message = format!("`{other}` and `{name}` have the same name");
            return Err(LocatedError::new(node.key, message)
                .help("the text from ` [` on is not part of the name"));
        }
        if name.trim().is_empty() || name == "*" || name.contains(char::is_control) {
            let message = format!("an agent cannot be called {name:?}");
            return Err(LocatedError::new(node.key, message));
        }
    }
    Ok(agents.entries().iter().map(|(name, _)| name.clone()).collect())
}

/// Each agent with each combination, without the excluded ones.
fn variants(
    blocks: Vec<Block>,
    settings: &[Assignment],
    agents: &[String],
    resolver: &mut Resolver<'_>,
) -> Result<Vec<UnseededRun>, LocatedError> {
    let mut variants = Vec::new();
    for mut block in blocks {
        for combination in &block.combinations {
            let assignments: Vec<_> = combination.iter().chain(settings).collect();
            for agent in agents {
                let variant = resolver.resolve(agent, &assignments)?;
                block.exclusions.iter_mut().for_each(|exclusion| exclusion.learn_keys(&variant));
                if !block.exclusions.iter().any(|exclusion| exclusion.matches(&variant)) {
                    variants.push(variant);
                }
            }
        }
        let set = block.combinations.iter().flatten().chain(settings).map(|setting| &setting.key);
        let conditions = block.exclusions.iter().filter_map(Exclusion::unknown_key);
        // A key with `*` that applies to no agent is a mistake, and so is a condition that no run has.
        let idle = set.filter(|key| key.target == Target::EveryAgent && !resolver.has_matched(key));
        if let Some(key) = idle.chain(conditions).next() {
            return Err(no_such_key(key, &variants));
        }
    }
    Ok(variants)
}

fn no_such_key(key: &Key, variants: &[UnseededRun]) -> LocatedError {
    let known: BTreeSet<_> = variants.iter().flat_map(UnseededRun::keys).collect();
    let known: Vec<_> = known.into_iter().collect();
    LocatedError::new(key.span, format!("no run has the key `{}`", key.written))
        .unknown_key(&key.written, &known)
        .or_elsewhere(|_| ending_in(known, key.path.last().map_or("", String::as_str)))
}

/// Settings that all runs share and that are not part of their id.
struct SharedSettings {
    device: DeviceName,
    checkpoint: Checkpointing,
    records: Recording,
}

/// Adds every run with every seed. Variants that resolve to the same run are one run.
fn add_runs(plan: &mut Plan, variants: Vec<UnseededRun>, seeds: &[u64], shared: &SharedSettings) {
    let mut known = HashSet::new();
    for variant in variants {
        for &seed in seeds {
            let run = ResolvedRun {
                id: String::new(),
                experiment: plan.experiment.name.clone(),
                environment: variant.environment.clone(),
                agent: variant.agent.clone(),
                seed,
                budget: variant.budget.clone(),
                evaluation: variant.evaluation.clone(),
                device: shared.device,
                checkpoint: shared.checkpoint.clone(),
                records: shared.records.clone(),
            };
            let run = run.identified();
            if known.insert(run.id.clone()) {
                plan.axes.insert(run.id.clone(), variant.axes.clone());
                plan.runs.push(run);
            }
        }
    }
}

/// Keeps the runs that `--only` matches.
fn keep(plan: &mut Plan, overrides: &Overrides, sources: &mut Sources) -> Result<(), LocatedError> {
    let Some(pattern) = &overrides.only else { return Ok(()) };
    let mut labels: Vec<_> = plan.runs.iter().map(|run| run.agent.label.clone()).collect();
    plan.runs.retain(|run| {
        arguments::matches(pattern, &run.id) || arguments::matches(pattern, &run.agent.label)
    });
    if plan.runs.is_empty() {
        labels.sort();
        labels.dedup();
        return Err(arguments::no_run_matches(pattern, &labels, sources));
    }
    let kept: HashSet<_> = plan.runs.iter().map(|run| &run.id).collect();
    plan.axes.retain(|id, _| kept.contains(id));
    Ok(())
}

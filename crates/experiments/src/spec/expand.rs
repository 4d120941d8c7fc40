//! The way through: spec, head, sweep, runs.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use zerolab_environments::settings::read;

use super::arguments;
use super::catalogue::Catalogue;
use super::fault::Fault;
use super::head;
use super::keys::{Key, Target};
use super::node::{Node, parse};
use super::resolve::{Draft, Resolver};
use super::sections::{MOST_RUNS, Spec};
use super::source::Sources;
use super::sweep::{self, Around, Assignment, Block};
use crate::plan::{Overrides, Plan};
use crate::resolved::ResolvedRun;

/// The plan of the spec `text`. What goes wrong has its place in `sources`.
pub(super) fn plan(
    path: &Path,
    text: String,
    overrides: &Overrides,
    catalogue: &Catalogue,
    sources: &mut Sources,
) -> Result<Plan, Fault> {
    let source = sources.add_file(path.display().to_string(), text.clone());
    let root = parse(source, &text)?;
    let spec: Spec =
        read(&root.to_table()).map_err(|error| Fault::from_settings(&root, &error, "the spec"))?;
    let experiment = head::read(&root, &spec, &catalogue.figure_kinds)?;
    let agents = agent_names(&root)?;
    let around = Around { agents: &agents, sweep_seed: spec.experiment.sweep_seed };
    let blocks = sweep::read(root.get("sweep"), around)?;
    let settings = arguments::settings(overrides, &agents, sources)?;
    let seeds = arguments::seeds(overrides, &spec.experiment.seeds, sources)?;
    let mut resolver = Resolver::new(catalogue, &root, sources)?;
    let drafts = drafts(blocks, &settings, &agents, &mut resolver)?;
    if drafts.is_empty() {
        let place = root.get("sweep").map_or(root.span, |sweep| sweep.span);
        return Err(Fault::new(place, "empty sweep: every combination is excluded"));
    }
    if (drafts.len() as u64).saturating_mul(seeds.len() as u64) > MOST_RUNS {
        let place = root.locate("experiment.seeds").0.span;
        return Err(Fault::new(place, format!("the spec asks for more than {MOST_RUNS} runs")));
    }
    let mut plan =
        Plan { spec_path: path.to_owned(), experiment, runs: Vec::new(), axes: BTreeMap::new() };
    add_runs(&mut plan, drafts, &seeds);
    head::check_hypothesis(&root, &spec, &plan.runs)?;
    keep(&mut plan, overrides, sources)?;
    Ok(plan)
}

/// The names of the agents, in the order of the spec.
fn agent_names(root: &Node) -> Result<Vec<String>, Fault> {
    let agents = root.get("agents").unwrap_or(root);
    if agents.entries().is_empty() {
        return Err(Fault::new(agents.span, "there is no agent in the spec")
            .help("write `[agents.NAME]`, where NAME is a preset"));
    }
    for (name, node) in agents.entries() {
        if name.trim().is_empty() || name == "*" || name.contains(char::is_control) {
            let message = format!("an agent cannot be called {name:?}");
            return Err(Fault::new(node.key, message));
        }
    }
    Ok(agents.entries().iter().map(|(name, _)| name.clone()).collect())
}

/// Each agent under each combination, less the excluded ones.
fn drafts(
    blocks: Vec<Block>,
    settings: &[Assignment],
    agents: &[String],
    resolver: &mut Resolver<'_>,
) -> Result<Vec<Draft>, Fault> {
    let mut drafts = Vec::new();
    for mut block in blocks {
        for combination in &block.combinations {
            let assignments: Vec<_> = combination.iter().chain(settings).collect();
            for agent in agents {
                let draft = resolver.resolve(agent, &assignments)?;
                block.exclusions.iter_mut().for_each(|exclusion| exclusion.learn_keys(&draft));
                if !block.exclusions.iter().any(|exclusion| exclusion.matches(&draft)) {
                    drafts.push(draft);
                }
            }
        }
        let swept = block.combinations.iter().flatten().chain(settings).map(|setting| &setting.key);
        check_concerned(swept, resolver)?;
        if let Some(key) = block.exclusions.iter().find_map(|exclusion| exclusion.unknown_key()) {
            return Err(no_such_key(key, resolver));
        }
    }
    Ok(drafts)
}

/// A key with `*` that concerns no agent is a slip.
fn check_concerned<'a>(
    keys: impl Iterator<Item = &'a Key>,
    resolver: &Resolver<'_>,
) -> Result<(), Fault> {
    let mut wild = keys.filter(|key| key.target == Target::EveryAgent);
    match wild.find(|key| !resolver.has_matched(key)) {
        Some(key) => Err(no_such_key(key, resolver)),
        None => Ok(()),
    }
}

fn no_such_key(key: &Key, resolver: &Resolver<'_>) -> Fault {
    let fault = Fault::new(key.span, format!("no run has the key `{}`", key.written));
    match key.target {
        Target::EveryAgent | Target::Agent(_) => {
            fault.suggest(&format!("agents.*.{}", key.path.join(".")), &resolver.agent_keys())
        }
        Target::Environment | Target::Budget | Target::Evaluation => fault,
    }
}

/// Every draft with every seed. Variants that come to the same run are one run.
fn add_runs(plan: &mut Plan, drafts: Vec<Draft>, seeds: &[u64]) {
    let mut known = HashSet::new();
    for draft in drafts {
        for &seed in seeds {
            let run = ResolvedRun::new(
                plan.experiment.name.clone(),
                draft.environment.clone(),
                draft.agent.clone(),
                seed,
                draft.budget.clone(),
                draft.evaluation.clone(),
            );
            if known.insert(run.id.clone()) {
                plan.axes.insert(run.id.clone(), draft.axes.clone());
                plan.runs.push(run);
            }
        }
    }
}

/// Keeps the runs that `--only` names.
fn keep(plan: &mut Plan, overrides: &Overrides, sources: &mut Sources) -> Result<(), Fault> {
    let Some(pattern) = &overrides.only else { return Ok(()) };
    let mut labels: Vec<_> = plan.runs.iter().map(|run| run.agent.label.clone()).collect();
    plan.runs.retain(|run| {
        arguments::matches(pattern, &run.id) || arguments::matches(pattern, &run.agent.label)
    });
    if plan.runs.is_empty() {
        labels.sort();
        labels.dedup();
        return Err(arguments::nothing_kept(pattern, &labels, sources));
    }
    let kept: HashSet<_> = plan.runs.iter().map(|run| &run.id).collect();
    plan.axes.retain(|id, _| kept.contains(id));
    Ok(())
}

//! The whole expansion of a spec: text, metadata, sweep, runs.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use zerolab_agents::DeviceName;
use zerolab_metrics::labels::{agent_name, short_label, short_settings};
use zerolab_settings::read;

use super::arguments;
use super::catalogue::Catalogue;
use super::examinations::Examinations;
use super::exclude::{self, Exclusion};
use super::keys::{Key, Target, can_be_changed};
use super::known_keys::places;
use super::located_error::LocatedError;
use super::measures;
use super::metadata;
use super::node::{Node, parse};
use super::published;
use super::resolve::{Resolver, agent_section};
use super::sections::{MAX_RUNS, Spec};
use super::similar::ending_in;
use super::source::{Sources, Span};
use super::sweep::{self, Assignment, Block, SweepContext};
use super::unseeded_run::UnseededRun;
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::ResolvedRun;
use crate::plan::{Overrides, Plan, Repeat};

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
    check_sections(&root, &spec).map_err(elsewhere)?;
    let mut experiment = metadata::read(&root, &spec, catalogue.figures.as_deref())?;
    let mut named = spec.experiment.clone();
    arguments::rename(overrides, &mut named, sources)?;
    experiment.name = named.name;
    metadata::check_includes(&root, &experiment)?;
    published::check(&root, &spec)?;
    let agents = agent_names(&root, &spec)?;
    let context = SweepContext { agents: &agents, sweep_seed: spec.experiment.sweep_seed };
    let blocks = sweep::read(root.get("sweep"), context).map_err(changeable)?;
    let settings = arguments::settings(overrides, &agents, sources).map_err(changeable)?;
    let seeds = spec.experiment.seeds.to_vec();
    let chosen_seeds = arguments::seeds(overrides, &seeds, sources)?;
    let mut resolver = Resolver::new(catalogue, &root, sources)?;
    let mut examinations = Examinations::read(&root, spec.records.weights).map_err(elsewhere)?;
    let variants = variants(blocks, &settings, &agents, &mut examinations, &mut resolver)
        .map_err(elsewhere)?;
    if !variants.is_empty() {
        examinations.check_used()?;
    }
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
    let mut plan = Plan {
        spec_path: path.to_owned(),
        experiment,
        runs: Vec::new(),
        all_runs: Vec::new(),
        axes: BTreeMap::new(),
        repeats: Vec::new(),
        examinations: BTreeMap::new(),
        slurm: spec.launcher.slurm.clone(),
    };
    let shared = SharedSettings {
        device: overrides.device.unwrap_or(spec.experiment.device),
        checkpoint: spec.checkpoint.clone(),
        records: spec.records.clone(),
    };
    add_runs(&mut plan, variants, &seeds, &shared, &root)?;
    measures::check(&root, &spec, &plan)?;
    choose(&mut plan, chosen_seeds, overrides, sources)?;
    Ok(plan)
}

/// Checks that the sections are there that every run needs. A spec that only shows published results has no runs.
fn check_sections(root: &Node, spec: &Spec) -> Result<(), LocatedError> {
    if root.get("agents").is_none() && spec.published.is_some() {
        return Ok(());
    }
    let is_missing = |name: &&str| root.get(name).is_none();
    let needed = ["environment", "budget", "evaluation"].into_iter();
    let mut needed = needed.filter(|name| *name != "budget" || spec.phase.is_empty());
    match needed.find(is_missing) {
        None => Ok(()),
        Some(name) => {
            let error = LocatedError::new(root.span, format!("`{name}` is missing in the spec"));
            Err(error.with_example(name))
        }
    }
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
        if let Some(other) = short.insert(agent_name(name), name) {
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
    examinations: &mut Examinations,
    resolver: &mut Resolver<'_>,
) -> Result<Vec<UnseededRun>, LocatedError> {
    let mut variants = Vec::new();
    let mut exclusions = Vec::new();
    for mut block in blocks {
        for combination in &block.combinations {
            let assignments: Vec<_> = combination.iter().chain(settings).collect();
            for agent in agents {
                let mut variant = resolver.resolve(agent, &assignments)?;
                let mut is_excluded = false;
                for exclusion in &mut block.exclusions {
                    is_excluded |= exclusion.matches(&variant);
                }
                if !is_excluded {
                    variant.examinations = examinations.of(&variant, &assignments, resolver)?;
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
        exclusions.extend(block.exclusions);
    }
    exclude::check(&exclusions)?;
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

/// Adds every run with every seed. Variants that resolve to the same run are one run, with the name of the
/// first.
fn add_runs(
    plan: &mut Plan,
    variants: Vec<UnseededRun>,
    seeds: &[u64],
    shared: &SharedSettings,
    root: &Node,
) -> Result<(), LocatedError> {
    let mut names = HashMap::new();
    for variant in variants {
        let name = variant.name();
        let mut repeated = None;
        for &seed in seeds {
            let run = ResolvedRun {
                id: String::new(),
                experiment: plan.experiment.name.clone(),
                environment: variant.environment.clone(),
                agent: variant.agent.clone(),
                seed,
                budget: variant.budget.clone(),
                phases: variant.phases.clone(),
                evaluation: variant.evaluation.clone(),
                device: shared.device,
                checkpoint: shared.checkpoint.clone(),
                records: shared.records.clone(),
            };
            let run = run.identified();
            let agent = || agent_section(root, &variant.agent_name).key;
            if run.id.len() > MAX_ID {
                return Err(too_long(agent(), &run));
            }
            match names.entry(run.id.clone()) {
                Entry::Vacant(new) => {
                    new.insert((variant.agent_name.clone(), name.clone()));
                    plan.axes.insert(run.id.clone(), variant.axes.clone());
                    if !variant.examinations.is_empty() {
                        plan.examinations.insert(run.id.clone(), variant.examinations.clone());
                    }
                    plan.all_runs.push(run);
                }
                Entry::Occupied(known) if known.get().0 != variant.agent_name => {
                    return Err(same_folder(agent(), &known.get().0, &variant.agent_name));
                }
                Entry::Occupied(known) => {
                    repeated.get_or_insert_with(|| (run.id, known.get().1.clone()));
                }
            }
        }
        // A combination that differs only in settings that the agent does not have is no repetition.
        if let Some((id, first)) =
            repeated.filter(|(_, first)| variant.has_every_key || *first != name)
        {
            plan.repeats.push(Repeat { id, name, first });
        }
    }
    Ok(())
}

/// The most bytes of a run's id. File systems allow 255 in the name of a folder; copies of it may need some more.
const MAX_ID: usize = 240;

fn too_long(span: Span, run: &ResolvedRun) -> LocatedError {
    let message = format!("the folder name of a run would have {} letters", run.id.len());
    LocatedError::new(span, message).help(format!("shorten the agent's name: at most {MAX_ID} fit"))
}

/// The error of two agents that would train in the same folder, because their names become the same part of its name.
fn same_folder(span: Span, first: &str, second: &str) -> LocatedError {
    let message = format!("`{first}` and `{second}` have equal settings and the same folder names");
    LocatedError::new(span, message).help("give one of them another name")
}

/// Chooses the runs that `--seeds` and `--only` leave.
fn choose(
    plan: &mut Plan,
    seeds: &[u64],
    overrides: &Overrides,
    sources: &mut Sources,
) -> Result<(), LocatedError> {
    plan.runs = plan.all_runs.clone();
    plan.runs.retain(|run| seeds.contains(&run.seed));
    let Some(pattern) = &overrides.only else { return Ok(()) };
    let mut labels: Vec<_> = plan.runs.iter().map(|run| run.agent.label.clone()).collect();
    let Plan { runs, axes, .. } = &mut *plan;
    runs.retain(|run| {
        // Tables and figures show the short forms.
        let settings = axes.get(&run.id).map(short_settings).unwrap_or_default();
        let label = &run.agent.label;
        let names = [run.id.as_str(), label, &short_label(label), &settings];
        names.into_iter().any(|name| arguments::matches(pattern, name))
    });
    if plan.runs.is_empty() {
        labels.sort();
        labels.dedup();
        return Err(arguments::no_run_matches(pattern, &labels, sources));
    }
    let kept: HashSet<_> = plan.runs.iter().map(|run| &run.id).collect();
    plan.repeats.retain(|repeat| kept.contains(&repeat.id));
    Ok(())
}

//! The way through: spec, head, sweep, runs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use zerolab_agents::DeviceName;
use zerolab_environments::settings::read;

use super::arguments;
use super::catalogue::Catalogue;
use super::draft::Draft;
use super::exclude::Exclusion;
use super::fault::Fault;
use super::head;
use super::keys::{Key, Target};
use super::node::{Node, parse};
use super::published;
use super::resolve::Resolver;
use super::sections::{MOST_RUNS, Spec};
use super::source::Sources;
use super::sweep::{self, Around, Assignment, Block};
use crate::plan::persistence::{Checkpointing, Recording};
use crate::plan::resolved::{ResolvedRun, name_in};
use crate::plan::{Overrides, Plan};

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
    let experiment = head::read(&root, &spec, catalogue.figure_kinds.as_deref())?;
    published::check(&root, &spec)?;
    let agents = agent_names(&root, &spec)?;
    let around = Around { agents: &agents, sweep_seed: spec.experiment.sweep_seed };
    let blocks = sweep::read(root.get("sweep"), around)?;
    let settings = arguments::settings(overrides, &agents, sources)?;
    let seeds = arguments::seeds(overrides, &spec.experiment.seeds, sources)?;
    let mut resolver = Resolver::new(catalogue, &root, sources)?;
    let drafts = drafts(blocks, &settings, &agents, &mut resolver)?;
    if agents.is_empty() {
        resolver.check_tables()?;
    } else if drafts.is_empty() {
        let place = root.locate("sweep.exclude").key;
        return Err(Fault::new(place, "empty sweep: every combination is excluded"));
    }
    if (drafts.len() as u64).saturating_mul(seeds.len() as u64) > MOST_RUNS {
        let place = root.locate("experiment.seeds").span;
        return Err(Fault::new(place, format!("the spec asks for more than {MOST_RUNS} runs")));
    }
    let mut plan =
        Plan { spec_path: path.to_owned(), experiment, runs: Vec::new(), axes: BTreeMap::new() };
    let conduct = Conduct {
        device: overrides.device.unwrap_or(spec.experiment.device),
        checkpoint: spec.checkpoint.clone(),
        records: spec.records.clone(),
    };
    add_runs(&mut plan, drafts, &seeds, &conduct);
    head::check_hypothesis(&root, &spec, &plan.runs)?;
    keep(&mut plan, overrides, sources)?;
    Ok(plan)
}

/// The names of the agents, in the order of the spec; none only where others' results are shown instead.
fn agent_names(root: &Node, spec: &Spec) -> Result<Vec<String>, Fault> {
    let Some(agents) = root.get("agents") else {
        return match spec.published {
            Some(_) => Ok(Vec::new()),
            None => Err(Fault::new(root.span, "`agents` is missing in the spec")),
        };
    };
    if agents.entries().is_empty() {
        return Err(Fault::new(agents.span, "there is no agent in the spec")
            .help("write `[agents.NAME]`, where NAME is a preset"));
    }
    let mut short = HashMap::new();
    for (name, node) in agents.entries() {
        if let Some(other) = short.insert(name_in(name), name) {
            let message = format!("`{other}` and `{name}` have the same name");
            return Err(
                Fault::new(node.key, message).help("what follows ` [` is no part of a name")
            );
        }
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
        let set = block.combinations.iter().flatten().chain(settings).map(|setting| &setting.key);
        let conditions = block.exclusions.iter().filter_map(Exclusion::unknown_key);
        // A key with `*` that concerns no agent is a slip, and so is a condition on what no run has.
        let idle = set.filter(|key| key.target == Target::EveryAgent && !resolver.has_matched(key));
        if let Some(key) = idle.chain(conditions).next() {
            return Err(no_such_key(key, &drafts));
        }
    }
    Ok(drafts)
}

fn no_such_key(key: &Key, drafts: &[Draft]) -> Fault {
    let known: BTreeSet<_> = drafts.iter().flat_map(Draft::keys).collect();
    let known: Vec<_> = known.into_iter().collect();
    Fault::new(key.span, format!("no run has the key `{}`", key.written))
        .suggest(&key.written, &known)
}

/// What is alike in all runs, and no part of what they are.
struct Conduct {
    device: DeviceName,
    checkpoint: Checkpointing,
    records: Recording,
}

/// Every draft with every seed. Variants that come to the same run are one run.
fn add_runs(plan: &mut Plan, drafts: Vec<Draft>, seeds: &[u64], conduct: &Conduct) {
    let mut known = HashSet::new();
    for draft in drafts {
        for &seed in seeds {
            let run = ResolvedRun {
                id: String::new(),
                experiment: plan.experiment.name.clone(),
                environment: draft.environment.clone(),
                agent: draft.agent.clone(),
                seed,
                budget: draft.budget.clone(),
                evaluation: draft.evaluation.clone(),
                device: conduct.device,
                checkpoint: conduct.checkpoint.clone(),
                records: conduct.records.clone(),
            };
            let run = run.identified();
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

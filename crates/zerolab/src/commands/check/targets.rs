//! Which environments are checked: one by its name, or all of a spec.

use std::cell::RefCell;
use std::path::Path;

use zerolab_environments::checking::Rule;
use zerolab_environments::{
    Environment, EnvironmentEntry, Environments, SettingsError, Surroundings, entries, find,
};
use zerolab_experiments::error::RunError;
use zerolab_experiments::plan::Overrides;
use zerolab_experiments::spec::load_file;

use super::super::check_name;
use crate::environment_settings::read_settings;
use crate::error::CommandError;
use crate::plan_arguments::catalogue;

const TRAINING: &str = "training";
const EVALUATION: &str = "evaluation";

/// Instances that are made at once.
const MADE_AT_ONCE: usize = 16;

/// An environment with its settings.
pub struct Target {
    entry: &'static EnvironmentEntry,
    /// All settings, also those that have their default.
    pub settings: toml::Table,
    /// What the runs of a spec use it for. Empty for an environment that was named.
    pub used_for: Vec<&'static str>,
    /// Instances that were made and not used yet.
    made: RefCell<Environments>,
}

impl Target {
    /// The name of the environment.
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// What the author of the environment should do where it breaks the rule.
    pub fn advice(&self, rule: Rule) -> &'static str {
        (self.entry.advice)(rule)
    }

    /// An instance. Several are made at once: those of a user in Python then share a process.
    pub fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let mut made = self.made.borrow_mut();
        match made.pop() {
            Some(environment) => Ok(environment),
            None => {
                *made = (self.entry.make_lanes)(&self.settings, MADE_AT_ONCE - 1)?;
                (self.entry.make)(&self.settings)
            }
        }
    }

    /// The settings that differ from the defaults, as `KEY = VALUE`, without those that no user writes.
    pub fn changed_settings(&self) -> Vec<String> {
        let defaults = (self.entry.resolve)(&toml::Table::new()).unwrap_or_default();
        let schema = (self.entry.schema)();
        let is_written = |key: &str| {
            schema.get("properties").and_then(|properties| properties.get(key)).is_some()
        };
        let changed = self.settings.iter().filter(|(key, value)| defaults.get(*key) != Some(value));
        let changed = changed.filter(|(key, _)| is_written(key));
        changed.map(|(key, value)| format!("{key} = {value}")).collect()
    }
}

/// The environments of a spec or of a name.
pub fn targets(subject: &Path, set: &[String]) -> Result<Vec<Target>, CommandError> {
    if subject.extension().is_some_and(|extension| extension == "toml") {
        return of_spec(subject, set);
    }
    let name = subject.to_string_lossy();
    let mut targets = Vec::new();
    check_name("environment", &name, entries().iter().map(|entry| entry.name))?;
    let settings = completed(&name, &read_settings(set)?)?;
    add(&mut targets, &name, &settings, None)?;
    Ok(targets)
}

/// The settings with what is found when the environment is started, if it is outside of this program.
fn completed(name: &str, settings: &toml::Table) -> Result<toml::Table, CommandError> {
    let Some(entry) = find(name) else { return Ok(settings.clone()) };
    let folder = std::env::current_dir().ok();
    let surroundings = Surroundings { folder, memory: None, may_start: true };
    let resolved = (entry.resolve)(settings);
    let completed = resolved.and_then(|settings| (entry.complete)(&settings, &surroundings));
    completed.map_err(|error| CommandError::Arguments(format!("`{name}`: {error}")))
}

/// Every distinct environment in which the runs of a spec train or are evaluated.
fn of_spec(spec: &Path, set: &[String]) -> Result<Vec<Target>, CommandError> {
    let overrides = Overrides { set: set.to_vec(), ..Overrides::default() };
    let surroundings = Surroundings::of_spec(spec, Path::new("results"), true);
    let plan = load_file(spec, &overrides, &catalogue(surroundings))?;
    let mut targets = Vec::new();
    for run in &plan.runs {
        for phase in run.training_phases() {
            let mut training = run.environment.clone();
            training.options = phase.environment;
            add(&mut targets, &training.name, &training.options, Some(TRAINING))?;
            let evaluation = run.evaluated_in(training);
            add(&mut targets, &evaluation.name, &evaluation.options, Some(EVALUATION))?;
        }
    }
    if targets.is_empty() {
        let message = format!("{} has no runs, so there is nothing to check", spec.display());
        return Err(CommandError::Arguments(message));
    }
    Ok(targets)
}

/// Adds an environment, or a further use of one that is among the `targets`.
fn add(
    targets: &mut Vec<Target>,
    name: &str,
    settings: &toml::Table,
    used_for: Option<&'static str>,
) -> Result<(), CommandError> {
    check_name("environment", name, entries().iter().map(|entry| entry.name))?;
    let Some(entry) = find(name) else { return Ok(()) };
    if let Some(feature) = entry.missing_feature {
        return Err(RunError::NotBuilt { name: name.to_owned(), feature }.into());
    }
    let settings = match used_for {
        Some(EVALUATION) => (entry.for_evaluation)(settings),
        _ => (entry.resolve)(settings),
    };
    let settings =
        settings.map_err(|error| CommandError::Arguments(format!("`{name}`: {error}")))?;
    let known = |it: &&mut Target| it.name() == entry.name && it.settings == settings;
    if let Some(target) = targets.iter_mut().find(known) {
        target.used_for.extend(used_for.filter(|used_for| !target.used_for.contains(used_for)));
        return Ok(());
    }
    let (used_for, made) = (used_for.into_iter().collect(), RefCell::default());
    targets.push(Target { entry, settings, used_for, made });
    Ok(())
}

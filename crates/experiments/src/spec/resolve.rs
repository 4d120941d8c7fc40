//! Completes and checks the settings of one agent for one combination of the sweep.
//!
//! Lowest priority first: preset, `[agents.NAME]`, sweep, `--set`. The merged tables go to `resolve` of the
//! registry. An error points at the text that set the value last.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::de::DeserializeOwned;
use serde_json::Value;
use zerolab_environments::Surroundings;
use zerolab_metrics::labels::agent_label;
use zerolab_settings::SettingsError;
use zerolab_settings::read;

use super::catalogue::{Catalogue, Configurable};
use super::choices::{Choices, paths};
use super::examinations::check_shape;
use super::keys::Key;
use super::layers::{Layers, Scope};
use super::located_error::LocatedError;
use super::node::{Content, Node, parse};
use super::phases::WrittenPhases;
use super::similar::ending_in;
use super::source::Sources;
use super::sweep::Assignment;
use super::unseeded_run::UnseededRun;
use crate::plan::phases::TrainingPhase;
use crate::plan::resolved::{AgentChoice, Budget, EnvironmentChoice, EvaluationSchedule};

/// Resolves the agents of a spec for combinations of the sweep.
pub(super) struct Resolver<'a> {
    spec: &'a Node,
    environments: Vec<WithSchema<'a>>,
    presets: Vec<LoadedPreset<'a>>,
    /// Each agent's settings for each preset before sweep and `--set`. They tell whether a key with `*`
    /// applies.
    bases: HashMap<(String, &'static str), toml::Table>,
    /// The keys with `*` that applied to some agent.
    matched: Vec<Key>,
    surroundings: &'a Surroundings,
    /// The completed settings of environments, by name and settings.
    completed: RefCell<HashMap<String, toml::Table>>,
}

/// An entry of the catalogue and the schema of its settings.
struct WithSchema<'a> {
    entry: &'a Configurable,
    schema: Value,
}

struct LoadedPreset<'a> {
    name: &'static str,
    /// The number of its text in [`Sources`].
    source: usize,
    agent: WithSchema<'a>,
    settings: Node,
}

impl<'a> WithSchema<'a> {
    fn new(entry: &'a Configurable) -> Self {
        Self { entry, schema: (entry.schema)().to_value() }
    }

    fn choices(&self) -> Choices<'_> {
        Choices::new(&self.schema)
    }

    fn resolve(&self, settings: &Node, what: &str) -> Result<toml::Table, LocatedError> {
        let resolved = (self.entry.resolve)(&settings.to_table());
        resolved.map_err(|error| {
            LocatedError::from_settings(settings, &error, what)
                .or_elsewhere(|key| ending_in(paths(&self.schema), key))
        })
    }
}

impl LoadedPreset<'_> {
    /// The settings of the preset, with `[agents.NAME]` merged into them.
    fn under(&self, spec: &Node, name: &str) -> Node {
        let mut settings = self.settings.clone();
        settings.merge(&agent_section(spec, name).without("preset"), self.agent.choices());
        settings
    }

    /// The complete settings of the agent `name`.
    fn resolve(&self, name: &str, settings: &Node) -> Result<toml::Table, LocatedError> {
        let resolved = self.agent.resolve(settings, &format!("the agent `{name}`"));
        let help = format!("the setting comes from the preset `{}`", self.name);
        resolved.map_err(|error| error.not_in(self.source, settings.span, help))
    }
}

impl<'a> Resolver<'a> {
    /// A resolver for the spec `spec`.
    pub fn new(
        catalogue: &'a Catalogue,
        spec: &'a Node,
        sources: &mut Sources,
    ) -> Result<Self, LocatedError> {
        let preset = |preset: &super::catalogue::Preset| {
            let source = sources.add_file(format!("preset {}", preset.name), preset.toml.into());
            let node = parse(source, preset.toml)?;
            let name = node.get("agent").and_then(Node::as_str).unwrap_or_default();
            let kind = catalogue.agents.iter().find(|kind| kind.name == name);
            let kind =
                kind.ok_or_else(|| LocatedError::new(node.span, format!("no agent `{name}`")))?;
            let settings = node.without("agent");
            Ok(LoadedPreset { name: preset.name, source, agent: WithSchema::new(kind), settings })
        };
        Ok(Self {
            spec,
            environments: catalogue.environments.iter().map(WithSchema::new).collect(),
            presets: catalogue.presets.iter().map(preset).collect::<Result<_, LocatedError>>()?,
            bases: HashMap::new(),
            matched: Vec::new(),
            surroundings: &catalogue.surroundings,
            completed: RefCell::default(),
        })
    }

    /// The run of the agent `name` with these assignments, without a seed.
    pub fn resolve(
        &mut self,
        name: &str,
        assignments: &[&Assignment],
    ) -> Result<UnseededRun, LocatedError> {
        let layers = self.layers(name, assignments)?;
        let swept = assignments.iter().filter(|assignment| assignment.is_swept()).count();
        self.variant(name, &layers, swept).map_err(|error| layers.explain(error, name))
    }

    /// Whether a key with `*` has applied to any agent.
    pub fn has_matched(&self, key: &Key) -> bool {
        self.matched.contains(key)
    }

    /// The assignments that apply to an agent.
    fn layers<'b>(
        &mut self,
        name: &str,
        assignments: &[&'b Assignment],
    ) -> Result<Layers<'b>, LocatedError> {
        let is_preset = |setting: &Assignment| setting.key.path == ["preset"];
        let all = || assignments.iter().copied();
        let index = self.preset(name, &Layers::new(name, all(), is_preset))?;
        let preset = &self.presets[index];
        let base = match self.bases.entry((name.to_owned(), preset.name)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(preset.resolve(name, &preset.under(self.spec, name))?),
        };
        let choices = preset.agent.choices();
        let matched = &mut self.matched;
        Ok(Layers::new(name, all(), |setting| {
            let has = is_preset(setting) || choices.has(Some(base), &setting.key.path);
            if has && !matched.contains(&setting.key) {
                matched.push(setting.key.clone());
            }
            has
        }))
    }

    /// Checks environment, budget and evaluation of a spec without agents.
    pub fn check_tables(&self) -> Result<(), LocatedError> {
        let nothing = Layers::new("", [], |_| false);
        if self.table("environment").get("name").is_some() {
            self.environment(&nothing)?;
        }
        let phases = WrittenPhases::read(self.spec, &nothing)?;
        if ["budget", "phase"].iter().any(|name| self.spec.get(name).is_some()) {
            self.budget(&phases, &nothing)?;
        }
        if self.spec.get("evaluation").is_some() {
            self.evaluation(&nothing, &[])?;
        }
        Ok(())
    }

    fn variant(
        &self,
        name: &str,
        layers: &Layers<'_>,
        swept: usize,
    ) -> Result<UnseededRun, LocatedError> {
        let preset = &self.presets[self.preset(name, layers)?];
        let choices = preset.agent.choices();
        let mut settings = preset.under(self.spec, name);
        layers.lay_over(&mut settings, Scope::Agent, choices, "preset");
        let axes = layers.axes();
        let agent = AgentChoice {
            label: agent_label(name, &axes, &[]),
            preset: preset.name.to_owned(),
            kind: preset.agent.entry.name.to_owned(),
            settings: preset.resolve(name, &settings)?,
        };
        let written = WrittenPhases::read(self.spec, layers)?;
        let budget = self.budget(&written, layers)?;
        let (environment, phases) = written.resolve(self.environment(layers)?, &budget, self)?;
        let of_phase = |phase: &TrainingPhase| EnvironmentChoice {
            options: phase.environment.clone(),
            ..environment.clone()
        };
        let trained = match &phases[..] {
            [] => vec![environment.clone()],
            phases => phases.iter().map(of_phase).collect(),
        };
        Ok(UnseededRun {
            evaluation: self.evaluation(layers, &trained)?,
            environment,
            agent_name: name.to_owned(),
            agent,
            budget,
            phases,
            has_every_key: axes.len() == swept,
            axes,
            examinations: Vec::new(),
        })
    }

    /// The budget of a run with these phases.
    fn budget(&self, phases: &WrittenPhases, layers: &Layers<'_>) -> Result<Budget, LocatedError> {
        let empty = Node { content: Content::Table(Vec::new()), ..*self.spec };
        let mut table = self.spec.get("budget").unwrap_or(&empty).clone();
        layers.lay_over(&mut table, Scope::Budget, Choices::default(), "");
        self.section(&phases.complete(&table)?, "budget", Scope::Budget, layers, Budget::check)
    }

    /// The index of the preset that an agent starts from.
    fn preset(&self, name: &str, layers: &Layers<'_>) -> Result<usize, LocatedError> {
        let section = agent_section(self.spec, name);
        let named = layers.value(Scope::Agent, "preset").or_else(|| section.get("preset"));
        let wanted = named.map_or(Some(name), Node::as_str);
        if let Some(index) = self.presets.iter().position(|preset| Some(preset.name) == wanted) {
            return Ok(index);
        }
        let names: Vec<_> = self.presets.iter().map(|preset| preset.name).collect();
        Err(match (named, wanted) {
            (Some(node), Some(wanted)) => {
                LocatedError::new(node.span, format!("unknown preset `{wanted}`"))
                    .suggest(wanted, &names)
            }
            (Some(node), None) => {
                LocatedError::new(node.span, "`preset` must be the name of a preset, a string")
                    .suggest("", &names)
            }
            (None, _) => LocatedError::new(section.key, format!("no preset is called `{name}`"))
                .suggest(name, &names)
                .help("an agent with another name needs a preset: `preset = \"NAME\"`"),
        })
    }

    fn environment(&self, layers: &Layers<'_>) -> Result<EnvironmentChoice, LocatedError> {
        let mut settings = self.table("environment").clone();
        let names: Vec<_> =
            self.environments.iter().map(|environment| environment.entry.name).collect();
        let named = layers.value(Scope::Environment, "name").or_else(|| settings.get("name"));
        let Some(node) = named else {
            let error = LocatedError::new(settings.span, "`name` is missing in the environment");
            return Err(error.suggest("", &names));
        };
        let Some(name) = node.as_str() else {
            let error =
                LocatedError::new(node.span, "`name` must be the name of an environment, a string");
            return Err(error.suggest("", &names));
        };
        let Some(environment) =
            self.environments.iter().find(|environment| environment.entry.name == name)
        else {
            let error = LocatedError::new(node.span, format!("unknown environment `{name}`"));
            return Err(error.suggest(name, &names));
        };
        let name = name.to_owned();
        settings = settings.without("name");
        layers.lay_over(&mut settings, Scope::Environment, environment.choices(), "name");
        let what = format!("the environment `{name}`");
        let options = environment.resolve(&settings, &what)?;
        let options = self.completed(&name, options).map_err(|error| {
            let error = LocatedError::from_settings(&settings, &error, &what);
            error.or_elsewhere(|key| ending_in(paths(&environment.schema), key))
        })?;
        Ok(EnvironmentChoice { name, options })
    }

    /// The settings of an environment with what is found outside of the program. The same settings are completed once.
    fn completed(&self, name: &str, options: toml::Table) -> Result<toml::Table, SettingsError> {
        let Some(entry) = zerolab_environments::find(name) else { return Ok(options) };
        let key = format!("{name} {options}");
        if let Some(known) = self.completed.borrow().get(&key) {
            return Ok(known.clone());
        }
        let completed = (entry.complete)(&options, self.surroundings)?;
        self.completed.borrow_mut().insert(key, completed.clone());
        Ok(completed)
    }

    /// When a run is evaluated that is trained in these environments, and in which one.
    fn evaluation(
        &self,
        layers: &Layers<'_>,
        trained: &[EnvironmentChoice],
    ) -> Result<EvaluationSchedule, LocatedError> {
        let table = self.table("evaluation");
        let mut schedule: EvaluationSchedule = self.section(
            table,
            "evaluation",
            Scope::Evaluation,
            layers,
            EvaluationSchedule::check,
        )?;
        let place = table.locate("environment");
        let mut changed = schedule.environment.clone();
        for environment in trained.iter().filter(|_| !schedule.environment.is_empty()) {
            let (evaluated, complete) =
                self.laid_over(environment, &schedule.environment, place)?;
            check_shape(environment, &evaluated, place.key)?;
            changed = complete;
        }
        schedule.environment = changed;
        Ok(schedule)
    }

    /// An environment with some of its settings changed, and these settings as complete settings have them: 1 becomes
    /// 1.0 where a setting is a fraction.
    pub(super) fn laid_over(
        &self,
        environment: &EnvironmentChoice,
        changed: &toml::Table,
        place: &Node,
    ) -> Result<(EnvironmentChoice, toml::Table), LocatedError> {
        let name = environment.name.clone();
        let entry = self.environments.iter().find(|it| it.entry.name == name);
        let Some(entry) = entry.filter(|_| !changed.is_empty()) else {
            return Ok((environment.clone(), changed.clone()));
        };
        let mut options = environment.options.clone();
        options.extend(changed.clone());
        let resolved = (entry.entry.resolve)(&options);
        let options = resolved.and_then(|it| self.completed(&name, it)).map_err(|error| {
            LocatedError::from_settings(place, &error, &format!("the environment `{name}`"))
        })?;
        // What was found of the environment may have changed too.
        let is_changed = |key: &String, value: &toml::Value| {
            changed.contains_key(key) || environment.options.get(key) != Some(value)
        };
        let all = options.iter().filter(|(key, value)| is_changed(key, value));
        let changed = all.map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok((EnvironmentChoice { name, options }, changed))
    }

    /// Reads and checks a table that has the same keys for every run.
    fn section<T: DeserializeOwned>(
        &self,
        table: &Node,
        name: &str,
        scope: Scope,
        layers: &Layers<'_>,
        check: fn(&T) -> Result<(), SettingsError>,
    ) -> Result<T, LocatedError> {
        let mut settings = table.clone();
        layers.lay_over(&mut settings, scope, Choices::default(), "");
        let checked = read(&settings.to_table()).and_then(|table| check(&table).map(|()| table));
        checked
            .map_err(|error| LocatedError::from_settings(&settings, &error, &format!("`[{name}]`")))
    }

    /// A top-level table of the spec. If it is missing, the whole spec, so that an error has a place.
    fn table(&self, name: &str) -> &'a Node {
        self.spec.get(name).unwrap_or(self.spec)
    }
}

/// `[agents.NAME]`. If it is missing, the whole spec, so that an error has a place.
pub(super) fn agent_section<'a>(spec: &'a Node, name: &str) -> &'a Node {
    spec.get("agents").and_then(|agents| agents.get(name)).unwrap_or(spec)
}

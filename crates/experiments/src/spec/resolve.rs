//! One agent under one combination of the sweep, made complete and checked.
//!
//! Lowest first: preset, `[agents.NAME]`, sweep, `--set`. The merged tables go to the registry's
//! `resolve`, and what it finds wrong is pointed at in the text that had the last word.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::de::DeserializeOwned;
use serde_json::Value;
use zerolab_environments::SettingsError;
use zerolab_environments::settings::read;

use super::catalogue::{Catalogue, Kind};
use super::choices::Choices;
use super::draft::Draft;
use super::fault::Fault;
use super::keys::Key;
use super::layers::{Layers, Scope};
use super::node::{Node, parse};
use super::source::Sources;
use super::sweep::Assignment;
use crate::plan::resolved::{AgentChoice, Budget, Environment, Evaluation};

/// Resolves agents under combinations.
pub(super) struct Resolver<'a> {
    spec: &'a Node,
    environments: Vec<Known<'a>>,
    presets: Vec<Preset<'a>>,
    /// Each agent's settings from each preset before sweep and `--set`: where `*` looks for keys.
    bases: HashMap<(String, &'static str), toml::Table>,
    /// The keys with `*` that concerned some agent.
    matched: Vec<Key>,
}

/// Something with settings, and their schema.
struct Known<'a> {
    kind: &'a Kind,
    schema: Value,
}

struct Preset<'a> {
    name: &'static str,
    /// The number of its text.
    source: usize,
    agent: Known<'a>,
    settings: Node,
}

impl<'a> Known<'a> {
    fn new(kind: &'a Kind) -> Self {
        Self { kind, schema: (kind.schema)().to_value() }
    }

    fn choices(&self) -> Choices<'_> {
        Choices::new(&self.schema)
    }

    fn resolve(&self, settings: &Node, what: &str) -> Result<toml::Table, Fault> {
        let resolved = (self.kind.resolve)(&settings.to_table());
        resolved.map_err(|error| Fault::from_settings(settings, &error, what))
    }
}

impl Preset<'_> {
    /// Its settings with `[agents.NAME]` over them.
    fn under(&self, spec: &Node, name: &str) -> Node {
        let mut settings = self.settings.clone();
        settings.merge(&agent_section(spec, name).without("preset"), self.agent.choices());
        settings
    }

    /// The complete settings of the agent `name`.
    fn resolve(&self, name: &str, settings: &Node) -> Result<toml::Table, Fault> {
        let resolved = self.agent.resolve(settings, &format!("the agent `{name}`"));
        let help = format!("the setting stands in the preset `{}`", self.name);
        resolved.map_err(|fault| fault.not_in(self.source, settings.span, help))
    }
}

impl<'a> Resolver<'a> {
    /// A resolver for the spec whose tree is `spec`.
    pub fn new(
        catalogue: &'a Catalogue,
        spec: &'a Node,
        sources: &mut Sources,
    ) -> Result<Self, Fault> {
        let preset = |preset: &super::catalogue::Preset| {
            let source = sources.add_file(format!("preset {}", preset.name), preset.toml.into());
            let node = parse(source, preset.toml)?;
            let name = node.get("agent").and_then(Node::as_str).unwrap_or_default();
            let kind = catalogue.agents.iter().find(|kind| kind.name == name);
            let kind = kind.ok_or_else(|| Fault::new(node.span, format!("no agent `{name}`")))?;
            let settings = node.without("agent");
            Ok(Preset { name: preset.name, source, agent: Known::new(kind), settings })
        };
        Ok(Self {
            spec,
            environments: catalogue.environments.iter().map(Known::new).collect(),
            presets: catalogue.presets.iter().map(preset).collect::<Result<_, Fault>>()?,
            bases: HashMap::new(),
            matched: Vec::new(),
        })
    }

    /// The run of the agent `name` with these assignments.
    pub fn resolve(&mut self, name: &str, assignments: &[&Assignment]) -> Result<Draft, Fault> {
        let layers = self.layers(name, assignments)?;
        self.draft(name, &layers).map_err(|fault| layers.explain(fault, name))
    }

    /// Whether a key with `*` concerned some agent so far.
    pub fn has_matched(&self, key: &Key) -> bool {
        self.matched.contains(key)
    }

    /// What of the assignments concerns an agent.
    fn layers<'b>(
        &mut self,
        name: &str,
        assignments: &[&'b Assignment],
    ) -> Result<Layers<'b>, Fault> {
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

    /// Checks the tables that are alike for all agents, where there is none that would be resolved with them.
    pub fn check_tables(&self) -> Result<(), Fault> {
        let nothing = Layers::new("", [], |_| false);
        if self.table("environment").get("name").is_some() {
            self.environment(&nothing)?;
        }
        self.section("budget", Scope::Budget, &nothing, Budget::check)?;
        self.section("evaluation", Scope::Evaluation, &nothing, Evaluation::check)?;
        Ok(())
    }

    fn draft(&self, name: &str, layers: &Layers<'_>) -> Result<Draft, Fault> {
        let preset = &self.presets[self.preset(name, layers)?];
        let choices = preset.agent.choices();
        let mut settings = preset.under(self.spec, name);
        layers.lay_over(&mut settings, Scope::Agent, choices, "preset");
        let agent = AgentChoice {
            label: layers.label(name),
            preset: preset.name.to_owned(),
            kind: preset.agent.kind.name.to_owned(),
            settings: preset.resolve(name, &settings)?,
        };
        Ok(Draft {
            environment: self.environment(layers)?,
            agent_name: name.to_owned(),
            agent,
            budget: self.section("budget", Scope::Budget, layers, Budget::check)?,
            evaluation: self.section("evaluation", Scope::Evaluation, layers, Evaluation::check)?,
            axes: layers.axes(),
        })
    }

    /// Which preset an agent starts from.
    fn preset(&self, name: &str, layers: &Layers<'_>) -> Result<usize, Fault> {
        let section = agent_section(self.spec, name);
        let named = layers.value(Scope::Agent, "preset").or_else(|| section.get("preset"));
        let wanted = named.map_or(Some(name), Node::as_str);
        if let Some(index) = self.presets.iter().position(|preset| Some(preset.name) == wanted) {
            return Ok(index);
        }
        let names: Vec<_> = self.presets.iter().map(|preset| preset.name).collect();
        Err(match (named, wanted) {
            (Some(node), Some(wanted)) => {
                Fault::new(node.span, format!("unknown preset `{wanted}`")).suggest(wanted, &names)
            }
            (Some(node), None) => {
                Fault::new(node.span, "`preset` is the name of a preset, a string")
                    .suggest("", &names)
            }
            (None, _) => Fault::new(section.key, format!("no preset is called `{name}`"))
                .suggest(name, &names)
                .help("an agent of another name says where it starts: `preset = \"NAME\"`"),
        })
    }

    fn environment(&self, layers: &Layers<'_>) -> Result<Environment, Fault> {
        let mut settings = self.table("environment").clone();
        let names: Vec<_> = self.environments.iter().map(|known| known.kind.name).collect();
        let named = layers.value(Scope::Environment, "name").or_else(|| settings.get("name"));
        let Some(node) = named else {
            let fault = Fault::new(settings.span, "`name` is missing in the environment");
            return Err(fault.suggest("", &names));
        };
        let Some(name) = node.as_str() else {
            let fault = Fault::new(node.span, "`name` is the name of an environment, a string");
            return Err(fault.suggest("", &names));
        };
        let Some(known) = self.environments.iter().find(|known| known.kind.name == name) else {
            let fault = Fault::new(node.span, format!("unknown environment `{name}`"));
            return Err(fault.suggest(name, &names));
        };
        let name = name.to_owned();
        settings = settings.without("name");
        layers.lay_over(&mut settings, Scope::Environment, known.choices(), "name");
        let options = known.resolve(&settings, &format!("the environment `{name}`"))?;
        Ok(Environment { name, options })
    }

    /// Reads and checks a table whose keys are the same for every run.
    fn section<T: DeserializeOwned>(
        &self,
        name: &str,
        scope: Scope,
        layers: &Layers<'_>,
        check: fn(&T) -> Result<(), SettingsError>,
    ) -> Result<T, Fault> {
        let mut settings = self.table(name).clone();
        layers.lay_over(&mut settings, scope, Choices::default(), "");
        let checked = read(&settings.to_table()).and_then(|table| check(&table).map(|()| table));
        checked.map_err(|error| Fault::from_settings(&settings, &error, &format!("`[{name}]`")))
    }

    /// A top-level table of the spec; the whole spec stands for one that is not there.
    fn table(&self, name: &str) -> &'a Node {
        self.spec.get(name).unwrap_or(self.spec)
    }
}

/// `[agents.NAME]`; the whole spec stands for one that is not there.
fn agent_section<'a>(spec: &'a Node, name: &str) -> &'a Node {
    spec.get("agents").and_then(|agents| agents.get(name)).unwrap_or(spec)
}

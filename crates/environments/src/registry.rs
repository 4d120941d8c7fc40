//! Every environment by its name: one line each.

use std::sync::LazyLock;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::environment::{Description, Environment};
use crate::settings::{self, SettingsError};
use crate::{atari, board, cartpole, catch, minatar};

/// All environments, in the order in which they are listed.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let own = [
        Entry::of::<board::connect4::Settings>(),
        Entry::of::<board::tictactoe::Settings>(),
        Entry::of::<cartpole::Settings>(),
        Entry::of::<catch::Settings>(),
        Entry::of::<minatar::asterix::Settings>(),
        Entry::of::<minatar::breakout::Settings>(),
        Entry::of::<minatar::freeway::Settings>(),
        Entry::of::<minatar::seaquest::Settings>(),
        Entry::of::<minatar::space_invaders::Settings>(),
    ];
    atari::games::entries().chain(own).collect()
});

/// What an environment's file gives the registry: the type of its options.
pub trait Options: Serialize + DeserializeOwned + JsonSchema {
    /// The name that a spec uses.
    const NAME: &'static str;
    /// One line for a list.
    const SUMMARY: &'static str;
    /// The feature without which this program was built and cannot make the environment.
    const LACKS: Option<&'static str> = None;

    /// Whether the values are possible.
    ///
    /// # Errors
    /// The first option whose value is not, and what would be.
    fn check(&self) -> Result<(), SettingsError>;

    /// What an agent is told of the environment with these options: known where it cannot be made, too.
    ///
    /// # Errors
    /// As [`Options::make`], unless told otherwise.
    fn describe(&self) -> Result<Description, SettingsError> {
        Ok(self.make()?.description().clone())
    }

    /// The environment with these options, before its first episode.
    ///
    /// # Errors
    /// If it needs a file that cannot be had, or a feature that this program was built without.
    fn make(&self) -> Result<Box<dyn Environment>, SettingsError>;

    /// The options under which an agent is evaluated that trains under these, where they are not the same. What it
    /// sees and can do is.
    #[must_use]
    fn for_evaluation(self) -> Self {
        self
    }
}

/// An environment that a spec can name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name that a spec uses.
    pub name: &'static str,
    /// One line for a list.
    pub summary: &'static str,
    /// The feature without which this program was built and cannot make the environment.
    pub lacks: Option<&'static str>,
    /// Options as written, to complete and checked ones.
    pub resolve: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// JSON Schema of the options.
    pub schema: fn() -> Schema,
    /// The options under which an agent is evaluated that trains under these; the same for most.
    pub for_evaluation: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// What an agent is told of the environment with these options.
    pub describe: fn(&toml::Table) -> Result<Description, SettingsError>,
    /// The environment with these options, before its first episode.
    pub make: fn(&toml::Table) -> Result<Box<dyn Environment>, SettingsError>,
}

impl Entry {
    pub(crate) fn of<O: Options>() -> Self {
        Self {
            name: O::NAME,
            summary: O::SUMMARY,
            lacks: O::LACKS,
            resolve: |table| settings::write(&read::<O>(table)?),
            schema: || schemars::schema_for!(O),
            for_evaluation: |table| settings::write(&read::<O>(table)?.for_evaluation()),
            describe: |table| read::<O>(table)?.describe(),
            make: |table| read::<O>(table)?.make(),
        }
    }
}

fn read<O: Options>(table: &toml::Table) -> Result<O, SettingsError> {
    let options: O = settings::read(table)?;
    options.check()?;
    Ok(options)
}

/// All environments.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The environment of that name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

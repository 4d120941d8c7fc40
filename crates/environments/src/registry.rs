//! All environments by name, one line each.

use zerolab_registry::{Named, Registry, RegistryError};

use crate::entry::EnvironmentEntry;
use crate::{atari, board, cartpole, catch, decision, gridworlds, minatar, python};

static ENVIRONMENTS: Registry<EnvironmentEntry> = Registry::new("environment", built_in);

/// The environments of this crate, in the order of lists.
fn built_in() -> Vec<EnvironmentEntry> {
    let others = [
        EnvironmentEntry::of::<board::connect4::Settings>(),
        EnvironmentEntry::of::<board::pawns::Settings>(),
        EnvironmentEntry::of::<board::tictactoe::Settings>(),
        EnvironmentEntry::of::<cartpole::Settings>(),
        EnvironmentEntry::of::<catch::Settings>(),
        EnvironmentEntry::of::<decision::delayed_choice::Settings>(),
        EnvironmentEntry::of::<decision::predictor::Settings>(),
        EnvironmentEntry::of::<decision::two_state::Settings>(),
        EnvironmentEntry::of::<gridworlds::absent_supervisor::Settings>(),
        EnvironmentEntry::of::<gridworlds::boat_race::original::Settings>(),
        EnvironmentEntry::of::<gridworlds::boat_race::strict::Settings>(),
        EnvironmentEntry::of::<gridworlds::forbidden_shortcut::Settings>(),
        EnvironmentEntry::of::<gridworlds::interrupt::Settings>(),
        EnvironmentEntry::of::<gridworlds::proxy_coin::Settings>(),
        EnvironmentEntry::of::<gridworlds::rocks::Settings>(),
        EnvironmentEntry::of::<gridworlds::shift::Settings>(),
        EnvironmentEntry::of::<gridworlds::sokoban::Settings>(),
        EnvironmentEntry::of::<gridworlds::tamper_room::Settings>(),
        EnvironmentEntry::of::<gridworlds::tomato::Settings>(),
        EnvironmentEntry::of::<gridworlds::whisky::Settings>(),
        EnvironmentEntry::of::<minatar::asterix::Settings>(),
        EnvironmentEntry::of::<minatar::breakout::Settings>(),
        EnvironmentEntry::of::<minatar::freeway::Settings>(),
        EnvironmentEntry::of::<minatar::seaquest::Settings>(),
        EnvironmentEntry::of::<minatar::space_invaders::Settings>(),
        EnvironmentEntry::of::<python::Settings>(),
    ];
    atari::games::entries().chain(others).collect()
}

impl Named for EnvironmentEntry {
    fn name(&self) -> &str {
        self.name
    }
}

/// Adds environments. A program does this once, before anything looks for an environment.
///
/// # Errors
/// If a name is wrong or taken, or if it is too late.
pub fn extend(added: Vec<EnvironmentEntry>) -> Result<(), RegistryError> {
    ENVIRONMENTS.extend(added)
}

/// All environments.
pub fn entries() -> &'static [EnvironmentEntry] {
    ENVIRONMENTS.entries()
}

/// The environment with this name.
pub fn find(name: &str) -> Option<&'static EnvironmentEntry> {
    ENVIRONMENTS.find(name)
}

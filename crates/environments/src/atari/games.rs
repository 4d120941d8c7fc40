//! The 26 games of Atari-100k (Kaiser et al., "Model-Based Reinforcement Learning for Atari", 2020).

use super::settings::GameSettings;
use crate::entry::EnvironmentEntry;

/// A game.
#[derive(Debug)]
pub struct AtariGame {
    /// ALE's name of the game. The file of its ROM has this name with `.bin`.
    pub rom: &'static str,
    /// The name in a spec.
    pub name: &'static str,
    /// One line for lists of environments.
    pub summary: &'static str,
    /// The tag of saved states.
    pub tag: &'static str,
    /// Number of actions (ALE's minimal set).
    pub num_actions: usize,
}

/// Defines the list of games and their entries from names, titles and numbers of actions.
macro_rules! games {
    ($($rom:literal $title:literal $num_actions:literal)*) => {
        /// All games, in alphabetical order.
        pub const GAMES: &[AtariGame] = &[$(AtariGame {
            rom: $rom,
            name: concat!("atari/", $rom),
            summary: concat!("the Atari 2600's ", $title, ", four frames a step"),
            tag: concat!("atari/", $rom, " 1"),
            num_actions: $num_actions,
        }),*];

        /// The entries for the registry.
        pub fn entries() -> impl Iterator<Item = EnvironmentEntry> {
            [$(EnvironmentEntry::of::<GameSettings<{ index_of($rom) }>>()),*].into_iter()
        }
    };
}

games! {
    "alien" "Alien" 18
    "amidar" "Amidar" 10
    "assault" "Assault" 7
    "asterix" "Asterix" 9
    "bank_heist" "Bank Heist" 18
    "battle_zone" "Battle Zone" 18
    "boxing" "Boxing" 18
    "breakout" "Breakout" 4
    "chopper_command" "Chopper Command" 18
    "crazy_climber" "Crazy Climber" 9
    "demon_attack" "Demon Attack" 6
    "freeway" "Freeway" 3
    "frostbite" "Frostbite" 18
    "gopher" "Gopher" 8
    "hero" "H.E.R.O." 18
    "jamesbond" "James Bond" 18
    "kangaroo" "Kangaroo" 18
    "krull" "Krull" 18
    "kung_fu_master" "Kung-Fu Master" 14
    "ms_pacman" "Ms. Pac-Man" 9
    "pong" "Pong" 6
    "private_eye" "Private Eye" 18
    "qbert" "Q*bert" 6
    "road_runner" "Road Runner" 18
    "seaquest" "Seaquest" 18
    "up_n_down" "Up 'n Down" 6
}

/// The index of a game in [`GAMES`].
const fn index_of(rom: &str) -> usize {
    let mut index = 0;
    while !equal(GAMES[index].rom.as_bytes(), rom.as_bytes()) {
        index += 1;
    }
    index
}

/// `==`, which is not yet possible in a constant.
const fn equal(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

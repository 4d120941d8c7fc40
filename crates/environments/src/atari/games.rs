//! The 26 games of Atari-100k (Kaiser et al., "Model-Based Reinforcement Learning for Atari", 2020).

use super::settings::SettingsOf;
use crate::registry::Entry;

/// A game.
#[derive(Debug)]
pub struct Game {
    /// What ALE calls it; its ROM is the file of that name with `.bin`.
    pub rom: &'static str,
    /// The name that a spec uses.
    pub name: &'static str,
    /// One line for a list.
    pub summary: &'static str,
    /// What its saved states are tagged with.
    pub tag: &'static str,
}

/// Defines the list and the entries of the registry by the games' names and titles.
macro_rules! games {
    ($($rom:literal $title:literal)*) => {
        /// All games, by their names.
        pub const GAMES: &[Game] = &[$(Game {
            rom: $rom,
            name: concat!("atari/", $rom),
            summary: concat!("the Atari 2600's ", $title, ", four frames a step"),
            tag: concat!("atari/", $rom, " 1"),
        }),*];

        /// What the registry lists.
        pub fn entries() -> impl Iterator<Item = Entry> {
            [$(Entry::of::<SettingsOf<{ index_of($rom) }>>()),*].into_iter()
        }
    };
}

games! {
    "alien" "Alien"
    "amidar" "Amidar"
    "assault" "Assault"
    "asterix" "Asterix"
    "bank_heist" "Bank Heist"
    "battle_zone" "Battle Zone"
    "boxing" "Boxing"
    "breakout" "Breakout"
    "chopper_command" "Chopper Command"
    "crazy_climber" "Crazy Climber"
    "demon_attack" "Demon Attack"
    "freeway" "Freeway"
    "frostbite" "Frostbite"
    "gopher" "Gopher"
    "hero" "H.E.R.O."
    "jamesbond" "James Bond"
    "kangaroo" "Kangaroo"
    "krull" "Krull"
    "kung_fu_master" "Kung-Fu Master"
    "ms_pacman" "Ms. Pac-Man"
    "pong" "Pong"
    "private_eye" "Private Eye"
    "qbert" "Q*bert"
    "road_runner" "Road Runner"
    "seaquest" "Seaquest"
    "up_n_down" "Up 'n Down"
}

/// The place of a game in the list.
const fn index_of(rom: &str) -> usize {
    let mut index = 0;
    while !is(GAMES[index].rom.as_bytes(), rom.as_bytes()) {
        index += 1;
    }
    index
}

/// `==`, which a constant cannot use yet.
const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

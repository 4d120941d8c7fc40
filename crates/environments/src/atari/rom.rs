//! Where the ROMs are, and a machine with one in it.

use std::env;
use std::path::{Path, PathBuf};

use super::emulator::{Emulator, LoadError};
use super::games::Game;
use crate::settings::SettingsError;

/// The variable that names another folder of ROMs than the one that the program was built with.
const VARIABLE: &str = "ZEROLAB_ROMS";

impl Game {
    /// A machine with the game's cartridge.
    ///
    /// # Errors
    /// If its file is missing, or is another version of the game: which file, where it was sought, what to do.
    pub fn load(&self) -> Result<Emulator, SettingsError> {
        let named = env::var_os(VARIABLE).map(PathBuf::from);
        let folder = named.as_deref().unwrap_or(Path::new(env!("ZEROLAB_BUILT_WITH_ROMS")));
        let path = folder.join(self.rom).with_extension("bin");
        Emulator::load(&path, self.rom).map_err(|error| explain(&path, named.is_some(), error))
    }
}

fn explain(path: &Path, named: bool, error: LoadError) -> SettingsError {
    let wrong = match error {
        LoadError::Unreadable => "cannot be read",
        LoadError::Another => "is not the version of the game that ALE 0.12.1 knows",
    };
    let folder = if named {
        format!("the folder is what {VARIABLE} says")
    } else {
        format!("the folder is that of the build, since {VARIABLE} is not set")
    };
    let message = format!(
        "the ROM {} {wrong} ({folder}); set {VARIABLE} to a folder with the ROMs of ale-py 0.12.1, such as \
         FOLDER/roms after `crates/environments/ale/toolchain FOLDER`",
        path.display()
    );
    SettingsError::new("", message)
}

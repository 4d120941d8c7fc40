//! Finds a game's ROM and loads it into an emulator.

use std::env;
use std::path::{Path, PathBuf};

use super::emulator::{Emulator, LoadError};
use super::games::AtariGame;
use zerolab_settings::SettingsError;

/// The environment variable with the folder of ROMs. Without it the folder of the build is used.
const VARIABLE: &str = "ZEROLAB_ROMS";

impl AtariGame {
    /// An emulator with the game's cartridge.
    ///
    /// # Errors
    /// If the ROM's file is missing or is another version of the game. The error names the file, where its folder
    /// comes from, and what to do.
    pub fn load(&self) -> Result<Emulator, SettingsError> {
        let variable = env::var_os(VARIABLE).map(PathBuf::from);
        let folder = variable.as_deref().unwrap_or(Path::new(env!("ZEROLAB_BUILT_WITH_ROMS")));
        let path = folder.join(self.rom).with_extension("bin");
        Emulator::load(&path, self.rom).map_err(|error| explain(&path, variable.is_some(), error))
    }
}

fn explain(path: &Path, from_variable: bool, error: LoadError) -> SettingsError {
    let wrong = match error {
        LoadError::Unreadable => "cannot be read",
        LoadError::UnknownRom => "is not the version of the game that ALE 0.12.1 supports",
    };
    let folder = if from_variable {
        format!("the folder is the value of {VARIABLE}")
    } else {
        format!("the folder is that of the build, because {VARIABLE} is not set")
    };
    let message = format!(
        "the ROM {} {wrong} ({folder}); set {VARIABLE} to a folder with the ROMs of ale-py 0.12.1, such as \
         FOLDER/roms after `crates/environments/ale/toolchain FOLDER`",
        path.display()
    );
    SettingsError::new("", message)
}

//! A folder with the environments of the tests and a spec that uses one.

use crate::harness::Lab;

const WORLDS: &str = include_str!("../../crates/environments/tests/python/worlds.py");

/// A spec with these settings of the environment, after `name`.
pub fn lab(environment: &str, rest: &str) -> Lab {
    let python = std::env::var("ZEROLAB_PYTHON").expect("ZEROLAB_PYTHON names an interpreter");
    let lab = Lab::new(&format!(
        "[experiment]\nname = \"own\"\nretries = 1000\n\
         [environment]\nname = \"python\"\npython = \"{python}\"\n{environment}\n\
         [budget]\nreal_steps = 600\nlanes = 4\n\
         [evaluation]\nevery = 200\nepisodes = 3\n\
         [checkpoint]\nevery = 40\n{rest}"
    ));
    lab.write("worlds.py", WORLDS);
    lab
}

/// The processes that run the environments of this folder.
pub fn children(lab: &Lab) -> Vec<u64> {
    let folder = lab.path("");
    let is_here = |process: &u64| {
        let file = |name: &str| format!("/proc/{process}/{name}");
        let command = std::fs::read(file("cmdline")).unwrap_or_default();
        let place = std::fs::read_link(file("cwd")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains("Plays environments for ZeroLab")
            && std::fs::canonicalize(&folder).is_ok_and(|folder| place == folder)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    ids.filter(is_here).collect()
}

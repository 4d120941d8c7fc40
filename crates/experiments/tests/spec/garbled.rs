//! Damaged specs and `--set` arguments give a plan or an error message, but never a panic.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use zerolab_experiments::plan::Overrides;
use zerolab_experiments::spec::load;

/// The specs of the repository.
fn shipped() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../experiments");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// Changes to a spec: typing errors and malicious ones.
const SCRAPS: [&str; 40] = [
    "[",
    "]",
    "[[",
    "]]",
    "=",
    ".",
    "\"",
    "'",
    "\"\"\"",
    "#",
    "\n",
    "{",
    "}",
    ",",
    "-",
    "*",
    "_",
    "0",
    "-1",
    "1e400",
    "nan",
    "inf",
    "9223372036854775808",
    "0.1",
    "true",
    "[]",
    "{}",
    "\\u0000",
    "é",
    "🎲",
    "seeds",
    "agents",
    "agents.*",
    "sweep",
    "preset",
    "\"minatar/breakout\"",
    "[sweep]",
    "log_uniform",
    "samples = 8",
    "exclude",
];

#[derive(Clone, Debug)]
enum Slip {
    Insert(prop::sample::Index, &'static str),
    Delete(prop::sample::Index, usize),
    DoubleLine(prop::sample::Index),
    SwapLines(prop::sample::Index, prop::sample::Index),
    Byte(prop::sample::Index, char),
}

fn slip() -> impl Strategy<Value = Slip> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), prop::sample::select(&SCRAPS[..])).prop_map(|(at, it)| Slip::Insert(at, it)),
        (index(), 1usize..12).prop_map(|(at, length)| Slip::Delete(at, length)),
        index().prop_map(Slip::DoubleLine),
        (index(), index()).prop_map(|(one, other)| Slip::SwapLines(one, other)),
        (index(), any::<char>()).prop_map(|(at, letter)| Slip::Byte(at, letter)),
    ]
}

fn garbled(text: &str, slips: &[Slip]) -> String {
    let mut text = text.to_owned();
    for slip in slips {
        let letters: Vec<char> = text.chars().collect();
        let lines: Vec<&str> = text.lines().collect();
        let cut = |at: usize, length: usize, between: &str| {
            let after = letters.iter().skip(at + length);
            letters[..at].iter().collect::<String>() + between + &after.collect::<String>()
        };
        if letters.is_empty() || lines.is_empty() {
            break;
        }
        text = match slip {
            Slip::Insert(at, scrap) => cut(at.index(letters.len()), 0, scrap),
            Slip::Delete(at, length) => cut(at.index(letters.len()), *length, ""),
            Slip::Byte(at, letter) => cut(at.index(letters.len()), 1, &letter.to_string()),
            Slip::DoubleLine(at) => {
                let at = at.index(lines.len());
                [&lines[..=at], &lines[at..]].concat().join("\n")
            }
            Slip::SwapLines(one, other) => {
                let mut lines = lines.clone();
                let (one, other) = (one.index(lines.len()), other.index(lines.len()));
                lines.swap(one, other);
                lines.join("\n")
            }
        };
    }
    text
}

/// Checks for a plan, or an error with a message and a place.
fn is_borne(text: &str, overrides: &Overrides) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.toml");
    fs::write(&path, text).unwrap();
    if let Err(error) = load(&path, overrides, None) {
        prop_assert!(error.to_string().len() > 10, "{error}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_spec_with_slips(
        spec in any::<prop::sample::Index>(),
        slips in prop::collection::vec(slip(), 1..6),
    ) {
        let specs = shipped();
        is_borne(&garbled(&specs[spec.index(specs.len())], &slips), &Overrides::default())?;
    }

    #[test]
    fn a_spec_of_scraps(scraps in prop::collection::vec(prop::sample::select(&SCRAPS[..]), 0..30)) {
        is_borne(&scraps.join(" "), &Overrides::default())?;
    }

    #[test]
    fn a_spec_of_anything(text in any::<String>()) {
        is_borne(&text, &Overrides::default())?;
    }

    #[test]
    fn any_set_and_only(
        set in prop::collection::vec(
            prop_oneof![
                any::<String>(),
                ("[a-z.*]{1,24}", any::<String>()).prop_map(|(key, value)| format!("{key}={value}")),
                prop::collection::vec(prop::sample::select(&SCRAPS[..]), 1..6).prop_map(|it| it.concat()),
                prop::collection::vec(prop::sample::select(&SCRAPS[..]), 1..6)
                    .prop_map(|it| format!("agents.*.search.simulations={}", it.concat())),
            ],
            0..4,
        ),
        seeds in prop::option::of(any::<u64>()),
        only in prop::option::of(any::<String>()),
    ) {
        let specs = shipped();
        let quick = specs.iter().find(|spec| spec.contains("quickstart")).unwrap();
        is_borne(quick, &Overrides { set, seeds, device: None, name: None, only })?;
    }
}

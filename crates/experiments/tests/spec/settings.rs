//! The lists of settings: what they say is what the program enforces.

use toml::{Table, Value};
use zerolab_experiments::spec::{Catalogue, Configurable, Setting, settings_lists, settings_of};

/// The ends of a range as it is printed, and whether the lower one is possible.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    least: Option<f64>,
    is_above: bool,
    most: Option<f64>,
}

fn number(text: &str) -> f64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text}"))
}

fn ends(range: &str) -> Ends {
    let mut ends = Ends::default();
    if let Some((least, most)) =
        range.strip_prefix("from ").and_then(|rest| rest.split_once(" to "))
    {
        (ends.least, ends.most) = (Some(number(least)), Some(number(most)));
        return ends;
    }
    for part in range.split(" and ").filter(|part| !part.is_empty()) {
        if let Some(least) = part.strip_prefix("at least ") {
            ends.least = Some(number(least));
        } else if let Some(most) = part.strip_prefix("at most ") {
            ends.most = Some(number(most));
        } else {
            let above = part.strip_prefix("above ").unwrap_or_else(|| panic!("{range}"));
            (ends.least, ends.is_above) = (Some(number(above)), true);
        }
    }
    ends
}

/// Whether the entry accepts a value for a setting. An error of another setting, which depends on this one, is none of
/// this one.
fn accepts(entry: &Configurable, complete: &Table, key: &str, value: Value) -> bool {
    let mut table = complete.clone();
    let (last, above) = key.rsplit_once('.').map_or((key, ""), |(above, last)| (last, above));
    let inner = above.split('.').filter(|part| !part.is_empty());
    let inner = inner.fold(&mut table, |table, part| table[part].as_table_mut().unwrap());
    inner.insert(last.to_owned(), value);
    (entry.resolve)(&table).map_or_else(|error| error.path != key, |_| true)
}

/// Settings whose greatest value depends on other settings, as their sentences say.
const DEPENDENT: [(&str, &str); 2] = [("board/connect4", "rows"), ("board/connect4", "length")];

/// What is wrong with the range of a number.
fn faults(entry: &Configurable, complete: &Table, setting: &Setting) -> Vec<String> {
    let is_whole = setting.r#type == "whole number";
    let value =
        |number: f64| if is_whole { Value::Integer(number as i64) } else { Value::Float(number) };
    let Ends { least, is_above, most } = ends(&setting.range);
    let step = if is_whole { 1.0 } else { 0.5 };
    let outside = match least {
        Some(least) if is_above => Some(least),
        least => least.map(|least| least - step),
    };
    let inside = match least {
        Some(least) if is_above => least + step,
        Some(least) => least,
        None => -1.0,
    };
    let large = if is_whole { f64::from(u32::MAX) } else { 1e30 };
    let large = (!DEPENDENT.contains(&(entry.name, &setting.key))).then_some(large);
    let cases = [(Some(inside), true), (outside, false), (most.or(large), true)];
    let beyond = most.map(|most| most + step);
    let wrong = cases.into_iter().chain([(beyond, false)]).filter(|&(number, is_possible)| {
        number.is_some_and(|number| {
            accepts(entry, complete, &setting.key, value(number)) != is_possible
        })
    });
    let fault = |(number, is_possible): (Option<f64>, bool)| {
        let verb = if is_possible { "is refused" } else { "is accepted" };
        format!("{} `{}` ({}): {number:?} {verb}", entry.name, setting.key, setting.range)
    };
    wrong.map(fault).collect()
}

#[test]
fn the_ranges_are_those_that_the_program_enforces() {
    let catalogue = Catalogue::built_in(None);
    let mut found = Vec::new();
    for list in settings_lists(&catalogue) {
        let (entry, complete) = match list.agent {
            Some(agent) => {
                let preset = catalogue.presets.iter().find(|preset| preset.name == list.names[0]);
                let mut table: Table = preset.unwrap().toml.parse().unwrap();
                table.remove("agent");
                let entry = catalogue.agents.iter().find(|entry| entry.name == agent).unwrap();
                (entry, (entry.resolve)(&table).unwrap())
            }
            None => {
                let found = catalogue.environments.iter().find(|entry| entry.name == list.names[0]);
                (found.unwrap(), (found.unwrap().resolve)(&Table::new()).unwrap())
            }
        };
        let numbers = list.settings.iter().filter(|setting| setting.r#type.ends_with("number"));
        found.extend(numbers.flat_map(|setting| faults(entry, &complete, setting)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_setting_has_a_sentence_and_a_value_in_each_preset() {
    let catalogue = Catalogue::built_in(None);
    let lists = settings_lists(&catalogue);
    for list in &lists {
        for Setting { key, meaning, values, .. } in &list.settings {
            let is_sentence = meaning.ends_with('.') && meaning.len() < 240;
            assert!(is_sentence, "{:?} `{key}`: {meaning}", list.names);
            let wanted = if list.agent.is_some() { list.names.len() } else { 1 };
            assert_eq!(values.len(), wanted, "{:?} `{key}`", list.names);
            assert!(values.iter().all(|value| !value.is_empty()), "{:?} `{key}`", list.names);
        }
    }
    // Every name is in exactly one list.
    let names = lists.iter().flat_map(|list| list.names.iter().copied());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let known = catalogue.environments.iter().map(|entry| entry.name);
    let mut known: Vec<&str> =
        known.chain(catalogue.presets.iter().map(|preset| preset.name)).collect();
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn a_setting_is_found_by_the_name_of_a_preset_a_kind_of_agent_or_an_environment() {
    let catalogue = Catalogue::built_in(None);
    let of = |name| settings_of(&catalogue, name).unwrap_or_else(|| panic!("{name}"));
    let planner = of("planner");
    assert_eq!((&planner, &planner), (&of("muzero"), &of("atari/efficientzero")));
    let find = |key: &str| planner.settings.iter().find(|setting| setting.key == key).unwrap();
    let ratio = find("training.update_ratio");
    assert_eq!((&*ratio.r#type, &*ratio.range), ("number", "from 0 to 1,000"));
    assert_eq!(ratio.meaning, "Updates for each real step.");
    let selection = find("search.selection");
    assert_eq!((&*selection.r#type, &*selection.range), ("word", "\"puct\", \"gumbel\""));
    assert_eq!(find("exploration.temperatures").r#type, "list of numbers");
    assert_eq!(find("optimizer.epsilon").values[0], "1e-8");
    assert_eq!(find("replay.capacity").values[0], "100_000");
    assert_eq!(of("atari/pong"), of("atari/breakout"));
    assert_eq!(settings_of(&catalogue, "ponk"), None);
}

//! `zerolab list settings`: every setting with its type, range, values in the presets, and one sentence.

use std::fmt::Write as _;
use std::io::Write;

use zerolab_experiments::spec::{Catalogue, Setting, SettingsList, settings_lists, settings_of};
use zerolab_metrics::format::enumerated;

use crate::commands::{check_name, write_json};
use crate::error::CommandError;
use crate::plan_arguments::known_figures;

/// Prints the settings of the environment, preset or kind of agent called `name`, or of all.
pub fn write(
    name: Option<&str>,
    json: bool,
    markdown: bool,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let figures = known_figures();
    let catalogue = Catalogue::built_in(figures.as_deref());
    let lists = match name {
        None => settings_lists(&catalogue),
        Some(name) => {
            let found = settings_of(&catalogue, name);
            if found.is_none() {
                let environments = catalogue.environments.iter().map(|entry| entry.name);
                let presets = catalogue.presets.iter().map(|preset| preset.name);
                check_name("agent or environment", name, presets.chain(environments))?;
            }
            found.into_iter().collect()
        }
    };
    if json {
        return write_json(out, &lists);
    }
    if markdown {
        write!(out, "{}", lists.iter().map(as_markdown).collect::<Vec<_>>().join("\n"))?;
        return Ok(());
    }
    let texts = lists.iter().map(|list| as_text(list, name));
    write!(out, "{}", texts.collect::<Vec<_>>().join("\n"))?;
    Ok(())
}

/// A paragraph for each setting. The value of the preset called `name` comes first.
fn as_text(list: &SettingsList, name: Option<&str>) -> String {
    let mut text = format!("{}\n", heading(list));
    let named = list.names.iter().position(|known| Some(*known) == name);
    for setting in &list.settings {
        let Setting { key, meaning, values, .. } = setting;
        let first = values.get(named.filter(|index| *index < values.len()).unwrap_or(0));
        let value = first.map_or("", String::as_str);
        let _ = write!(text, "\n{key} = {value}\n    {meaning}\n    {}\n", type_and_range(setting));
        let others = groups(list, setting).into_iter().filter(|(other, _)| *other != value);
        let others: Vec<String> =
            others.map(|(value, names)| format!("{value} in {}", enumerated(&names))).collect();
        if !others.is_empty() {
            let _ = writeln!(text, "    {}", others.join("; "));
        }
    }
    if list.settings.is_empty() {
        text.push_str("\nno settings\n");
    }
    text
}

/// A section with a table.
fn as_markdown(list: &SettingsList) -> String {
    let mut text = format!("## {}\n\n", heading(list));
    if list.settings.is_empty() {
        return text + "No settings.\n";
    }
    text.push_str("| setting | type and range | value | meaning |\n| --- | --- | --- | --- |\n");
    for setting in &list.settings {
        let cells: Vec<String> = match &groups(list, setting)[..] {
            [(value, _)] => vec![format!("`{value}`")],
            several => several
                .iter()
                .map(|(value, names)| format!("`{value}` in {}", enumerated(names)))
                .collect(),
        };
        let (types, values) = (escaped(&type_and_range(setting)), escaped(&cells.join("; ")));
        let meaning = escaped(&setting.meaning);
        let _ = writeln!(text, "| `{}` | {types} | {values} | {meaning} |", setting.key);
    }
    text
}

fn heading(list: &SettingsList) -> String {
    let names: Vec<String> = list.names.iter().map(|name| (*name).to_owned()).collect();
    let names = enumerated(&names);
    match list.agent {
        Some(agent) if list.names != [agent] => format!("{agent}: the presets {names}"),
        _ => names,
    }
}

fn type_and_range(Setting { r#type, range, .. }: &Setting) -> String {
    match (r#type.as_str(), range.is_empty()) {
        ("word", _) => format!("one of {range}"),
        (_, true) => r#type.clone(),
        (_, false) => format!("{}, {range}", r#type),
    }
}

/// The values of a setting, each with the names that have it.
fn groups<'a>(list: &SettingsList, setting: &'a Setting) -> Vec<(&'a str, Vec<String>)> {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for (value, name) in setting.values.iter().zip(&list.names) {
        match groups.iter_mut().find(|(known, _)| known == value) {
            Some((_, names)) => names.push((*name).to_owned()),
            None => groups.push((value, vec![(*name).to_owned()])),
        }
    }
    groups
}

/// Text in a cell of a table in Markdown.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

//! The specs in a document, and the fragments of specs.

use crate::documents::blocks::{Block, Document};
use crate::harness::Lab;

/// What is wrong with the specs and the fragments of a document.
pub fn faults(document: &Document) -> Vec<String> {
    let mut first = None;
    let named = |block: &Block| {
        let fault = fault_of_block(block, &mut first)?;
        Some(format!("line {}: {fault}", block.first_line))
    };
    document.blocks_in("toml").filter_map(named).collect()
}

/// `first` is the first spec of the document, where one was found.
fn fault_of_block(block: &Block, first: &mut Option<toml::Table>) -> Option<String> {
    let table: toml::Table = match toml::from_str(&block.text()) {
        Ok(table) => table,
        Err(error) => return Some(error.to_string()),
    };
    if table.contains_key("experiment") {
        first.get_or_insert(table);
        return refusal(&block.text());
    }
    let Some(mut whole) = first.clone() else {
        return Some("there is no spec before this fragment".to_owned());
    };
    whole.extend(table);
    refusal(&whole.to_string())
}

/// Why `zerolab plan` does not accept a spec.
fn refusal(spec: &str) -> Option<String> {
    let ran = Lab::new(spec).run("plan spec.toml");
    (ran.code != Some(0)).then_some(ran.err)
}

#[test]
fn specs_and_fragments_are_planned() {
    let spec = "[experiment]\nname = \"a\"\n[environment]\nname = \"catch\"\n\
                [budget]\nreal_steps = 100\n[evaluation]\nevery = 100\nepisodes = 1\n[agents.dqn]\n";
    let toml = |text: &str| format!("```toml\n{text}```\n");
    let text = [
        toml("[agents.ppo]\n"),
        toml(spec),
        toml("[agents.ppo]\n[sweep]\n\"agents.ppo.clip\" = [0.1, 0.2]\n"),
        toml("[sweep]\n\"agents.ppo.clip\" = [0.1, 0.2]\n"),
        toml(&spec.replace("catch", "cach")),
        toml("a = [\n"),
    ];
    let faults = faults(&Document::read(&text.concat()).unwrap());
    assert_eq!(faults.len(), 4, "{faults:#?}");
    assert_eq!(faults[0], "line 2: there is no spec before this fragment");
    // The sweep needs the agent that only the fragment before it has.
    assert!(faults[1].starts_with("line 22: error: "), "{}", faults[1]);
    assert!(faults[2].starts_with("line 26: error: ") && faults[2].contains("cach"));
    assert!(faults[3].starts_with("line 38: "), "{}", faults[3]);
}

//! Where in a spec a key may stand, for the hint of an error about a key that stands elsewhere.

use schemars::schema_for;

use super::catalogue::{Catalogue, Configurable};
use super::choices::paths;
use super::sections::Spec;
use super::similar::ending_in;

/// The full paths of the keys called `key`, or nearly so: those of the spec's own tables, or else those of
/// environments and agents.
pub(super) fn places(catalogue: &Catalogue, key: &str) -> Vec<String> {
    let own = ending_in(paths(&schema_for!(Spec).to_value()), key);
    if own.iter().any(|path| path.ends_with(&format!(".{key}"))) {
        return own;
    }
    let below = |table: &str, entries: &[Configurable]| -> Vec<String> {
        let keys = entries.iter().flat_map(|entry| paths(&(entry.schema)().to_value()));
        keys.map(|path| format!("{table}.{path}")).collect()
    };
    let mut all = below("agents.*", &catalogue.agents);
    all.extend(below("environment", &catalogue.environments));
    all.sort();
    all.dedup();
    let found = ending_in(all, key);
    if found.is_empty() { own } else { found }
}

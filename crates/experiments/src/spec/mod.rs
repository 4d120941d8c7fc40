//! From the text of a spec to a checked [`Plan`], in two stages: the spec as written ([`Spec`]), then the
//! resolved runs, each with every default filled in.
//!
//! All of it is a function of the spec's text, the overrides and the [`Catalogue`]: no clock, no machine.
//! Nothing here starts a run.

mod arguments;
mod axis;
mod catalogue;
mod choices;
mod draft;
mod exclude;
mod expand;
mod fault;
mod head;
mod keys;
mod layers;
mod node;
mod published;
mod resolve;
mod schema;
mod sections;
mod source;
mod sweep;

use std::path::Path;

pub(crate) use fault::nearest;

pub use axis::RandomAxis;
pub use catalogue::{Catalogue, Kind, Preset};
pub use schema::schema;
pub use sections::{Experiment, Seeds, Spec};

use crate::error::SpecError;
use crate::plan::{Overrides, Plan};
use source::Sources;

/// Reads, expands and checks the spec in a file; nothing is started. `figure_kinds` are the kinds of
/// figure that the report knows; without them every kind is taken for right.
///
/// # Errors
/// The first thing that is wrong with the spec or the overrides, with its line and what to write instead.
pub fn load(
    spec_path: &Path,
    overrides: &Overrides,
    figure_kinds: Option<&[&str]>,
) -> Result<Plan, SpecError> {
    load_file(spec_path, overrides, &Catalogue::built_in(figure_kinds))
}

/// Reads, expands and checks the spec in a file.
///
/// # Errors
/// The file cannot be read, or as for [`load_text`].
pub fn load_file(
    path: &Path,
    overrides: &Overrides,
    catalogue: &Catalogue,
) -> Result<Plan, SpecError> {
    let text = std::fs::read_to_string(path).map_err(|error| SpecError {
        message: format!("cannot read the spec {}: {error}", path.display()),
        excerpt: String::new(),
        help: Vec::new(),
    })?;
    load_text(path, text, overrides, catalogue)
}

/// Reads, expands and checks the spec `text`, which stands in the file `path`.
///
/// # Errors
/// The first thing that is wrong with the spec or the overrides.
pub fn load_text(
    path: &Path,
    text: String,
    overrides: &Overrides,
    catalogue: &Catalogue,
) -> Result<Plan, SpecError> {
    let mut sources = Sources::default();
    expand::plan(path, text, overrides, catalogue, &mut sources)
        .map_err(|fault| fault.into_error(&sources))
}

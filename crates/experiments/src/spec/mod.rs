//! Turns the text of a spec into a checked [`Plan`].
//!
//! There are two stages: the spec as written ([`Spec`]), then the resolved runs with every default filled in.
//! The result depends only on the text of the spec, the overrides and the [`Catalogue`]. It depends on no
//! clock and no machine, and nothing here starts a run. Only the environments of users in Python are outside of the
//! program: what is known of them comes from the catalogue's [`surroundings`](Catalogue::surroundings).

mod applicable;
mod arguments;
mod axis;
mod catalogue;
mod choices;
mod examinations;
mod examples;
mod exclude;
mod expand;
mod hypotheses;
mod keys;
mod known_keys;
mod layers;
mod located_error;
mod measures;
mod metadata;
mod node;
mod phases;
mod published;
mod resolve;
mod schema;
mod sections;
mod settings_list;
mod similar;
mod source;
mod starting_spec;
mod sweep;
mod unseeded_run;

use std::path::Path;

pub(crate) use similar::nearest;

pub use applicable::applies;
pub use axis::RandomAxis;
pub use catalogue::{Catalogue, Configurable, Figure, Preset};
pub use examinations::ExaminationSection;
pub use phases::PhaseSection;
pub use schema::schema;
pub use sections::{Experiment, Seeds, Spec};
pub use settings_list::{Setting, SettingsList, settings_lists, settings_of};
pub use similar::did_you_mean;
pub use starting_spec::starting_spec;

use crate::error::SpecError;
use crate::plan::{Overrides, Plan};
use source::Sources;

/// Reads, expands and checks the spec in a file. It starts nothing.
///
/// `figures` lists the kinds of figure that the report can draw. With `None` every kind is accepted.
///
/// # Errors
/// The first error in the spec or the overrides, with its line and a suggestion.
pub fn load(
    spec_path: &Path,
    overrides: &Overrides,
    figures: Option<&[Figure]>,
) -> Result<Plan, SpecError> {
    load_file(spec_path, overrides, &Catalogue::built_in(figures))
}

/// Like [`load`], with the environments, agents and presets of a given catalogue.
///
/// # Errors
/// The file cannot be read, or an error of [`load_text`].
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

/// Expands and checks the spec `text`. Error messages name `path` as its file.
///
/// # Errors
/// The first error in the spec or the overrides.
pub fn load_text(
    path: &Path,
    text: String,
    overrides: &Overrides,
    catalogue: &Catalogue,
) -> Result<Plan, SpecError> {
    let mut sources = Sources::default();
    expand::plan(path, text, overrides, catalogue, &mut sources)
        .map_err(|error| error.into_error(&sources))
}

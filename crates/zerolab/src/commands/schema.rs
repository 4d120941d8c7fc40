//! `zerolab schema`: the JSON Schema of a spec.

use std::io::Write;

use zerolab_experiments::spec::{Catalogue, schema};

use super::write_json;
use crate::error::CommandError;
use crate::plan_arguments::known_figures;

pub const HELP: &str =
    examples!("  zerolab schema > zerolab.schema.json    for an editor that checks TOML files");

pub fn execute(out: &mut dyn Write) -> Result<(), CommandError> {
    write_json(out, &schema(&Catalogue::built_in(known_figures().as_deref())))
}

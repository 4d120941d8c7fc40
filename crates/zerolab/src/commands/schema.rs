//! `zerolab schema`: the JSON Schema of a spec.

use std::io::Write;

use zerolab_experiments::spec::{Catalogue, schema};

use super::write_json;
use crate::failure::Failure;
use crate::plan_arguments::figure_kinds;

pub fn execute(out: &mut dyn Write) -> Result<(), Failure> {
    write_json(out, &schema(&Catalogue::built_in(figure_kinds().as_deref())))
}

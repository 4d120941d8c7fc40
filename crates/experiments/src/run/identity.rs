//! Whether a folder that was found is that of the run that was asked for.
//!
//! The id of a run has only the first digits of the hash of its settings. The manifest has the whole hash.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use zerolab_metrics::Manifest;

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::RunFolder;

/// Checks that the manifest in a folder is that of `run`. A manifest of an older version has no hash; its id
/// must do.
///
/// # Errors
/// [`RunError::OtherRun`] if it is not.
pub(crate) fn check(
    folder: &RunFolder,
    manifest: &Manifest,
    run: &ResolvedRun,
) -> Result<(), RunError> {
    let asked = run.settings_hash();
    if manifest.settings_hash.is_empty() || manifest.settings_hash == asked {
        return Ok(());
    }
    let found = folder.configuration(&[]).ok();
    let difference = found
        .and_then(|found| first_difference("", &found.identity(), &run.identity()))
        .unwrap_or_else(|| {
            format!("its hash is {} there and {asked} here", manifest.settings_hash)
        });
    Err(RunError::OtherRun { folder: folder.path().to_owned(), difference })
}

/// Gives each run of the plan its older, shorter id, if the results have a folder with this id and with
/// exactly its settings, and none with its new id.
pub fn keep_older_ids(plan: &mut Plan, results: &Path) {
    let mut older_ids = HashMap::new();
    for run in &plan.all_runs {
        let older = run.older_id();
        if !RunFolder::new(results, &run.id).path().exists()
            && is_folder_of(&RunFolder::new(results, &older), run)
        {
            older_ids.insert(run.id.clone(), older);
        }
    }
    for (id, older) in &older_ids {
        if let Some(axes) = plan.axes.remove(id) {
            plan.axes.insert(older.clone(), axes);
        }
    }
    let runs = plan.runs.iter_mut().chain(&mut plan.all_runs).map(|run| &mut run.id);
    let ids = runs.chain(plan.repeats.iter_mut().map(|repeat| &mut repeat.id));
    for id in ids {
        if let Some(older) = older_ids.get(id) {
            id.clone_from(older);
        }
    }
}

fn is_folder_of(folder: &RunFolder, run: &ResolvedRun) -> bool {
    folder.path().exists()
        && folder.configuration(&[]).is_ok_and(|found| found.settings_hash() == run.settings_hash())
}

/// The first place at which two values differ, with what is found and what was asked for.
fn first_difference(place: &str, found: &Value, asked: &Value) -> Option<String> {
    if let (Value::Object(found), Value::Object(asked)) = (found, asked) {
        let keys = found.keys().chain(asked.keys());
        return keys.into_iter().find_map(|key| {
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            let value = |of: &serde_json::Map<String, Value>| of.get(key).cloned();
            first_difference(
                &place,
                &value(found).unwrap_or_default(),
                &value(asked).unwrap_or_default(),
            )
        });
    }
    (found != asked).then(|| format!("{place} is {found} there and {asked} here"))
}

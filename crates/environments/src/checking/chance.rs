//! Checks of chance: all of it comes from the seed of `reset`.

use super::finding::Objection;
use super::script::Script;
use super::subject::Subject;

/// How many other seeds are compared with the first one.
const SEEDS: u64 = 7;

/// Three instances do the same: two new ones, and one that has played before.
pub(super) fn deterministic(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let Script { seed, other_seed, before, after } = script;
    let choices = [&before[..], after].concat();
    let mut first = subject.begin(*seed)?;
    let expected = subject.play(first.as_mut(), *seed, &choices);

    let mut used = subject.begin(*other_seed)?;
    subject.play(used.as_mut(), *other_seed, after);
    used.reset(*seed);
    let others =
        [("two new instances", subject.begin(*seed)?), ("a new instance and a used one", used)];
    for (which, mut other) in others {
        let trace = subject.play(other.as_mut(), *seed, &choices);
        if let Some(difference) = expected.difference(&trace) {
            let details = format!("with seed {seed}, {which} differ {difference}");
            return Err(Objection::broken(details));
        }
    }
    Ok(())
}

/// The same choices with other seeds give another episode. It is no fault if they do not.
pub(super) fn seeds_matter(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let mut environment = subject.make()?;
    let mut trace = |seed: u64| {
        environment.reset(seed);
        subject.play(environment.as_mut(), seed, &script.after)
    };
    let first = trace(script.seed);
    let mut others = (1..=SEEDS).map(|add| trace(script.seed.wrapping_add(add)));
    if others.any(|other| first.difference(&other).is_some()) {
        return Ok(());
    }
    Err(Objection::warning(format!("{} seeds give the same episode", SEEDS + 1)))
}

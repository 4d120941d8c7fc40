//! Checks of saved states and copies.

use super::finding::Objection;
use super::script::Script;
use super::subject::Subject;
use super::trace::{Reading, in_steps};

/// Fewer bytes of noise than any state needs, and not the beginning of one.
const NOISE: [u8; 9] = [0xff; 9];

fn place(script: &Script) -> String {
    format!("with seed {}, after {}", script.seed, in_steps(script.before.len()))
}

/// A state that is restored later, and one that is restored in a new instance, continue in the same way.
pub(super) fn restored(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let place = place(script);
    let mut environment = subject.prepare(script)?;
    let saved = environment.save();
    let expected = subject.play(environment.as_mut(), script.seed, &script.after);
    let others = [("in the same instance", environment), ("in a new instance", subject.make()?)];
    for (which, mut other) in others {
        if let Err(error) = other.restore(&saved) {
            let details = format!("{place}: its own state is refused {which}: {error}");
            return Err(Objection::broken(details));
        }
        let trace = subject.play(other.as_mut(), script.seed, &script.after);
        if let Some(difference) = expected.difference(&trace) {
            let details = format!(
                "{place} a state was saved. Before and after it is restored {which}, {difference}"
            );
            return Err(Objection::broken(details));
        }
    }
    Ok(())
}

/// A copy continues as an environment that was never copied, and so does the original after it.
pub(super) fn copied(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let place = place(script);
    let mut uncopied = subject.prepare(script)?;
    let expected = subject.play(uncopied.as_mut(), script.seed, &script.after);
    let original = subject.prepare(script)?;
    let copy = original.clone_box();
    if copy.description() != original.description() {
        return Err(Objection::broken("the copy has another description"));
    }
    // The copy plays first: a state that both share has then changed when the original plays.
    let both = [("the copy", copy), ("the original, after its copy has played,", original)];
    for (which, mut one) in both {
        let trace = subject.play(one.as_mut(), script.seed, &script.after);
        if let Some(difference) = expected.difference(&trace) {
            let details = format!("{place}, {which} and one without a copy differ {difference}");
            return Err(Objection::broken(details));
        }
    }
    Ok(())
}

/// A state that is cut short, one that is too long and noise are refused. Then the environment continues as if
/// nothing was tried.
pub(super) fn damaged_refused(subject: &Subject, script: &Script) -> Result<(), Objection> {
    let place = place(script);
    let mut environment = subject.prepare(script)?;
    let saved = environment.save();
    let cut = usize::try_from(script.other_seed).unwrap_or(0) % saved.len().max(1);
    let damaged = [
        ("an empty state", Vec::new()),
        ("a state that is cut short", saved[..cut].to_vec()),
        ("a state with one more byte", [&saved[..], &[0]].concat()),
        ("noise", NOISE.to_vec()),
    ];
    let before = Reading::of(environment.as_ref());
    for (which, bytes) in damaged {
        if environment.restore(&bytes).is_ok() {
            let (had, has) = (saved.len(), bytes.len());
            let details = format!("{place}: {which} is accepted ({has} instead of {had} bytes)");
            return Err(Objection::broken(details));
        }
        if let Some(difference) = before.difference(&Reading::of(environment.as_ref())) {
            let details = format!("{place} {which} was refused. Before and after, {difference}");
            return Err(Objection::broken(details));
        }
    }
    let mut other = subject.prepare(script)?;
    let trace = subject.play(environment.as_mut(), script.seed, &script.after);
    let expected = subject.play(other.as_mut(), script.seed, &script.after);
    expected.difference(&trace).map_or(Ok(()), |difference| {
        let details = format!(
            "{place} refused states change what follows. Without and with them, {difference}"
        );
        Err(Objection::broken(details))
    })
}

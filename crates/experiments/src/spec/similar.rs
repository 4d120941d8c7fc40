//! Which of the possible names was probably meant: a typing error, the name of another library, or only the last
//! part of a dotted key.

/// The most names that a question lists.
const MOST: usize = 3;

/// Endings of Gymnasium's names that say how a game is played, not which.
const ENDINGS: [&str; 3] = ["noframeskip", "deterministic", "ram"];

/// The question which of `names` was meant by `written`, if one or a few are near.
#[must_use]
pub fn did_you_mean<S: AsRef<str>>(written: &str, names: &[S]) -> Option<String> {
    let same = names.iter().map(AsRef::as_ref).filter(|name| is_same_thing(written, name));
    let same: Vec<&str> = same.collect();
    if (1..=MOST).contains(&same.len()) {
        return Some(question(&same));
    }
    nearest(written, names).map(|name| question(&[name]))
}

/// `did you mean `a` or `b`?`
pub(super) fn question<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    format!("did you mean {}?", names.join(" or "))
}

/// The name nearest to `written`, if it is near enough to be a typing error.
pub(crate) fn nearest<'a, S: AsRef<str>>(written: &str, names: &'a [S]) -> Option<&'a str> {
    let distance = |name: &str| strsim::damerau_levenshtein(written, name);
    let near = names.iter().map(AsRef::as_ref).min_by_key(|name| distance(name))?;
    let (written, other) = without_shared_tables(written, near);
    let allowed = (written.chars().count().max(other.chars().count()) + 1) / 3;
    (distance(near) <= allowed).then_some(near)
}

/// What is left of two dotted keys without the tables that both begin with.
fn without_shared_tables<'a>(mut left: &'a str, mut right: &'a str) -> (&'a str, &'a str) {
    while let (Some((table, rest)), Some((other, other_rest))) =
        (left.split_once('.'), right.split_once('.'))
        && table == other
    {
        (left, right) = (rest, other_rest);
    }
    (left, right)
}

/// The dotted `paths` whose last key is `key`, or the key nearest to it. None if there are too many to choose from.
pub(super) fn ending_in(paths: Vec<String>, key: &str) -> Vec<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let keys: Vec<String> = paths.iter().map(|path| last(path)).collect();
    let wanted =
        if keys.iter().any(|known| known == key) { Some(key) } else { nearest(key, &keys) };
    let mut found: Vec<String> =
        paths.iter().filter(|path| Some(last(path).as_str()) == wanted).cloned().collect();
    found.sort_by_key(|path| path.matches('.').count());
    found.dedup();
    if found.len() > MOST { Vec::new() } else { found }
}

/// Whether both names are of one thing: `ALE/Pong-v5` and `atari/pong`, `CartPole-v1` and `cartpole`.
fn is_same_thing(written: &str, name: &str) -> bool {
    let (written_family, written) = family_and_thing(written);
    let (family, thing) = family_and_thing(name);
    !thing.is_empty() && thing == written && (written_family.is_empty() || written_family == family)
}

/// The family and the thing in a name, in small letters and digits, without a version.
fn family_and_thing(name: &str) -> (String, String) {
    let small = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (family, thing) = name.rsplit_once('/').unwrap_or(("", name));
    let family = match small(family).as_str() {
        "ale" => "atari".to_owned(),
        family => family.to_owned(),
    };
    let versioned = thing.rsplit_once(['-', '_']).filter(|(_, version)| {
        let digits = version.strip_prefix(['v', 'V']).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
    });
    let thing = small(versioned.map_or(thing, |(thing, _)| thing));
    let short = ENDINGS.iter().find_map(|ending| thing.strip_suffix(ending));
    // Only Atari games have these endings.
    match short {
        Some(game) if versioned.is_some() => ("atari".to_owned(), game.to_owned()),
        _ => (family, thing),
    }
}

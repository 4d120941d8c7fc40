//! Patterns of names.

/// Whether all of `name` matches `pattern`, in which `*` stands for any text and `?` for any character.
pub fn matches_whole(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // matched[n]: the pattern so far matches the first n characters of the name.
    let mut matched = vec![false; name.len() + 1];
    matched[0] = true;
    for c in pattern.chars() {
        if c == '*' {
            let first = matched.iter().position(|&is| is).unwrap_or(name.len() + 1);
            (first..=name.len()).for_each(|end| matched[end] = true);
        } else {
            for end in (1..=name.len()).rev() {
                matched[end] = matched[end - 1] && (c == '?' || c == name[end - 1]);
            }
            matched[0] = false;
        }
    }
    matched[name.len()]
}

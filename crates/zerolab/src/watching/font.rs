//! A font of capitals, digits and signs with three by five pixels.

/// The width of a character in pixels, without the gap.
pub const WIDTH: usize = 3;
/// The height of a character in pixels.
pub const HEIGHT: usize = 5;

/// The rows of a character from top to bottom, three bits each; the highest bit is the leftmost pixel. An
/// unknown character is empty.
pub fn rows(character: char) -> [u8; HEIGHT] {
    // Each octal digit is a row.
    let rows: u16 = match character.to_ascii_uppercase() {
        'A' => 0o25755,
        'B' => 0o65656,
        'C' => 0o34443,
        'D' => 0o65556,
        'E' => 0o74647,
        'F' => 0o74644,
        'G' => 0o34553,
        'H' => 0o55755,
        'I' => 0o72227,
        'J' => 0o11152,
        'K' => 0o55655,
        'L' => 0o44447,
        'M' => 0o57755,
        'N' => 0o65555,
        'O' => 0o25552,
        'P' => 0o65644,
        'Q' => 0o25563,
        'R' => 0o65655,
        'S' => 0o34216,
        'T' => 0o72222,
        'U' => 0o55557,
        'V' => 0o55552,
        'W' => 0o55775,
        'X' => 0o55255,
        'Y' => 0o55222,
        'Z' => 0o71247,
        '0' => 0o75557,
        '1' => 0o26227,
        '2' => 0o71747,
        '3' => 0o71717,
        '4' => 0o55711,
        '5' => 0o74717,
        '6' => 0o74757,
        '7' => 0o71122,
        '8' => 0o75757,
        '9' => 0o75717,
        '+' => 0o02720,
        '-' => 0o00700,
        '.' => 0o00002,
        ',' => 0o00024,
        ':' => 0o02020,
        '=' => 0o07070,
        '_' => 0o00007,
        '/' => 0o11244,
        '[' => 0o64446,
        ']' => 0o31113,
        '(' => 0o24442,
        ')' => 0o21112,
        _ => 0,
    };
    [12, 9, 6, 3, 0].map(|shift| (rows >> shift & 0b111) as u8)
}

//! The digests of the golden files: CRC-32, bit by bit reversed, as zlib has it.

/// What each byte brings in.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = (byte as u32, 0);
        while bit < 8 {
            value = (value >> 1) ^ ((value & 1) * 0xedb8_8320);
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// The digest of what went before, and of `bytes`.
pub fn digest(before: u32, bytes: &[u8]) -> u32 {
    let step = |value: u32, &byte: &u8| (value >> 8) ^ TABLE[usize::from(value as u8 ^ byte)];
    !bytes.iter().fold(!before, step)
}

/// As the golden files write it.
pub fn hexadecimal(digest: u32) -> String {
    format!("{digest:08x}")
}

#[test]
fn it_is_the_standards_check_value() {
    assert_eq!(digest(digest(0, b"1234"), b"56789"), 0xcbf4_3926);
}

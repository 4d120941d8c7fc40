//! The framing of a TFRecord file: each record with its length and checksums.
//!
//! Source: "TFRecords format details" in TensorFlow's tutorial of TFRecord and `tf.train.Example`.

/// The polynomial 0x1EDC6F41 of CRC-32C with reversed bits (RFC 3720, section 12.1).
const REVERSED_POLYNOMIAL: u32 = 0x82F6_3B78;

/// Added to a checksum, because checksums of data that contain checksums are weak.
const MASK_DELTA: u32 = 0xA282_EAD8;

/// The frame of a record: the length of `data` (64 bits), the masked checksum of these 8 bytes (32 bits),
/// `data`, and the masked checksum of `data` (32 bits). Integers are little-endian.
pub fn frame(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut frame = Vec::with_capacity(data.len() + 16);
    frame.extend(length);
    frame.extend(masked(crc32c(&length)).to_le_bytes());
    frame.extend(data);
    frame.extend(masked(crc32c(data)).to_le_bytes());
    frame
}

/// A masked checksum: rotated right by 15 bits, plus a constant.
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(MASK_DELTA)
}

/// The checksum CRC-32C (Castagnoli) of `bytes`.
///
/// Computed bit by bit, without a table: a record has only about a hundred bytes.
pub fn crc32c(bytes: &[u8]) -> u32 {
    let remainder = bytes.iter().fold(u32::MAX, |remainder, &byte| {
        (0..8).fold(remainder ^ u32::from(byte), |remainder, _| {
            let carry = if remainder & 1 == 1 { REVERSED_POLYNOMIAL } else { 0 };
            (remainder >> 1) ^ carry
        })
    });
    !remainder
}

//! The framing of a TFRecord file: each record between its length and checksums.
//!
//! Source: "TFRecords format details" in TensorFlow's tutorial of TFRecord and `tf.train.Example`.

/// Polynomial 0x1EDC6F41 of CRC-32C, its bits reversed (RFC 3720, section 12.1).
const REVERSED_POLYNOMIAL: u32 = 0x82F6_3B78;

/// Added to a checksum, so that one of data that hold checksums is no special case.
const MASK_DELTA: u32 = 0xA282_EAD8;

/// A record as it stands in a file, with integers in little-endian order: the length of `data` (64 bits), the masked
/// checksum of those 8 bytes (32 bits), `data`, its masked checksum (32 bits).
pub fn frame(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut frame = Vec::with_capacity(data.len() + 16);
    frame.extend(length);
    frame.extend(masked(crc32c(&length)).to_le_bytes());
    frame.extend(data);
    frame.extend(masked(crc32c(data)).to_le_bytes());
    frame
}

/// A checksum as it stands in a file: rotated right by 15 bits, plus a constant.
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(MASK_DELTA)
}

/// The checksum CRC-32C (Castagnoli) of `bytes`.
///
/// Bit by bit, without a table: a record of training has a hundred bytes.
pub fn crc32c(bytes: &[u8]) -> u32 {
    let remainder = bytes.iter().fold(u32::MAX, |remainder, &byte| {
        (0..8).fold(remainder ^ u32::from(byte), |remainder, _| {
            let carry = if remainder & 1 == 1 { REVERSED_POLYNOMIAL } else { 0 };
            (remainder >> 1) ^ carry
        })
    });
    !remainder
}

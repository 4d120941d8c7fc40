//! Lossless compression of frames.
//!
//! The format is chosen by the numbers of a frame. Boards of zeros and ones (MinAtar) take a 32nd of their
//! size as `f32`, images of bytes (Atari) a quarter.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A frame of an observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Packed {
    /// Zeros and ones: how many there are, and eight of them in each byte, the first in the lowest bit.
    Bits(u32, Box<[u8]>),
    /// Multiples of 1/255 from 0 to 1.
    Bytes(Box<[u8]>),
    /// Any numbers.
    Reals(Box<[f32]>),
}

impl Packed {
    /// Packs `numbers` in the smallest format that holds them exactly.
    pub(super) fn pack(numbers: &[f32]) -> Self {
        let bit = |&number: &f32| same(number, 0.0) || same(number, 1.0);
        if let Ok(count) = u32::try_from(numbers.len())
            && numbers.iter().all(bit)
        {
            return Self::Bits(count, numbers.chunks(8).map(byte_of_bits).collect());
        }
        let bytes = numbers.iter().map(|&number| to_byte(number)).collect();
        let bytes: Option<Box<[u8]>> = bytes;
        bytes.map_or_else(|| Self::Reals(numbers.into()), Self::Bytes)
    }

    /// The numbers times 255, as bytes; `None` if they are not whole numbers from 0 to 255.
    pub(super) fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            Self::Bits(count, _) => {
                let mut row = Vec::with_capacity(*count as usize + 8);
                self.unpack(&mut row);
                Some(row.iter().map(|&number| if number > 0.0 { u8::MAX } else { 0 }).collect())
            }
            Self::Reals(_) => None,
        }
    }

    /// Appends the numbers to `row`.
    pub(super) fn unpack(&self, row: &mut Vec<f32>) {
        match self {
            Self::Bits(count, bytes) => {
                let end = row.len() + *count as usize;
                for byte in bytes {
                    row.extend_from_slice(
                        &[0, 1, 2, 3, 4, 5, 6, 7].map(|i| f32::from(byte >> i & 1)),
                    );
                }
                row.truncate(end);
            }
            Self::Bytes(bytes) => row.extend(bytes.iter().map(|&byte| from_byte(byte))),
            Self::Reals(numbers) => row.extend_from_slice(numbers),
        }
    }
}

/// Whether the bits are equal: -0 is not 0.
fn same(one: f32, other: f32) -> bool {
    one.to_bits() == other.to_bits()
}

fn byte_of_bits(numbers: &[f32]) -> u8 {
    numbers.iter().rev().fold(0, |byte, &number| byte << 1 | u8::from(number > 0.0))
}

fn from_byte(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

fn to_byte(number: f32) -> Option<u8> {
    let byte = (number * 255.0).round() as u8;
    same(number, from_byte(byte)).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::{Packed, from_byte};

    #[test]
    fn the_format_is_the_smallest_that_is_exact() {
        let bytes = |numbers: &[f32]| match Packed::pack(numbers) {
            Packed::Bits(_, bytes) | Packed::Bytes(bytes) => bytes.len(),
            Packed::Reals(numbers) => 4 * numbers.len(),
        };
        let mut numbers: Vec<f32> = (0..1000).map(|i| f32::from(i % 3 == 0)).collect();
        assert_eq!(bytes(&numbers), 125);
        for byte in 1..=254 {
            numbers[7] = from_byte(byte);
            assert_eq!(bytes(&numbers), 1000, "{byte}");
        }
        for other in [-0.0, 0.5, 1.5, -1.0, f32::NAN, f32::INFINITY, from_byte(7) + 1e-8] {
            numbers[7] = other;
            assert_eq!(bytes(&numbers), 4000, "{other}");
        }
    }
}

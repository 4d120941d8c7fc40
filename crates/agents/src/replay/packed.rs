//! Observations in little room, and without loss: what is unpacked has the bits of what was packed.
//!
//! Nobody has to say what an observation is made of: its numbers show it. Boards of zeros and ones (MinAtar) take
//! a 32nd of their numbers' room, images of 256 shades (Atari) a quarter.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A frame of an observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Packed {
    /// Only zeros and ones, so many of them: eight to a byte, the first in the lowest bit.
    Bits(u32, Box<[u8]>),
    /// Only multiples of 1/255 from 0 to 1.
    Bytes(Box<[u8]>),
    /// Any numbers.
    Reals(Box<[f32]>),
}

impl Packed {
    /// In the least room that holds `numbers` exactly.
    pub(super) fn pack(numbers: &[f32]) -> Self {
        let bit = |&number: &f32| same(number, 0.0) || same(number, 1.0);
        if let Ok(count) = u32::try_from(numbers.len())
            && numbers.iter().all(bit)
        {
            return Self::Bits(count, numbers.chunks(8).map(byte_of_bits).collect());
        }
        let bytes = numbers.iter().map(|&number| byte_of_shade(number)).collect();
        let bytes: Option<Box<[u8]>> = bytes;
        bytes.map_or_else(|| Self::Reals(numbers.into()), Self::Bytes)
    }

    /// The shades from 0 to 255 of an image.
    pub(super) fn shades(&self) -> Option<Cow<'_, [u8]>> {
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

    /// Adds the numbers to `row`.
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
            Self::Bytes(bytes) => row.extend(bytes.iter().map(|&byte| shade(byte))),
            Self::Reals(numbers) => row.extend_from_slice(numbers),
        }
    }
}

/// By their bits: -0 is not 0.
fn same(one: f32, other: f32) -> bool {
    one.to_bits() == other.to_bits()
}

fn byte_of_bits(numbers: &[f32]) -> u8 {
    numbers.iter().rev().fold(0, |byte, &number| byte << 1 | u8::from(number > 0.0))
}

fn shade(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

fn byte_of_shade(number: f32) -> Option<u8> {
    let byte = (number * 255.0).round() as u8;
    same(number, shade(byte)).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::{Packed, shade};

    #[test]
    fn an_observation_takes_as_little_room_as_its_numbers_allow() {
        let bytes = |numbers: &[f32]| match Packed::pack(numbers) {
            Packed::Bits(_, bytes) | Packed::Bytes(bytes) => bytes.len(),
            Packed::Reals(numbers) => 4 * numbers.len(),
        };
        let mut numbers: Vec<f32> = (0..1000).map(|i| f32::from(i % 3 == 0)).collect();
        assert_eq!(bytes(&numbers), 125);
        for byte in 1..=254 {
            numbers[7] = shade(byte);
            assert_eq!(bytes(&numbers), 1000, "{byte}");
        }
        for other in [-0.0, 0.5, 1.5, -1.0, f32::NAN, f32::INFINITY, shade(7) + 1e-8] {
            numbers[7] = other;
            assert_eq!(bytes(&numbers), 4000, "{other}");
        }
    }
}

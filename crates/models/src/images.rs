//! Images kept on a device as bytes, from which observations are put together there.

use candle_core::{Result, Tensor, bail};

use crate::device::{Device, Precision};
use crate::ops;

/// Numbers of images, which stand in a look as floating-point numbers, are exact below this.
const MOST: usize = 1 << f32::MANTISSA_DIGITS;

/// Room on a device for so many images of one shape. What is read again and again crosses the bus once.
#[derive(Debug)]
pub struct Images {
    /// `[count, words]`: four bytes to a number, whose bits they are.
    bytes: Tensor,
    shape: [usize; 3],
    device: Device,
}

/// An observation to be put together.
#[derive(Clone, Debug)]
pub struct Look {
    /// The places of the images that it consists of, oldest first.
    pub parts: Vec<u32>,
    /// How many rows further down, and columns further right, each cell is read.
    pub offset: (i64, i64),
    /// What shades are multiplied by.
    pub factor: f32,
}

impl Images {
    /// Room for `count` images `[planes, height, width]`.
    ///
    /// # Errors
    /// If there are too many, or there is not memory enough.
    pub fn new(device: &Device, count: usize, shape: [usize; 3]) -> Result<Self> {
        if count > MOST {
            bail!("no more than {MOST} images can be kept on a device, not {count}");
        }
        let words = shape.iter().product::<usize>().div_ceil(ops::BYTES);
        Ok(Self { bytes: device.zeros((count, words))?, shape, device: device.clone() })
    }

    /// Keeps images, shades from 0 to 255, at the place `first` and those behind it.
    ///
    /// # Errors
    /// If they are of another size, or there is no such place.
    pub fn put(&self, first: usize, images: &[&[u8]]) -> Result<()> {
        let words = self.bytes.dim(1)?;
        let mut numbers = Vec::with_capacity(images.len() * words);
        for image in images {
            numbers.extend(image.chunks(ops::BYTES).map(|bytes| {
                let mut word = [0; ops::BYTES];
                word[..bytes.len()].copy_from_slice(bytes);
                f32::from_bits(u32::from_le_bytes(word))
            }));
        }
        self.bytes.slice_set(&self.device.upload(numbers, (images.len(), words))?, 0, first)
    }

    /// Observations as rows of cells `[B·P, planes of all parts]`, in the precision of the network that sees them.
    ///
    /// # Errors
    /// If they do not all have as many parts.
    pub fn look(&self, looks: &[Look], precision: Precision) -> Result<Tensor> {
        let mut numbers = Vec::new();
        for Look { parts, offset: (down, right), factor } in looks {
            numbers.extend(parts.iter().map(|&part| part as f32));
            numbers.extend([*down as f32, *right as f32, *factor]);
        }
        let width = numbers.len() / looks.len().max(1);
        let looks = self.device.upload(numbers, (looks.len(), width))?;
        ops::look(&self.bytes, &looks, self.shape, precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also compares the kernel with the processor (`ops::run`).
    #[test]
    fn an_observation_is_put_together_of_its_parts() {
        let shape = [2, 3, 5];
        let images = Images::new(&Device::cpu(), 4, shape).unwrap();
        let image = |n: u8| (0..30).map(|i| n * 60 + 2 * i).collect::<Vec<u8>>();
        let all: Vec<Vec<u8>> = (0..4).map(image).collect();
        images.put(2, &[&all[2], &all[3]]).unwrap();
        images.put(0, &[&all[0], &all[1]]).unwrap();
        let looks = [
            Look { parts: vec![3, 0], offset: (0, 0), factor: 1.0 },
            Look { parts: vec![1, 2], offset: (1, -2), factor: 0.5 },
        ];
        let rows = images.look(&looks, Precision::F32).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(rows.len(), 30);
        for (place, row) in rows.iter().enumerate() {
            let Look { parts, offset: (down, right), factor } = &looks[place / 15];
            let y = (place as i64 / 5 % 3 + down).clamp(0, 2) as usize;
            let x = (place as i64 % 5 + right).clamp(0, 4) as usize;
            for (channel, found) in row.iter().enumerate() {
                let shade = all[parts[channel / 2] as usize][(channel % 2 * 3 + y) * 5 + x];
                assert_eq!(*found, factor * (f32::from(shade) / 255.0));
            }
        }
    }
}

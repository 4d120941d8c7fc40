//! Images that a device stores as bytes, and observations that are assembled from them there.
//!
//! An image that is used in many observations is uploaded once.

use candle_core::{Result, Tensor, bail};

use crate::device::Device;
use crate::ops;
use crate::precision::Precision;

/// Indices of images are passed as floating-point numbers, which are exact below this.
const MAX_IMAGES: usize = 1 << f32::MANTISSA_DIGITS;

/// A device's memory for a number of images of one shape.
#[derive(Debug)]
pub struct Images {
    /// `[count, words]`: each number's bits are four bytes.
    bytes: Tensor,
    shape: [usize; 3],
    device: Device,
}

/// An observation to assemble from stored images.
#[derive(Clone, Debug)]
pub struct FrameView {
    /// Indices of its images, oldest first.
    pub parts: Vec<u32>,
    /// Each cell is read so many rows further down and columns further right. Beyond an edge, the edge is
    /// repeated.
    pub offset: (i64, i64),
    /// Factor of the shades, which are from 0 to 1.
    pub factor: f32,
}

impl Images {
    /// Memory for `count` images `[planes, height, width]`.
    ///
    /// # Errors
    /// If `count` is too large, or the device is out of memory.
    pub fn new(device: &Device, count: usize, shape: [usize; 3]) -> Result<Self> {
        if count > MAX_IMAGES {
            bail!("a device can store at most {MAX_IMAGES} images, not {count}");
        }
        let words = shape.iter().product::<usize>().div_ceil(ops::BYTES);
        Ok(Self { bytes: device.zeros((count, words))?, shape, device: device.clone() })
    }

    /// Stores images of shades from 0 to 255 at the indices from `first` on.
    ///
    /// # Errors
    /// If an image has another size, or an index is out of range.
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

    /// Observations as rows of cells `[B·P, planes of all images]`, in this precision.
    ///
    /// # Errors
    /// If the observations have different numbers of images.
    pub fn observations(&self, views: &[FrameView], precision: Precision) -> Result<Tensor> {
        let mut numbers = Vec::new();
        for FrameView { parts, offset: (down, right), factor } in views {
            numbers.extend(parts.iter().map(|&part| part as f32));
            numbers.extend([*down as f32, *right as f32, *factor]);
        }
        let width = numbers.len() / views.len().max(1);
        let views = self.device.upload(numbers, (views.len(), width))?;
        ops::frame_views(&self.bytes, &views, self.shape, precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also compares the kernel with the CPU (`ops::run`).
    #[test]
    fn an_observation_is_assembled_from_its_images() {
        let shape = [2, 3, 5];
        let images = Images::new(&Device::cpu(), 4, shape).unwrap();
        let image = |n: u8| (0..30).map(|i| n * 60 + 2 * i).collect::<Vec<u8>>();
        let all: Vec<Vec<u8>> = (0..4).map(image).collect();
        images.put(2, &[&all[2], &all[3]]).unwrap();
        images.put(0, &[&all[0], &all[1]]).unwrap();
        let views = [
            FrameView { parts: vec![3, 0], offset: (0, 0), factor: 1.0 },
            FrameView { parts: vec![1, 2], offset: (1, -2), factor: 0.5 },
        ];
        let rows = images.observations(&views, Precision::F32).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(rows.len(), 30);
        for (place, row) in rows.iter().enumerate() {
            let FrameView { parts, offset: (down, right), factor } = &views[place / 15];
            let y = (place as i64 / 5 % 3 + down).clamp(0, 2) as usize;
            let x = (place as i64 % 5 + right).clamp(0, 4) as usize;
            for (channel, found) in row.iter().enumerate() {
                let shade = all[parts[channel / 2] as usize][(channel % 2 * 3 + y) * 5 + x];
                assert_eq!(*found, factor * (f32::from(shade) / 255.0));
            }
        }
    }
}

//! How fast a device multiplies matrices: what a share of its peak is a share of.

use std::time::Instant;

use candle_core::Result;

use crate::device::Device;
use crate::ops;

/// Rows and columns of the factors on the processor, and on a GPU, which smaller ones do not fill.
const SIDES: [usize; 2] = [1024, 8192];
/// Products in one measurement.
const PRODUCTS: usize = 8;
/// Measurements, of which the fastest counts.
const REPEATS: usize = 5;

/// Floating-point operations a second in products of two square matrices in single precision.
///
/// # Errors
/// If the device fails.
pub fn measured_peak(device: &Device) -> Result<f64> {
    let side = SIDES[usize::from(device.is_cuda())];
    let factor = device.upload(vec![0.5f32; side * side], (side, side))?;
    let operations = (2 * side.pow(3) * PRODUCTS) as f64;
    let mut fastest = 0f64;
    for _ in 0..REPEATS {
        let begun = Instant::now();
        let mut product = factor.clone();
        for _ in 0..PRODUCTS {
            product = ops::product(&factor, &product)?;
        }
        // A GPU's work is done when one of its numbers is here.
        device.download::<f32>(&product.narrow(0, 0, 1)?.narrow(1, 0, 1)?)?;
        fastest = fastest.max(operations / begun.elapsed().as_secs_f64());
    }
    Ok(fastest)
}

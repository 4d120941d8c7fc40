//! The peak speed of a device, measured by products of large matrices.

use std::time::Instant;

use candle_core::Result;

use crate::device::Device;
use crate::ops;

/// Rows and columns of the matrices on the processor and on a GPU, which smaller ones would not occupy fully.
const SIDES: [usize; 2] = [1024, 8192];
/// Products in one measurement.
const PRODUCTS: usize = 8;
/// Measurements. The fastest counts.
const REPEATS: usize = 5;

/// Floating-point operations per second in products of two square matrices in single precision.
///
/// # Errors
/// If the device fails.
pub fn measured_peak_flops(device: &Device) -> Result<f64> {
    let side = SIDES[usize::from(device.is_cuda())];
    let factor = device.upload(vec![0.5f32; side * side], (side, side))?;
    let operations = (2 * side.pow(3) * PRODUCTS) as f64;
    let mut fastest = 0f64;
    for _ in 0..REPEATS {
        let start = Instant::now();
        let mut product = factor.clone();
        for _ in 0..PRODUCTS {
            product = ops::matrix_product(&factor, &product)?;
        }
        // A download waits until the GPU has finished.
        device.download::<f32>(&product.narrow(0, 0, 1)?.narrow(1, 0, 1)?)?;
        fastest = fastest.max(operations / start.elapsed().as_secs_f64());
    }
    Ok(fastest)
}

//! The least time of a device.

use zerolab_metrics::{Bound, Roofline};

/// An H100 by its data sheet, in bfloat16: 989 TFLOP/s and 3.35 TB/s. The ridge is at 295 operations per
/// byte.
const H100: Roofline = Roofline { peak: 989e12, bandwidth: 3.35e12 };

#[test]
fn whichever_takes_longer_limits_a_device() {
    let at = |intensity: u64| H100.at_least(intensity * 1_000_000_000, 1_000_000_000).1;
    assert_eq!(at(295), Bound::Memory);
    assert_eq!(at(296), Bound::Arithmetic);
    // All of EfficientZero's training on Atari 100k: 3.7e17 operations.
    let (seconds, bound) = H100.at_least(370_000_000_000_000_000, 0);
    assert!((seconds - 374.1).abs() < 0.1, "{seconds}");
    assert_eq!(bound.name(), "arithmetic");
}

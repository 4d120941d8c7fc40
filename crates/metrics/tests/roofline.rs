//! What a device takes at least.

use zerolab_metrics::{Bound, Roofline};

/// An H100 by its data sheet, in bfloat16: 989 TFLOP/s and 3.35 TB/s, a ridge at 295 operations a byte.
const H100: Roofline = Roofline { peak: 989e12, bandwidth: 3.35e12 };

#[test]
fn whichever_takes_longer_holds_a_device_up() {
    let at = |intensity: u64| H100.at_least(intensity * 1_000_000_000, 1_000_000_000).1;
    assert_eq!(at(295), Bound::Memory);
    assert_eq!(at(296), Bound::Arithmetic);
    // The whole of EfficientZero's setting, 3.7e17 operations.
    let (seconds, bound) = H100.at_least(370_000_000_000_000_000, 0);
    assert!((seconds - 374.1).abs() < 0.1, "{seconds}");
    assert_eq!(bound.name(), "arithmetic");
}

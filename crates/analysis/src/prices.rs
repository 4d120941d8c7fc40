//! Reference prices of hardware, as the report states them: one price sheet per kind of device.
//!
//! They serve to compare agents and are no bill. Each has its source and date.

use zerolab_metrics::PriceSheet;

/// Real steps per second of play, also for environments without a clock: Atari's 60 frames per second at
/// frame skip 4.
pub(crate) const REAL_STEPS_PER_SECOND: f64 = 15.0;

/// The price sheet for a manifest's device: `cpu` or `cuda:N`.
pub(crate) fn price_sheet(device: &str) -> Option<PriceSheet> {
    if device.starts_with("cpu") {
        // 10 W per core is an assumption: server processors of 150–300 W have 18–32 cores.
        Some(PriceSheet {
            hardware: "one core of a rented server".to_owned(),
            devices: 1.0,
            dollars_per_hour: 0.085,
            watts: 10.0,
            source:
                "AWS EC2 user guide, example on-demand price of c5.2xlarge, US East: $0.34 for 4 \
                cores; 10 W a core assumed"
                    .to_owned(),
            date: "2026-11".to_owned(),
        })
    } else if device.starts_with("cuda") {
        Some(PriceSheet {
            hardware: "one RTX 3090".to_owned(),
            devices: 1.0,
            dollars_per_hour: 0.18,
            watts: 350.0,
            source: "vast.ai in Epoch's table of GPU prices; rated power".to_owned(),
            date: "2024-2025".to_owned(),
        })
    } else {
        None
    }
}

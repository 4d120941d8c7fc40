//! The main memory of the machine, so that networks that cannot fit are refused before they are made.

/// The bytes of main memory that this process may use: the machine's, or a smaller limit of its control group. `None`
/// where the system does not say.
#[must_use]
pub fn machine_memory() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
        let limit = |path| std::fs::read_to_string(path).ok()?.trim().parse().ok();
        let total = std::fs::read_to_string("/proc/meminfo").ok()?;
        let total = total.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        let total: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(limits.into_iter().filter_map(limit).fold(total * 1024, u64::min))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Bytes as gigabytes with one decimal.
pub(crate) fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

//! The memory and processor time of this process.

/// The peak resident memory of this process so far, in bytes; 0 if the system does not report it.
pub fn peak_memory_bytes() -> u64 {
    system::peak_memory_bytes().unwrap_or(0)
}

/// The processor time of this process so far, user and system, over all threads, in seconds; 0 if the system
/// does not report it. Unlike wall-clock time it hardly depends on other processes.
pub fn processor_seconds() -> f64 {
    system::processor_seconds().unwrap_or(0.0)
}

#[cfg(unix)]
mod system {
    use nix::sys::resource::{Usage, UsageWho, getrusage};
    use nix::sys::time::TimeVal;

    fn usage() -> Option<Usage> {
        getrusage(UsageWho::RUSAGE_SELF).ok()
    }

    pub fn processor_seconds() -> Option<f64> {
        let usage = usage()?;
        Some(seconds(usage.user_time()) + seconds(usage.system_time()))
    }

    fn seconds(time: TimeVal) -> f64 {
        time.tv_sec() as f64 + time.tv_usec() as f64 * 1e-6
    }

    pub fn peak_memory_bytes() -> Option<u64> {
        #[cfg(target_os = "linux")]
        if let Some(bytes) = high_water_mark() {
            return Some(bytes);
        }
        // macOS reports bytes, all other systems kibibytes.
        let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
        Some(u64::try_from(usage()?.max_rss()).ok()? * unit)
    }

    /// `VmHWM` of `/proc/self/status`. It is preferred where it exists: `ru_maxrss` of Linux is at least that
    /// of the parent process when it started this one.
    #[cfg(target_os = "linux")]
    fn high_water_mark() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(kibibytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }
}

#[cfg(not(unix))]
mod system {
    pub fn peak_memory_bytes() -> Option<u64> {
        None
    }

    pub fn processor_seconds() -> Option<f64> {
        None
    }
}

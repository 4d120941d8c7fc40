//! Devices by name.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A device by name: `cpu`, `cuda` or `cuda:N`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^(cpu|cuda(:[0-9]+)?)$"))]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// The NVIDIA GPU of this number, from 0. `cuda` is `cuda:0`.
    Cuda(usize),
}

/// Why a device is not available.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The program was built without CUDA.
    #[error(
        "this build computes on the CPU only, not on `{0}`: build it with `just cuda`, or leave the device out"
    )]
    NotBuilt(DeviceName),
    /// The machine has no such GPU, or no driver.
    #[error("`{name}` is not available: {reason}; `cpu` always is")]
    Absent {
        /// The requested device.
        name: DeviceName,
        /// The reason that the driver gave.
        reason: String,
    },
}

impl DeviceName {
    /// Checks that the device is available, without opening it.
    ///
    /// # Errors
    /// If this build or this machine does not have the device.
    pub fn check(self) -> std::result::Result<(), DeviceError> {
        match self {
            Self::Cpu => Ok(()),
            #[cfg(feature = "cuda")]
            Self::Cuda(number) => crate::gpu::check(number)
                .map_err(|reason| DeviceError::Absent { name: self, reason }),
            #[cfg(not(feature = "cuda"))]
            Self::Cuda(_) => Err(DeviceError::NotBuilt(self)),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let number = match (name, name.strip_prefix("cuda:")) {
            ("cpu", _) => return Ok(Self::Cpu),
            ("cuda", _) => Some(0),
            (_, number) => number.and_then(|number| number.parse().ok()),
        };
        number.map(Self::Cuda).ok_or_else(|| {
            let help = match meant(name) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "it is `cpu`, `cuda` or `cuda:N`".to_owned(),
            };
            format!("there is no device `{name}`: {help}")
        })
    }
}

/// The device that another spelling names, such as `gpu0`, `GPU:1` or `cuda1`.
fn meant(name: &str) -> Option<DeviceName> {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[word.len()..];
    let word = word.trim_end_matches([':', '-', '_', ' ']).to_ascii_lowercase();
    match word.as_str() {
        "cpu" => Some(DeviceName::Cpu),
        "cuda" | "gpu" | "nvidia" if number.is_empty() => Some(DeviceName::Cuda(0)),
        "cuda" | "gpu" | "nvidia" => number.parse().ok().map(DeviceName::Cuda),
        _ => None,
    }
}

impl TryFrom<String> for DeviceName {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, String> {
        name.parse()
    }
}

impl From<DeviceName> for String {
    fn from(name: DeviceName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(0) => formatter.write_str("cuda"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_name_can_be_read() {
        for name in [DeviceName::Cpu, DeviceName::Cuda(0), DeviceName::Cuda(3)] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for wrong in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0"] {
            assert!(wrong.parse::<DeviceName>().is_err(), "{wrong}");
        }
        for (written, meant) in [("gpu0", "`cuda`?"), ("GPU:1", "`cuda:1`?"), ("CPU", "`cpu`?")] {
            let message = written.parse::<DeviceName>().expect_err("another spelling");
            assert!(message.ends_with(&format!("did you mean {meant}")), "{message}");
        }
    }
}

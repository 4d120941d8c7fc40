//! The error message for a GPU that is out of memory.

use candle_core::Error;

/// Adds the requested size and advice to an out-of-memory error. Returns other errors unchanged.
pub(crate) fn explain_out_of_memory(error: Error, bytes: usize) -> Error {
    if error.to_string().contains("OUT_OF_MEMORY") {
        let mebibytes = bytes as f64 / f64::from(1 << 20);
        Error::msg(format!(
            "out of GPU memory: {mebibytes:.1} MiB more were requested; use a smaller batch, a smaller \
             network or fewer jobs"
        ))
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_memory_says_how_much_was_asked_for() {
        let error = |text: &str| explain_out_of_memory(Error::msg(text), 3 << 20).to_string();
        let full = error("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")");
        assert!(full.contains("out of GPU memory: 3.0 MiB"), "{full}");
        assert!(error("another").starts_with("another"));
    }
}

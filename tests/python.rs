//! Runs in environments of a user's own, in Python. `ZEROLAB_PYTHON` names an interpreter with numpy.

// It has what other tests need too.
#[allow(dead_code, unused_imports)]
mod harness;

mod python {
    mod failures;
    mod killed;
    mod lab;
    mod planning;
}

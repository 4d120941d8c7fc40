//! Environments in Python, with a real interpreter: `ZEROLAB_PYTHON` names one with numpy, gymnasium, minigrid and MinAtar.

mod python {
    mod bad;
    mod gymnasium;
    mod own;
    mod worlds;
}

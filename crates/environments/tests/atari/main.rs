//! The games of the Atari 2600 against ale-py and OpenCV (`golden/atari.py`).

mod copies;
mod digest;
mod frames;
mod resize;
mod settings;
mod steps;

//! The MinAtar games against the package `minatar` (`golden/minatar_games.py`, `golden/breakout.py`).

mod breakout;
mod random_policy;
mod recorded;
mod settings;

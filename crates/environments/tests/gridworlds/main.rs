//! The worlds with exact solutions: their anchors against numbers computed elsewhere, and their rules in
//! scripted episodes.

mod agreement;
mod anchors;
mod brute_force;
mod scripted;
mod touching;

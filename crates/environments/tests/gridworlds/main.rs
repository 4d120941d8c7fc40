//! The worlds with exact solutions: their anchors against numbers computed elsewhere, and their rules in
//! scripted episodes.

mod anchors;
mod scripted;
mod touching;

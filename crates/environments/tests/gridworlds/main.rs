//! The gridworlds: exactly known policies against numbers computed elsewhere, and the rules in scripted episodes.

mod agreement;
mod anchors;
mod brute_force;
mod proxy_coin;
mod scripted;
mod starting_beyond;
mod touching;

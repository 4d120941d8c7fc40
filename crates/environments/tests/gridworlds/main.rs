//! The gridworlds: exactly known policies against numbers computed elsewhere, and the rules in scripted episodes.

mod action_values;
mod agreement;
mod anchors;
mod brute_force;
mod forbidden_shortcut;
mod plans;
mod proxy_coin;
mod scripted;
mod starting_beyond;
mod tamper_plans;
mod touching;
mod what_pays;

//! Shows a watched episode: the observation as a picture, beside it the agent's decision.

mod animation;
mod bitmap;
mod controls;
mod decision;
mod font;
mod panel;
mod picture;
mod text;

pub use animation::Animation;
pub use controls::Controls;
pub use text::Text;

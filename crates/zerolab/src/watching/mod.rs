//! Shows a watched episode: the observation as a picture, beside it the agent's decision.

mod animation;
mod bitmap;
mod decision;
mod font;
mod picture;
mod text;

pub use animation::Animation;
pub use text::Text;

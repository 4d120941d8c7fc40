//! How a watched episode is shown: what the agent sees as a picture, and beside it what it thinks.

mod animation;
mod canvas;
mod font;
mod picture;
mod text;

pub use animation::Animation;
pub use text::Text;

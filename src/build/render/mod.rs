//! Slides become pages: theme, media renditions, fonts.
//! Never knows time.

mod assets;
pub mod cache;
mod fonts;
mod output;
mod page;
pub mod picture;
mod renderer;
mod theme;
mod typography;
mod words;

pub use output::{Listed, Page, Rendered, page_path};
pub use renderer::Renderer;
pub use theme::Theme;

//! Renders slides into pages: theme, media renditions, fonts.
//! Never knows time.

mod assets;
pub mod cache;
mod fonts;
mod labels;
mod output;
mod page;
pub mod picture;
mod renderer;
mod theme;
mod typography;

pub use output::{ListedFile, RenderedFile, page_path};
pub use renderer::Renderer;
pub use theme::Theme;

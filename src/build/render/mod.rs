//! Renders slides into pages: theme, media renditions, fonts.
//! Never knows time.

mod assets;
mod binding;
pub mod cache;
mod chinese;
mod clocks;
mod colors;
mod coverage;
mod crops;
mod font_file;
mod fonts;
mod glyph_check;
mod jpeg_data;
mod labels;
mod markup;
mod output;
mod page;
pub mod picture;
mod renderer;
mod room;
mod room_faults;
mod subset;
mod theme;
mod theme_check;
mod typography;
mod woff2;
mod words;

pub use assets::decode;
pub use crops::check as check_crops;
pub use glyph_check::{check_glyphs, unreadable_fonts};
pub use output::{ListedFile, RenderedFile, page_path};
pub use renderer::Renderer;
pub use room::{SlideText, TextRoom};
pub use room_faults::{face_too_small, may_not_fit};
pub use theme::Theme;
pub use theme_check::{check_theme, source_faults};

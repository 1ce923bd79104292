//! The content as values: what the files say once they are valid. Later stages see only these.
//! Never does I/O; `source` reads.

mod agencies;
mod build;
mod calendar;
pub mod choose;
mod cross_checks;
mod ended_agencies;
pub mod faces;
mod playlists;
mod settings;
mod sites;
mod slide_body;
mod slide_film;
mod slide_media;
mod slide_parts;
mod slides;
mod theme;
mod title_month;
pub mod values;
mod windows;
pub mod written;

pub use build::{LoadedContent, build_content, build_with_cached};
pub use cross_checks::{unused_media, unused_slides};
pub use settings::{theme_name, time_zone};
pub use slides::{CATEGORIES, KeptSlides};
pub use theme::{Layout, Layouts};

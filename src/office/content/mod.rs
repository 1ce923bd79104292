//! Commands about a content folder: find its faults, preview it, build it, ask what is on a screen.
//! Never sign.

pub mod at;
mod at_text;
pub mod build;
pub mod check;
pub mod measure_bar;
pub mod preview;
pub mod revise;
pub mod schema;

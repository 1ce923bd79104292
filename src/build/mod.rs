//! Turns content into programs: renders pages (`render`), packs manifests, writes folders, caches results for the next build.
//! Never handles keys.

pub mod assemble;
pub mod cache;
pub mod check;
pub mod compile;
pub mod draft;
pub mod folder;
pub mod folders;
pub mod inputs;
pub mod pictures;
mod plan_check;
pub mod preflight;
pub mod reading;
pub mod render;
mod room;

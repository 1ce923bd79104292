//! Content becomes programs: pages rendered (`render`), manifests packed, folders written, and what one build remembers for the next.
//! Never knows a key.

pub mod assemble;
pub mod built;
pub mod cache;
pub mod compile;
pub mod draft;
pub mod folder;
pub mod folders;
pub mod render;

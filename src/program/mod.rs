//! The program: its manifest, what makes one well formed, and what it shows when. Shared by both binaries.
//! Never knows a key.

pub mod at;
#[cfg(feature = "office")]
pub mod changes;
#[cfg(feature = "office")]
pub mod changes_text;
#[cfg(feature = "office")]
pub mod dependencies;
pub mod manifest;
pub mod schedule;
pub mod shell;
pub mod show;
pub mod validate;

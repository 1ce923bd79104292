//! Programs: the manifest, its validation, and what it shows at a moment. Shared by both binaries.
//! Never handles keys.

pub mod at;
#[cfg(feature = "office")]
pub mod changes;
#[cfg(feature = "office")]
pub mod changes_text;
#[cfg(feature = "office")]
pub mod dependencies;
pub mod manifest;
#[cfg(feature = "office")]
pub mod page_text;
pub mod schedule;
pub mod shell;
pub mod show;
pub mod validate;

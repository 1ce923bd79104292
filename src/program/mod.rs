//! Programs: the manifest, its validation, and what it shows at a moment. Shared by both binaries.
//! Never handles keys.

#[cfg(feature = "office")]
pub mod airtime;
#[cfg(feature = "office")]
pub mod airtime_text;
pub mod at;
#[cfg(feature = "office")]
pub mod changes;
#[cfg(feature = "office")]
pub mod changes_text;
#[cfg(feature = "office")]
pub mod dependencies;
#[cfg(feature = "office")]
pub mod field_text;
pub mod manifest;
#[cfg(feature = "office")]
pub mod page_text;
pub mod schedule;
#[cfg(feature = "office")]
pub mod screen_content;
pub mod shell;
pub mod show;
#[cfg(feature = "office")]
pub mod times_text;
pub mod validate;
